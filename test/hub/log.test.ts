import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Change } from '../../src/domain/change.ts'
import type { Cursor } from '../../src/domain/cursor.ts'
import type { DurableEvent } from '../../src/domain/events.ts'
import type { Message } from '../../src/domain/message.ts'
import { createFeed } from '../../src/hub/feed.ts'
import type { Reader } from '../../src/hub/listener.ts'
import { createLiveGroup } from '../../src/hub/live-group.ts'
import { readEntries, readEvents } from '../../src/hub/log.ts'
import { createPageTurns } from '../../src/hub/page-turns.ts'
import { createPages } from '../../src/hub/pages.ts'
import type { LogStore } from '../../src/store/log.ts'
import type { MessageStore } from '../../src/store/messages.ts'
import type { Store } from '../../src/store/store.ts'
import { inSomeTurn } from '../support/eventually.ts'
import { aChange, aMessage, numbers } from '../support/samples.ts'

const groupId = 'a'.repeat(24)

const message = (seq: number): Message =>
  aMessage({ id: String(seq), groupId, content: `message ${seq}`, seq })

const memberAdded = (rev: number, seq: number): Change =>
  aChange('member_added', { groupId, rev, data: { user_id: 'bob' }, seq })

/** A group's logs in memory, of which a read sees as much as it is told to. */
function scripted(messages: Message[], changes: Change[]) {
  const logs = {
    messages,
    changes,
    /** The highest number given out. */
    head: messages.at(-1)?.seq ?? 0,
    /** A read sees no message above it. */
    visible: Number.POSITIVE_INFINITY,
    reads: 0,
  }
  const seen = () => logs.messages.filter(({ seq }) => seq <= logs.visible)
  const log: Omit<LogStore, 'trim' | 'readHeads'> = {
    async read(_, after, limit) {
      logs.reads++
      return {
        messages: seen()
          .filter(({ seq }) => seq > after.seq)
          .slice(0, limit),
        changes: logs.changes.filter(({ rev }) => rev > after.rev).slice(0, limit),
      }
    },
    readHead: async () => ({ seq: logs.head, rev: logs.changes.at(-1)?.rev ?? 0, deleted: 0 }),
    readStart: async () => 0,
  }
  const texts: Pick<MessageStore, 'readMany'> = {
    readMany: async (ids) => seen().filter(({ id }) => ids.includes(id)),
  }
  return { logs, store: { log, messages: texts } as Store }
}

const upTo = (last: number): Message[] => numbers(1, last).map(message)

const name = (event: DurableEvent | null): string | number =>
  event === null ? 'passed' : 'message' in event ? event.message.seq : event.type

/** Reads the log to its end, as often as told. */
async function readAll(store: Store, from: Cursor, rounds: number, between: () => void) {
  const told: (string | number)[] = []
  let at = from
  for (let round = 0; round < rounds; round++) {
    for (let more = true; more; ) {
      const page = await readEntries(store, groupId, at, 50)
      told.push(...page.entries.map(({ event }) => name(event)))
      at = page.at
      more = page.more
    }
    between()
  }
  return { told, at }
}

describe('what the log lacks', () => {
  test('a read that lags behind, after a fail-over, loses no message below a change', async () => {
    const { logs, store } = scripted(upTo(100), [memberAdded(1, 100)])
    logs.visible = 95
    const { told, at } = await readAll(store, { seq: 90, rev: 0 }, 2, () => {
      logs.visible = 100
    })
    assert.deepEqual(
      told.filter((entry) => typeof entry === 'number'),
      numbers(91, 100),
    )
    assert.equal(told.filter((entry) => entry === 'member_added').length, 1)
    assert.deepEqual(at, { seq: 100, rev: 1 })
  })

  test('a change that names a number that was rolled back hides nobody who gets it later', async () => {
    const { logs, store } = scripted(upTo(99), [memberAdded(1, 100)])
    const { told } = await readAll(store, { seq: 99, rev: 0 }, 2, () => logs.messages.push(message(100)))
    assert.deepEqual(told, ['member_added', 100])
  })

  test('a number is passed over below a higher message, which comes after the changes before it', async () => {
    const { store } = scripted([...upTo(3), message(7)], [memberAdded(1, 5), memberAdded(2, 7)])
    const page = await readEntries(store, groupId, { seq: 0, rev: 0 }, 50)
    assert.deepEqual(
      page.entries.map(({ at, event }) => [name(event), at.seq]),
      [
        [1, 1],
        [2, 2],
        [3, 3],
        ['member_added', 3],
        [7, 7],
        ['member_added', 7],
      ],
    )
  })

  test('a change waits while the messages before it go on on the next page', async () => {
    const { store } = scripted(upTo(5), [memberAdded(1, 4)])
    const first = await readEvents(store, groupId, { seq: 0, rev: 0 }, 3)
    assert.deepEqual(
      first.entries.map(({ event }) => name(event)),
      [1, 2, 3],
    )
    const second = await readEvents(store, groupId, first.at, 3)
    assert.deepEqual(
      second.entries.map(({ event }) => name(event)),
      [4, 'member_added', 5],
    )
  })
})

