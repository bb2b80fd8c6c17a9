import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { PassingEvent } from '../../src/domain/events.ts'
import { createPresence } from '../../src/hub/presence.ts'

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const told: PassingEvent[] = []
  let at = 0
  const presence = createPresence(
    'g',
    new Map(),
    (event) => told.push(event),
    () => at,
  )
  const pass = (ms: number) => {
    at += ms
    t.mock.timers.tick(ms)
  }
  return { presence, told, pass }
}

test('a second tab neither joins nor leaves, but its count is told within two seconds', (t) => {
  const { presence, told, pass } = setUp(t)
  presence.add('ann', 1)
  presence.add('ann', 1)
  assert.deepEqual(told, [{ type: 'user_joined', groupId: 'g', userId: 'ann', connectionCount: 1 }])
  pass(2_000)
  assert.deepEqual(told.slice(1), [
    {
      type: 'presence',
      groupId: 'g',
      connectionCount: 2,
      joined: [],
      left: [],
      joinedCount: 0,
      leftCount: 0,
    },
  ])
  presence.add('ann', 1)
  presence.add('ann', -1)
  pass(2_000)
  assert.equal(told.length, 2, 'a count that is as it was is no news')
})

test('a count that somebody who joins has told is not told again', (t) => {
  const { presence, told, pass } = setUp(t)
  presence.add('ann', 1)
  presence.add('ann', 1)
  presence.add('ben', 1)
  pass(2_000)
  assert.deepEqual(
    told.map((event) => [event.type, 'connectionCount' in event && event.connectionCount]),
    [
      ['user_joined', 1],
      ['user_joined', 3],
    ],
  )
})

describe('a crowd', () => {
  test('is told at most once in two seconds, in events of bounded size', (t) => {
    const { presence, told, pass } = setUp(t)
    for (let i = 0; i < 5_000; i++) presence.add(`user${i}`, 1)
    assert.equal(told.length, 200, 'up to 200 connections each is told')
    pass(100)
    const event = told.at(-1)
    assert.ok(event?.type === 'presence')
    assert.deepEqual(
      [event.joined.length, event.joinedCount, event.leftCount, event.connectionCount],
      [20, 4_800, 0, 5_000],
    )
    for (let ms = 0; ms < 10_000; ms += 50) {
      presence.add(`more${ms}`, 1)
      pass(50)
    }
    assert.ok(told.length <= 201 + 5, `${told.length - 201} events in 10 s`)
    assert.ok(JSON.stringify(told.slice(200)).length < 6 * 2_000)
  })

  test('who came and went in between is not told', (t) => {
    const { presence, told, pass } = setUp(t)
    for (let i = 0; i < 201; i++) presence.add(`user${i}`, 1)
    pass(100)
    const before = told.length
    presence.add('ghost', 1)
    presence.add('ghost', -1)
    pass(2_000)
    assert.equal(told.length, before)
  })
})
