import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import type { Subscription } from '../../src/chat/live.ts'
import { ChatError } from '../../src/domain/errors.ts'
import { summaryOf } from '../../src/domain/group.ts'
import type { Reader } from '../../src/hub/listener.ts'
import { createSubscriptions, type Subscriptions } from '../../src/ws/subscriptions.ts'
import { newGroup } from '../support/samples.ts'

/** One group of a hub that answers when it is told to, and one socket that may listen to it. */
function setUp({ known = [] as string[], most = 2, isGuest = false } = {}) {
  const waiting: { after: unknown; settle(): void; refuse(error: unknown): void }[] = []
  const events: string[] = []
  const log = { rev: 0 }
  let live = 0
  const subscriptions = createSubscriptions({
    known,
    most,
    subscribe: (groupId, after) =>
      new Promise((resolve, reject) => {
        let isLive = true
        live++
        const leave = () => {
          if (isLive) live--
          isLive = false
        }
        const subscription = {
          group: { id: groupId, name: '' },
          subscriber: { groupId, leave },
          stop: leave,
          cursor: typeof after === 'string' ? after : undefined,
          rev: log.rev,
          isGuest,
        }
        waiting.push({
          after,
          settle: () => resolve(subscription as unknown as Subscription),
          refuse(error) {
            leave()
            reject(error)
          },
        })
      }),
    joined: async () => (isGuest ? null : summaryOf(newGroup())),
    tellJoined: () => events.push('joined'),
    listen: ({ cursor }) => events.push(`listen ${cursor ?? 'now'}`),
    onError: (_groupId, error) => events.push(String(error)),
  })
  const settle = async () => {
    await turn()
    waiting.shift()?.settle()
    await turn()
  }
  return { subscriptions, waiting, events, settle, log, live: () => live }
}

const group = 'g'
const listensTo = ({ subscriberOf }: Pick<Subscriptions, 'subscriberOf'>, groupId: string) =>
  subscriberOf(groupId) !== undefined
const forbidden = new ChatError('forbidden', 'no')

test('what the client asks for in one go is done in the order asked', async () => {
  const { subscriptions, settle, live } = setUp()
  const done = [subscriptions.subscribe(group, 'a'), subscriptions.unsubscribe(group)]
  await settle()
  await Promise.all(done)
  assert.equal(listensTo(subscriptions, group), false)
  assert.equal(live(), 0)
})

