import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Consumer, type ConsumerDeps, createConsumer } from '../../src/consumers/consumer.ts'
import type { Position } from '../../src/domain/cursor.ts'
import type { Group } from '../../src/domain/group.ts'
import type { OpenedStore } from '../contracts/store.ts'
import { openEmpty } from '../store/open.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, history, newId, t0, user } from '../support/samples.ts'

let opened: OpenedStore
before(async () => {
  opened = await openEmpty()
})
after(() => opened.close())

/** A consumer of one entry at a time, what it took, and what went wrong. */
function start(over: Partial<ConsumerDeps> = {}) {
  const { store } = opened
  const taken: string[] = []
  const failures: Record<string, unknown>[] = []
  const take = async (groupId: string, from: Position): Promise<Position> => {
    const { messages, changes } = await store.log.read(groupId, from, 1)
    const [message, change] = [messages[0], changes[0]]
    if (message) taken.push(`${groupId} message ${message.seq}`)
    else if (change) taken.push(`${groupId} change ${change.rev}`)
    return { seq: message?.seq ?? from.seq, rev: message ? from.rev : (change?.rev ?? from.rev) }
  }
  const consumer: Consumer = createConsumer({
    store,
    name: newId(),
    take,
    clock: () => performance.now(),
    log: { warn: (_event, fields) => void failures.push(fields) },
    ...over,
  })
  const of = (group: Group) =>
    taken.filter((entry) => entry.startsWith(group.id)).map((entry) => entry.slice(25))
  const hasTaken = (group: Group, last: string) =>
    eventually(`${last} is taken`, () => of(group).at(-1) === last)
  return { consumer, take, of, failures, hasTaken }
}

const anns = () => aGroup(opened.store, { members: ['ann'] })

test('a consumer takes what happened before and while it is there, each entry once and in order, also after a restart', async () => {
  const { store } = opened
  const [one, two] = [await anns(), await anns()]
  await history(store, one, 3)
  const name = newId()
  const first = start({ name })
  await first.hasTaken(one, 'message 3')
  await history(store, two, 1)
  await store.groups.update(one.id, { name: 'New' }, user('olga'), t0)
  await first.hasTaken(two, 'message 1')
  await first.hasTaken(one, 'change 1')
  assert.deepEqual(first.of(one), ['message 1', 'message 2', 'message 3', 'change 1'])
  await eventually('nothing waits', () => first.consumer.lagMs() === 0)
  await first.consumer.stop()
  assert.equal(first.consumer.lagMs(), null)

  await history(store, two, 1)
  const second = start({ name })
  await second.hasTaken(two, 'message 2')
  assert.deepEqual([second.of(one), second.of(two)], [[], ['message 2']])
  await second.consumer.stop()
})

test('one that begins now takes nothing of before, and all of a group that is made later', async () => {
  const { store } = opened
  const old = await anns()
  await history(store, old, 2)
  const name = newId()
  const { consumer, of, hasTaken } = start({ name, fromNow: true })
  await eventually('it has begun', async () => (await store.feed.load(name)) !== null)
  await history(store, old, 1)
  const made = await anns()
  await history(store, made, 2)
  await hasTaken(old, 'message 3')
  await hasTaken(made, 'message 2')
  assert.deepEqual([of(old), of(made)], [['message 3'], ['message 1', 'message 2']])
  await consumer.stop()
})

test('a group that fails is tried again, and by the next consumer too, while others go on', async () => {
  const { store } = opened
  const [bad, good] = [await anns(), await anns()]
  const name = newId()
  let isMended = false
  const first = start({
    name,
    async take(groupId, from) {
      if (groupId === bad.id && !isMended) throw new Error('not now')
      return first.take(groupId, from)
    },
  })
  await history(store, bad, 1)
  await history(store, good, 1)
  await first.hasTaken(good, 'message 1')
  await eventually('it is tried again', () => first.failures.length > 1)
  assert.deepEqual([first.failures[0]?.group_id, first.failures[0]?.retry_ms], [bad.id, 1_000])
  assert.ok((first.consumer.lagMs() ?? 0) > 0)
  isMended = true
  await first.hasTaken(bad, 'message 1')
  isMended = false
  await history(store, bad, 1)
  await history(store, good, 1)
  await first.hasTaken(good, 'message 2')
  await first.consumer.stop()

  const second = start({ name })
  await second.hasTaken(bad, 'message 2')
  assert.deepEqual([second.of(bad), second.of(good)], [['message 2'], []])
  await second.consumer.stop()
})

test('without the lease nothing is taken', async () => {
  const group = await anns()
  await history(opened.store, group, 1)
  let asked = 0
  const lease = { take: async () => ++asked < 0, release: async () => undefined }
  const { consumer, of } = start({ store: { feed: opened.store.feed, lease } })
  await eventually('it asks again', () => asked > 1)
  assert.deepEqual([of(group), consumer.lagMs()], [[], null])
  await consumer.stop()
})
