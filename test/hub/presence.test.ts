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

  test('is told once in two seconds at its threshold too, however often that is crossed', (t) => {
    const { presence, told, pass } = setUp(t)
    for (let i = 0; i < 200; i++) presence.add(`user${i}`, 1)
    const before = told.length
    for (let ms = 0; ms < 10_000; ms += 10) {
      presence.add(`in${ms}`, 1)
      presence.add(ms === 0 ? 'user0' : `in${ms - 10}`, -1)
      pass(10)
    }
    const since = told.slice(before)
    assert.ok(
      since.length <= 2 * 6,
      `${since.length} events in 10 s, of one who came and one who left each time`,
    )
    pass(2_000)
    presence.add('in9990', -1)
    assert.equal(told.at(-1)?.type, 'user_left', 'after that each is told at once again')
  })

  test('that shrank is told one by one again, but for more than can be named', (t) => {
    const { presence, told, pass } = setUp(t)
    for (let i = 0; i < 230; i++) presence.add(`user${i}`, 1)
    pass(100)
    presence.add('late', 1)
    for (let i = 0; i < 50; i++) presence.add(`user${i}`, -1)
    const before = told.length
    pass(2_000)
    assert.deepEqual(told.slice(before), [
      {
        type: 'presence',
        groupId: 'g',
        connectionCount: 181,
        joined: ['late'],
        left: Array.from({ length: 20 }, (_, i) => `user${i}`),
        joinedCount: 1,
        leftCount: 50,
      },
    ])
    presence.add('late', -1)
    assert.deepEqual(told.at(-1), { type: 'user_left', groupId: 'g', userId: 'late', connectionCount: 180 })
  })

  test('of few who came and went while it shrank each is told by name', (t) => {
    const { presence, told, pass } = setUp(t)
    for (let i = 0; i < 201; i++) presence.add(`user${i}`, 1)
    pass(100)
    presence.add('ann', 1)
    for (const userId of ['user0', 'user1', 'user2']) presence.add(userId, -1)
    const before = told.length
    pass(2_000)
    assert.deepEqual(
      told.slice(before).map((event) => [event.type, 'userId' in event && event.userId]),
      [
        ['user_joined', 'ann'],
        ['user_left', 'user0'],
        ['user_left', 'user1'],
        ['user_left', 'user2'],
      ],
    )
  })

  test('is one by the connections of all instances together', (t) => {
    const { presence, told, pass } = setUp(t)
    for (let i = 0; i < 150; i++) presence.add(`here${i}`, 1)
    for (let i = 0; i < 51; i++) presence.addElsewhere(`there${i}`, 1)
    assert.equal(told.length, 200)
    pass(100)
    const last = told.at(-1)
    assert.deepEqual(last?.type === 'presence' && [last.joined, last.connectionCount], [['there50'], 201])
    presence.addElsewhere('there50', -1)
    assert.deepEqual(told.at(-1)?.type, 'user_left', 'with 200 it is none any more')
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

test('those who are connected are listed with their connections, at most so many, and all are counted', (t) => {
  const { presence } = setUp(t)
  for (const userId of ['ann', 'ann', 'ben']) presence.add(userId, 1)
  presence.addElsewhere('ben', 3)
  presence.addElsewhere('cid', 1)
  assert.deepEqual(presence.first(500), [
    ['ann', 2],
    ['ben', 4],
    ['cid', 1],
  ])
  assert.deepEqual(presence.first(1), [['ann', 2]])
  assert.deepEqual([presence.users, presence.connections], [3, 7])
  assert.deepEqual(['ann', 'ben', 'dan'].map(presence.connectionsOf), [2, 4, 0])
  presence.addElsewhere('cid', -1)
  presence.add('ben', -1)
  assert.equal(presence.users, 2, 'ben is there elsewhere')
})