describe('word that a group is open', () => {
  test('begins a subscription, once', async () => {
    const { subscriptions, settle, events, waiting } = setUp()
    subscriptions.opened(group)
    subscriptions.opened(group)
    await settle()
    subscriptions.opened(group)
    await turn()
    assert.deepEqual([events, waiting.length], [['joined', 'listen now'], 0])
  })

  test('never replaces what the client subscribed to with a cursor, however they meet', async () => {
    const { subscriptions, settle, events, waiting } = setUp()
    const asked = subscriptions.subscribe(group, 'cursor')
    subscriptions.opened(group)
    await settle()
    await asked
    subscriptions.opened(group)
    await turn()
    assert.deepEqual([events, waiting.length], [['listen cursor'], 0])
  })

  test('does not bring back what the client unsubscribed, or has to ask for', async () => {
    const { subscriptions, settle, waiting } = setUp({ known: ['known'] })
    const asked = subscriptions.subscribe(group)
    await settle()
    await asked
    await subscriptions.unsubscribe(group)
    subscriptions.opened(group)
    subscriptions.opened('known')
    await turn()
    assert.deepEqual([listensTo(subscriptions, group), waiting.length], [false, 0])
  })

  test('is tried again until the store answers', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { subscriptions, waiting, settle, events } = setUp()
    subscriptions.opened(group)
    for (let i = 0; i < 3; i++) {
      await turn()
      waiting.shift()?.refuse(new ChatError('unavailable', 'away'))
      await turn()
      t.mock.timers.tick(1_000)
    }
    await settle()
    assert.equal(events.at(-1), 'listen now')
    assert.equal(events.length, 5)
  })

  test('of many groups is acted on a few at a time, and a store that is away is complained about once', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { subscriptions, waiting, events, live } = setUp({ most: 1_000 })
    for (let i = 0; i < 100; i++) subscriptions.opened(`${i}`)
    await turn()
    assert.ok(waiting.length < 50, `${waiting.length} at the same time`)
    for (const { refuse } of waiting.splice(0)) refuse(new ChatError('unavailable', 'away'))
    await turn()
    assert.deepEqual([waiting.length, events], [0, ['ChatError: away']])
    t.mock.timers.tick(1_000)
    for (let i = 0; i < 200 && events.length < 201; i++) {
      await turn()
      waiting.shift()?.settle()
    }
    assert.deepEqual([events.length, live()], [201, 100])
  })

  test('never takes more places than there are', async () => {
    const { subscriptions, waiting, live } = setUp({ most: 2 })
    for (let i = 0; i < 10; i++) subscriptions.opened(`${i}`)
    await turn()
    while (waiting.length) {
      waiting.shift()?.settle()
      await turn()
    }
    assert.equal(live(), 2)
  })

  test('does not begin what the client asked for with a cursor and was refused, the store being away', async () => {
    const { subscriptions, waiting, settle, events } = setUp()
    const asked = subscriptions.subscribe(group, 'cursor')
    await turn()
    waiting.shift()?.refuse(new ChatError('unavailable', 'away'))
    await assert.rejects(asked, { code: 'unavailable' })
    subscriptions.opened(group)
    await turn()
    assert.equal(waiting.length, 0)
    const again = subscriptions.subscribe(group, 'cursor')
    await settle()
    await again
    assert.deepEqual(events, ['listen cursor'])
  })

  test('is not forgotten when it comes while the client is being refused the group', async () => {
    const { subscriptions, waiting, settle } = setUp({ known: [group] })
    const asked = subscriptions.subscribe(group)
    await turn()
    subscriptions.opened(group)
    waiting.shift()?.refuse(forbidden)
    await assert.rejects(asked, { code: 'forbidden' })
    await settle()
    assert.ok(listensTo(subscriptions, group))
  })

  test('comes to nothing when the client unsubscribed the group before', async () => {
    const { subscriptions, waiting } = setUp()
    await subscriptions.unsubscribe(group)
    subscriptions.opened(group)
    await turn()
    assert.equal(waiting.length, 0)
  })

  test('that comes while access is being refused, or lost, is not forgotten', async () => {
    const { subscriptions, waiting, settle } = setUp()
    subscriptions.opened(group)
    await turn()
    subscriptions.opened(group)
    waiting.shift()?.refuse(forbidden)
    await settle()
    assert.ok(listensTo(subscriptions, group))
    subscriptions.opened(group)
    assert.ok(subscriptions.revoked(group, 'access_revoked'))
    await settle()
    assert.ok(listensTo(subscriptions, group))
  })
})

describe('word that the user was made a member', () => {
  test('is told before the group is heard, once, however often and in whatever order it comes', async () => {
    const { subscriptions, settle, events } = setUp()
    subscriptions.opened(group, 3)
    subscriptions.opened(group, 3)
    await settle()
    subscriptions.opened(group)
    subscriptions.opened(group, 3)
    await settle()
    assert.deepEqual(events, ['joined', 'listen now'])
    subscriptions.opened(group, 5)
    await settle()
    assert.deepEqual(events, ['joined', 'listen now', 'joined'])
  })

  test('is told once, though the group itself tells of it before the log does', async () => {
    const { subscriptions, settle, events } = setUp()
    subscriptions.opened(group)
    await settle()
    subscriptions.opened(group, 3)
    subscriptions.opened(group, 3)
    await settle()
    assert.deepEqual(events, ['joined', 'listen now'])
    subscriptions.opened(group, 5)
    await settle()
    assert.deepEqual(events, ['joined', 'listen now', 'joined'])
  })

  test('is no news where the socket began after it', async () => {
    const { subscriptions, settle, events, log } = setUp()
    log.rev = 4
    const asked = subscriptions.subscribe(group)
    await settle()
    await asked
    subscriptions.opened(group, 4)
    await settle()
    assert.deepEqual(events, ['listen now'])
  })

  test('is told of a group that the client does not want to hear, or has no room for', async () => {
    const { subscriptions, settle, events, waiting } = setUp({ most: 0 })
    await subscriptions.unsubscribe(group)
    for (const id of [group, group, 'other', 'other']) subscriptions.opened(id, 1)
    await settle()
    await turn()
    assert.deepEqual([events, waiting.length], [['joined', 'joined'], 0])
  })

  test('is not told to a guest', async () => {
    const { subscriptions, settle, events } = setUp({ isGuest: true })
    subscriptions.opened(group, 1)
    await settle()
    assert.deepEqual(events, ['listen now'])
  })
})