/** A feed that reads its log whenever something is missing. */
function feedOf(store: Store, start: { seq: number; rev: number }) {
  const told: (string | number)[] = []
  const feed = createFeed({
    store,
    groupId,
    start,
    onGap: () => void feed.catchUp(),
    onEntry: ({ event }) => void (event && told.push(name(event))),
  })
  return { feed, told }
}

describe('what was heard of and the log lacks', () => {
  test('is read again until it is there', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { logs, store } = scripted(upTo(5), [])
    logs.visible = 3
    const { feed, told } = feedOf(store, { seq: 3, rev: 0 })
    feed.message(message(5))
    await inSomeTurn(() => logs.reads === 1)
    await turn()
    logs.visible = 5
    t.mock.timers.tick(1_000)
    await inSomeTurn(() => told.length === 2)
    assert.deepEqual(told, [4, 5])
  })

  test('is given up after a while, when it was removed by hand, and hides nothing', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { logs, store } = scripted(upTo(3), [])
    const { feed, told } = feedOf(store, { seq: 3, rev: 0 })
    feed.message(message(5))
    for (let reads = 1; reads <= 11; reads++) {
      await inSomeTurn(() => logs.reads === reads)
      await turn()
      t.mock.timers.tick(1_000)
    }
    await turn()
    t.mock.timers.tick(60_000)
    await turn()
    assert.equal(logs.reads, 11)
    assert.deepEqual(told, [])
    logs.messages.push(message(6))
    feed.message(message(6))
    await inSomeTurn(() => told.length === 1)
    assert.deepEqual(told, [6])
  })
})

describe('a replay to a group whose newest messages were removed by hand', () => {
  async function resume(head: number, from: Cursor) {
    const { logs, store } = scripted(upTo(95), [memberAdded(1, 50)])
    logs.head = head
    const pageTurns = createPageTurns()
    const encode = (event: object) => Buffer.from(`${JSON.stringify(event)}\n`)
    const group = createLiveGroup({
      store,
      groupId,
      start: { seq: 100, rev: 1 },
      pages: createPages({ store, pageTurns, clock: () => performance.now() }),
      pageTurns,
      peers: undefined,
      clock: () => performance.now(),
      onGap: () => undefined,
      onDoubt: () => undefined,
      onEmpty: () => undefined,
    })
    const told: string[] = []
    const reader: Reader = {
      isOpen: true,
      deliver: (packet) => void told.push(...packet.toString().trim().split('\n')),
      drained: async () => undefined,
      queueReplay: (work) => void work(),
      revoked: () => told.push('revoked'),
      resync: (_, __, reason) => told.push(`resync ${reason}`),
      interrupted: (_, error) => told.push(String(error)),
    }
    const subscriber = group.subscribe({ userId: 'ann', admin: false }, encode)
    subscriber.attach(reader)
    await group.replay(subscriber, from)
    group.feed.message(message(101))
    group.feed.listeners.flush()
    subscriber.leave()
    return told.map((line) => (line.startsWith('{') ? name(JSON.parse(line) as DurableEvent) : line))
  }

  test('ends, and goes live', async () => {
    assert.deepEqual(await resume(100, { seq: 90, rev: 1 }), [...numbers(91, 95), 101])
  })

  test('is one resync where no head says that the numbers were given out', async () => {
    assert.deepEqual(await resume(95, { seq: 90, rev: 1 }), [...numbers(91, 95), 'resync too_old', 101])
  })
})
