import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import type { Subscription } from '../../src/chat/live.ts'
import { ChatError } from '../../src/domain/errors.ts'
import { createSubscriptions } from '../../src/ws/subscriptions.ts'

/** One group of a hub that answers when it is told to, and one socket that may listen to it. */
function setUp({ known = [] as string[] } = {}) {
  const waiting: { after: string | undefined; settle(): void; refuse(error: unknown): void }[] = []
  const events: string[] = []
  let live = 0
  const subscriptions = createSubscriptions({
    known,
    most: 2,
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
          cursor: after,
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
    listen: ({ cursor }) => events.push(`listen ${cursor ?? 'now'}`),
    onError: (_groupId, error) => events.push(String(error)),
  })
  const settle = async () => {
    await turn()
    waiting.shift()?.settle()
    await turn()
  }
  return { subscriptions, waiting, events, settle, live: () => live }
}

const group = 'g'
const forbidden = new ChatError('forbidden', 'no')

test('what the client asks for in one go is done in the order asked', async () => {
  const { subscriptions, settle, live } = setUp()
  const done = [subscriptions.subscribe(group, 'a'), subscriptions.unsubscribe(group)]
  await settle()
  await Promise.all(done)
  assert.equal(subscriptions.has(group), false)
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
    assert.deepEqual([events, waiting.length], [['listen now'], 0])
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
    assert.deepEqual([subscriptions.has(group), waiting.length], [false, 0])
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
    assert.equal(events.length, 4)
  })

  test('that comes while access is being refused, or lost, is not forgotten', async () => {
    const { subscriptions, waiting, settle } = setUp()
    subscriptions.opened(group)
    await turn()
    subscriptions.opened(group)
    waiting.shift()?.refuse(forbidden)
    await settle()
    assert.ok(subscriptions.has(group))
    subscriptions.opened(group)
    assert.ok(subscriptions.revoked(group, 'access_revoked'))
    await settle()
    assert.ok(subscriptions.has(group))
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
  assert.ok(subscriptions.has('c'))
})

test('in whatever order things happen, the socket ends as the last intention says, and holds no more than that', async () => {
  const step = fc.constantFrom('subscribe', 'unsubscribe', 'opened', 'lost', 'answer', 'refuse', 'turn')
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { subscriptions, waiting, live } = setUp()
      const work: Promise<unknown>[] = []
      let isWanted: boolean | undefined
      for (const each of steps) {
        if (each === 'subscribe') {
          work.push(subscriptions.subscribe(group).catch(() => undefined))
          isWanted = true
        } else if (each === 'unsubscribe') {
          work.push(subscriptions.unsubscribe(group))
          isWanted = false
        } else if (each === 'opened') subscriptions.opened(group)
        else if (each === 'lost') subscriptions.revoked(group, 'access_revoked')
        else if (each === 'answer') waiting.shift()?.settle()
        else if (each === 'refuse') waiting.shift()?.refuse(forbidden)
        else await turn()
      }
      // From now on the group is open to the user, and every question is answered.
      for (let i = 0; i < steps.length + 3; i++) {
        await turn()
        waiting.shift()?.settle()
      }
      await Promise.all(work)
      subscriptions.opened(group)
      for (let i = 0; i < 3; i++) {
        await turn()
        waiting.shift()?.settle()
      }
      if (isWanted !== false) assert.ok(subscriptions.has(group))
      assert.equal(live(), subscriptions.has(group) ? 1 : 0)
    }),
    { numRuns: 500 },
  )
})