describe('word that the user is banned no more', () => {
  test('brings back what the socket heard before, and nothing else', async () => {
    const { subscriptions, settle, events, waiting } = setUp({ isGuest: true })
    subscriptions.unbanned(group)
    await turn()
    assert.equal(waiting.length, 0)
    const asked = subscriptions.subscribe(group)
    await settle()
    await asked
    subscriptions.revoked(group, 'access_revoked')
    subscriptions.unbanned(group)
    await settle()
    assert.ok(listensTo(subscriptions, group))
    assert.deepEqual(events, ['listen now', 'listen now'])
  })

  test('is not forgotten when it comes before the loss of access', async () => {
    const { subscriptions, settle } = setUp({ isGuest: true })
    const asked = subscriptions.subscribe(group)
    await settle()
    await asked
    subscriptions.unbanned(group)
    subscriptions.revoked(group, 'access_revoked')
    await settle()
    assert.ok(listensTo(subscriptions, group))
  })

  test('does not bring back what the client unsubscribed', async () => {
    const { subscriptions, settle, waiting } = setUp({ isGuest: true })
    const asked = subscriptions.subscribe(group)
    await settle()
    await asked
    subscriptions.revoked(group, 'access_revoked')
    await subscriptions.unsubscribe(group)
    subscriptions.unbanned(group)
    await turn()
    assert.equal(waiting.length, 0)
  })
})

test('there is a most, and it is counted right whatever happens', async () => {
  const { subscriptions, settle } = setUp()
  for (const id of ['a', 'b']) {
    const asked = subscriptions.subscribe(id)
    await settle()
    await asked
  }
  await assert.rejects(subscriptions.subscribe('c'), { code: 'rate_limited' })
  await subscriptions.unsubscribe('a')
  const asked = subscriptions.subscribe('c')
  await settle()
  await asked
  assert.ok(listensTo(subscriptions, 'c'))
})

/**
 * One group of a store that lets the user in and out, a hub that hears of it late and in any order, and a socket. As in the hub,
 * a subscriber comes before its check, and whoever is there when the store is read is ended by what was read.
 */
