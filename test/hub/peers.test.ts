import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPeers, type Peers } from '../../src/hub/peers.ts'
import type { Signals } from '../../src/store/signals.ts'

/** A bus that hands every signal to all, and can lose some. */
function createBus() {
  const handlers = new Set<(signal: Record<string, unknown>) => void>()
  const bus = {
    losing: false,
    connect(): Signals {
      return {
        send(signal) {
          if (!bus.losing)
            for (const handler of handlers) handler(structuredClone(signal) as Record<string, unknown>)
        },
        listen: (handler) => void handlers.add(handler),
      }
    },
    cut(signals: Signals) {
      signals.send = () => {}
    },
  }
  return bus
}

function createInstance(bus: ReturnType<typeof createBus>, instanceId: string, clock: { now: number }) {
  const own = new Map<string, Map<string, number>>()
  const counts: [string, string, number][] = []
  const typing: string[] = []
  const users: string[] = []
  const reads: string[] = []
  const signals = bus.connect()
  const peers: Peers = createPeers({
    signals,
    instanceId,
    clock: () => clock.now,
    own: () => own,
    onCount: (...count) => counts.push(count),
    onTyping: (...said) => typing.push(said.join(' ')),
    onUser: (userId, { type, groupId }) => users.push(`${userId} ${type} ${groupId}`),
    onHidden: (userId, groupId) => users.push(`${userId} hidden ${groupId}`),
    onRead: (groupId, news) => reads.push(...news.map(({ userId, seq }) => `${groupId} ${userId} ${seq}`)),
  })
  const set = (groupId: string, userId: string, count: number) => {
    own.set(groupId, (own.get(groupId) ?? new Map()).set(userId, count))
    peers.count(groupId, userId, count)
  }
  return { peers, set, counts, typing, users, reads, signals }
}

const setUp = () => ({ bus: createBus(), clock: { now: 0 } })

test('connections of one instance are known to the others, as a sum', () => {
  const { bus, clock } = setUp()
  const [a, b, c] = ['a', 'b', 'c'].map((id) => createInstance(bus, id, clock))
  assert.ok(a && b && c)
  a.set('g', 'alice', 2)
  b.set('g', 'alice', 1)
  assert.deepEqual([...c.peers.counts('g')], [['alice', 3]])
  assert.deepEqual(c.counts, [
    ['g', 'alice', 2],
    ['g', 'alice', 1],
  ])
  a.set('g', 'alice', 0)
  assert.deepEqual([...c.peers.counts('g')], [['alice', 1]])
  assert.equal(c.peers.instances, 3)
  for (const { peers } of [a, b, c]) peers.close()
})

test('who starts later learns what is there', () => {
  const { bus, clock } = setUp()
  const a = createInstance(bus, 'a', clock)
  for (let i = 0; i < 1_000; i++) a.set(`g${i}`, 'alice', 1)
  const late = createInstance(bus, 'late', clock)
  assert.equal(late.counts.length, 1_000)
  assert.deepEqual([...late.peers.counts('g999')], [['alice', 1]])
  a.peers.close()
  assert.equal(late.peers.instances, 1)
  late.peers.close()
})

test('who missed a signal asks, and has it all again', () => {
  const { bus, clock } = setUp()
  const [a, b] = ['a', 'b'].map((id) => createInstance(bus, id, clock))
  assert.ok(a && b)
  a.set('g', 'alice', 1)
  bus.losing = true
  a.set('g', 'alice', 0)
  a.set('g', 'carol', 5)
  bus.losing = false
  a.set('g', 'dave', 1)
  assert.deepEqual([...b.peers.counts('g')].sort(), [
    ['carol', 5],
    ['dave', 1],
  ])
  for (const { peers } of [a, b]) peers.close()
})

test('an instance that is silent for 12 s is gone, with its connections; one that says goodbye at once', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { bus, clock } = setUp()
  const [a, b, c] = ['a', 'b', 'c'].map((id) => createInstance(bus, id, clock))
  assert.ok(a && b && c)
  a.set('g', 'alice', 1)
  b.set('g', 'bob', 1)
  bus.cut(a.signals)
  for (let i = 0; i < 3; i++) {
    clock.now += 5_000
    t.mock.timers.tick(5_000)
  }
  assert.deepEqual(c.counts.at(-1), ['g', 'alice', -1])
  assert.deepEqual([...c.peers.counts('g')], [['bob', 1]])
  b.peers.close()
  assert.deepEqual(c.counts.at(-1), ['g', 'bob', -1])
  for (const { peers } of [a, c]) peers.close()
})

test('what was read crosses, and does not come back', () => {
  const { bus, clock } = setUp()
  const [a, b] = ['a', 'b'].map((id) => createInstance(bus, id, clock))
  assert.ok(a && b)
  a.peers.read('g', [
    { userId: 'alice', seq: 3, isShared: true, hasGuests: false, from: {} },
    { userId: 'bob', seq: 2, isShared: true, hasGuests: false },
  ])
  assert.deepEqual([a.reads, b.reads], [[], ['g alice 3', 'g bob 2']])
  for (const { peers } of [a, b]) peers.close()
})

test('typing crosses, and does not come back', () => {
  const { bus, clock } = setUp()
  const [a, b] = ['a', 'b'].map((id) => createInstance(bus, id, clock))
  assert.ok(a && b)
  a.peers.typing('g', 'alice', 'start')
  assert.deepEqual([a.typing, b.typing], [[], ['a g alice start']])
  for (const { peers } of [a, b]) peers.close()
})

test('what concerns one user crosses, and does not come back', () => {
  const { bus, clock } = setUp()
  const [a, b] = ['a', 'b'].map((id) => createInstance(bus, id, clock))
  assert.ok(a && b)
  a.peers.tell('bob', { type: 'unbanned', groupId: 'g' })
  assert.deepEqual([a.users, b.users], [[], ['bob unbanned g']])
  for (const { peers } of [a, b]) peers.close()
})
