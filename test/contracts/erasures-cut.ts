import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createErasures } from '../../src/chat/erasures.ts'
import { ChatError } from '../../src/domain/errors.ts'
import type { Store } from '../../src/store/store.ts'
import { eventually } from '../support/eventually.ts'
import { aFile, aGroup, aSend, newId, numbers, t0, user } from '../support/samples.ts'
import type { OpenedStore } from './store.ts'

const root = { userId: 'root', admin: true }
const cut = new Error('the process is gone')
const atOnce = 4

/** A database that has too much to do cuts it as well. */
function isCut(error: unknown): void {
  assert.ok(error === cut || (error instanceof ChatError && error.code === 'unavailable'), String(error))
}

/** The store of a process that dies: the `last` call is done, though nobody hears so, and none is made after it. */
function dying(store: Store, last: number): Store {
  let calls = 0
  const proxyOf = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value === 'object' && value !== null) return proxyOf(value)
        if (typeof value !== 'function') return value
        return async (...args: unknown[]) => {
          if (++calls > last) throw cut
          const answer: unknown = await value.apply(target, args)
          if (calls === last) throw cut
          return answer
        }
      },
    })
  return proxyOf(store)
}

const erasuresOn = (store: Store) =>
  createErasures({
    store,
    hub: { change: () => undefined, groupDeleted: () => undefined },
    directory: { forget: () => undefined },
    now: () => t0 + 90,
    newId,
  })

/** A user of whom there is something of each kind, and what is needed to see that it is gone. */
async function somebody(store: Store) {
  const userId = newId()
  const me = user(userId)
  const bob = user('bob')
  const groups = [
    await aGroup(store, { members: [userId, 'bob'], owner: userId }),
    await aGroup(store, { members: ['bob', userId], owner: 'bob' }),
  ] as const
  const [own, other] = groups
  const file = aFile(own, { uploadedBy: userId })
  await store.files.add(file, me, 1_000_000)
  const id = newId()
  const attachments = await store.files.reserve([file.id], { id, groupId: own.id }, me, t0)
  await store.messages.append(aSend(own, { id, senderId: userId, attachments }), me)
  await store.messages.append(aSend(other, { senderId: userId }), me)
  const theirs = aSend(other, { senderId: 'bob', mentions: [userId] })
  const { value: message } = await store.messages.append(theirs, bob)
  await store.reactions.add(message.id, '👍', me, t0)
  await store.reads.mark(other.id, 1, me, t0)
  await store.preferences.change(other.id, { pinned: true }, me, t0)
  await store.blocks.put(userId, 'bob', t0)
  await store.profiles.name([userId], t0)
  return { userId, groups, file, message }
}

type Person = Awaited<ReturnType<typeof somebody>>

/** `open` gives a store of its own: others have erasures that nobody ends. */
export function cutErasureContract(open: () => Promise<OpenedStore>): void {
  test('an erasure that is cut after any of its steps is ended by whoever starts next', async () => {
    const opened = await open()
    const { store } = opened
    try {
      let wasWhole = false
      const people: Person[] = []
      async function cutAfter(last: number): Promise<void> {
        const person = await somebody(store)
        people[last - 1] = person
        await erasuresOn(dying(store, last))
          .erase(root, person.userId)
          .then(() => {
            wasWhole = true
          }, isCut)
      }
      for (let last = 0; !wasWhole; last += atOnce)
        await Promise.all(numbers(last + 1, last + atOnce).map(cutAfter))
      assert.ok(people.length > 20, `${people.length} steps`)
      const begun = (await store.erasures.unfinished(1_000)).length
      assert.ok(begun > 15, `${begun} are not over`)

      await eventually(
        'all are over',
        async () => {
          await erasuresOn(store).goOn().catch(isCut)
          return !(await store.erasures.unfinished(1)).length
        },
        60_000,
      )
      assert.equal(await erasuresOn(store).goOn(), 0)
      for (const [i, person] of people.entries()) {
        // Nobody knows of the first calls, before it has begun.
        const { entries } = await store.audit.list({ userId: person.userId, limit: 9 })
        if (!entries.length) assert.ok(i < 1, `nobody ended the one that was cut after ${i + 1} calls`)
        else await holdGone(store, person)
      }
    } finally {
      await opened.close()
    }
  })
}

async function holdGone(store: Store, { userId, groups, file, message }: Person): Promise<void> {
  assert.deepEqual(await store.groups.listIds(userId, 9, true), [])
  assert.equal(await store.files.read(file.id), null)
  assert.deepEqual(await store.blocks.list(userId), [])
  assert.deepEqual(await store.reactions.listOwn(userId, [message.id]), new Map())
  assert.deepEqual((await store.messages.read(message.id))?.mentions, [])
  assert.equal((await store.preferences.ofUser(userId, [groups[1].id])).size, 0)
  for (const { id } of groups) {
    const { changes } = await store.log.read(id, { seq: 0, rev: 0 }, 100)
    assert.ok(!JSON.stringify(changes).includes(userId), JSON.stringify(changes))
    const senders = (await store.messages.listWithDeleted(id, { limit: 9, offset: 0 })).map(
      ({ senderId }) => senderId,
    )
    assert.ok(!senders.includes(userId), senders.join())
    const aliases = senders.filter((senderId) => senderId.startsWith('erased-'))
    assert.equal(aliases.length, 1)
    const told = changes.filter(({ type }) => type === 'messages_erased')
    assert.equal(told.length, 1, 'it is told once')
  }
}