function createWorld() {
  let isMember = false
  const events: string[] = []
  const requests: { answer(): void; fail(): void }[] = []
  const signals: (() => void)[] = []
  const live = new Set<{ leave(): void; isPlaced: boolean; isEnded: boolean }>()
  const notifyEnd = () => {
    if (subscriptions.revoked(group, 'access_revoked')) events.push('revoked')
  }
  const subscriptions = createSubscriptions({
    known: [],
    most: 10,
    subscribe: (groupId, after) =>
      new Promise((resolve, reject) => {
        const subscriber = {
          groupId,
          isPlaced: false,
          isEnded: false,
          leave: () => void live.delete(subscriber),
        }
        live.add(subscriber)
        const mayListen = isMember
        const refuse = (error: unknown) => {
          subscriber.leave()
          reject(error)
        }
        const subscription = {
          group: { id: groupId, name: '' },
          subscriber,
          cursor: typeof after === 'string' ? after : undefined,
          rev: 0,
          isGuest: false,
          stop: subscriber.leave,
          start() {
            subscriber.isPlaced = true
            if (subscriber.isEnded) notifyEnd()
          },
        }
        requests.push({
          answer: () => (mayListen ? resolve(subscription as unknown as Subscription) : refuse(forbidden)),
          fail: () => refuse(new ChatError('unavailable', 'away')),
        })
      }),
    joined: async () => null,
    tellJoined: () => undefined,
    listen: (subscription) => {
      events.push(subscription.cursor ?? 'now')
      subscription.start({} as Reader)
    },
    onError: () => undefined,
  })
  const recheck = () => {
    const checked = [...live]
    if (isMember) signals.push(() => subscriptions.opened(group))
    else
      signals.push(() => {
        for (const subscriber of checked) {
          if (!live.delete(subscriber)) continue
          subscriber.isEnded = true
          if (subscriber.isPlaced) notifyEnd()
        }
      })
  }
  return {
    subscriptions,
    events,
    requests,
    signals,
    isMember: () => isMember,
    live: () => live.size,
    /** Told of by two streams: that of the log and that of the group's document. */
    change(to: boolean) {
      if (isMember === to) return
      isMember = to
      signals.push(to ? () => subscriptions.opened(group) : recheck, recheck)
    },
  }
}

test('in whatever order things happen, the socket ends as the log and the client have it, and loses no cursor', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const step = fc.oneof(
    ...['subscribe', 'resume', 'unsubscribe', 'add', 'remove', 'touch', 'answer', 'fail', 'turn', 'tick'].map(
      fc.constant,
    ),
    { weight: 15, arbitrary: fc.record({ signal: fc.nat(10) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const world = createWorld()
      const { subscriptions, requests, signals, events } = world
      /** What the client was told last of what it asked for: the group is its own to ask for again, or refused, or there. */
      let word: 'none' | 'subscribed' | 'unsubscribed' | 'failed' = 'none'
      const work: Promise<unknown>[] = []
      const ask = (after?: string) =>
        work.push(
          subscriptions.subscribe(group, after).then(
            () => (word = 'subscribed'),
            (error: ChatError) => {
              if (error.code === 'forbidden') word = 'none'
              else if (!listensTo(subscriptions, group)) word = 'failed'
            },
          ),
        )
      const unsubscribe = () => {
        const done = subscriptions.unsubscribe(group).then(() => {
          word = 'unsubscribed'
          events.push('unsubscribed')
        })
        work.push(done)
      }
      for (const each of steps) {
        if (typeof each === 'object') signals.splice(each.signal % (signals.length || 1), 1)[0]?.()
        else if (each === 'subscribe') ask()
        else if (each === 'resume') ask('cursor')
        else if (each === 'unsubscribe') unsubscribe()
        else if (each === 'add') world.change(true)
        else if (each === 'remove') world.change(false)
        else if (each === 'touch') signals.push(() => subscriptions.opened(group))
        else if (each === 'answer') requests.shift()?.answer()
        else if (each === 'fail') requests.shift()?.fail()
        else if (each === 'tick') t.mock.timers.tick(1_000)
        else await turn()
      }
      // All that is under way comes to its end.
      for (let i = 0; i < steps.length + 10; i++) {
        signals.shift()?.()
        await turn()
        requests.shift()?.answer()
        t.mock.timers.tick(1_000)
        await turn()
      }
      await Promise.all(work)
      const isWanted = word === 'none' || word === 'subscribed'
      assert.equal(listensTo(subscriptions, group), world.isMember() && isWanted)
      assert.equal(world.live(), listensTo(subscriptions, group) ? 1 : 0)
      for (const [i, event] of events.entries())
        if (event === 'now' && i > 0)
          assert.ok(['revoked', 'unsubscribed'].includes(events[i - 1] ?? ''), `${events}`)
    }),
    { numRuns: 1_000 },
  )
})
