import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { TypingState } from '../../src/domain/events.ts'
import { createTyping } from '../../src/hub/typing.ts'

/** A group in which users type at sockets named by text, or on another instance. */
function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const told: string[] = []
  const shared: string[] = []
  let turns = 0
  let now = 0
  const typing = createTyping({
    emit(events) {
      turns++
      told.push(...events.map(({ userId, state }) => `${userId} ${state}`))
    },
    share: ({ userId, state }) => shared.push(`${userId} ${state}`),
    clock: () => now,
  })
  t.after(typing.close)
  const sockets = new Map<string, object>()
  const socket = (name: string) => sockets.get(name) ?? sockets.set(name, {}).get(name) ?? {}
  return {
    typing,
    told,
    shared,
    turns: () => turns,
    set: (userId: string, state: TypingState, at = userId) => typing.set(userId, socket(at), state),
    /** What was told since the last time. */
    async heard() {
      await turn()
      return told.splice(0)
    },
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 100) {
        now += 100
        t.mock.timers.tick(100)
      }
      await turn()
    },
  }
}

test('a start is told, and a repeated one once in 3 s; what one turn brings is told together', async (t) => {
  const { set, heard, pass, turns } = setUp(t)
  for (let i = 0; i < 1_000; i++) set('ann', 'start')
  set('ben', 'start')
  assert.deepEqual(await heard(), ['ann start', 'ben start'])
  assert.equal(turns(), 1)
  await pass(2_900)
  set('ann', 'start')
  assert.deepEqual(await heard(), [])
  await pass(100)
  set('ann', 'start')
  assert.deepEqual(await heard(), ['ann start'])
})

test('it lasts 6 s, unless it is renewed; then a stop is told', async (t) => {
  const { set, heard, pass } = setUp(t)
  set('ann', 'start')
  await pass(5_900)
  assert.deepEqual(await heard(), ['ann start'])
  set('ann', 'start')
  await pass(5_900)
  assert.deepEqual(await heard(), ['ann start'], 'renewed')
  await pass(300)
  assert.deepEqual(await heard(), ['ann stop'])
  await pass(60_000)
  assert.deepEqual(await heard(), [])
})

test('a stop is told at once, and only of one who types', async (t) => {
  const { set, heard } = setUp(t)
  set('ann', 'stop')
  assert.deepEqual(await heard(), [])
  set('ann', 'start')
  set('ann', 'stop')
  set('ann', 'stop')
  set('ann', 'start')
  assert.deepEqual(await heard(), ['ann start', 'ann stop', 'ann start'], 'what was told last is so')
})

test('who begins again and again is told a few times, and in the end as it is', async (t) => {
  const { set, heard, pass } = setUp(t)
  for (let i = 0; i < 1_000; i++) set('ann', i % 2 ? 'stop' : 'start')
  set('ann', 'start')
  assert.deepEqual(await heard(), ['ann start', 'ann stop', 'ann start', 'ann stop'])
  await pass(3_000)
  assert.deepEqual(await heard(), ['ann start'])
})

test('of several sockets each types by itself, but a message ends all', async (t) => {
  const { set, typing, heard } = setUp(t)
  set('ann', 'start', 'phone')
  set('ann', 'start', 'desk')
  set('ann', 'stop', 'desk')
  assert.deepEqual(await heard(), ['ann start'], 'the phone goes on')
  set('ann', 'stop', 'phone')
  assert.deepEqual(await heard(), ['ann stop'])
  set('ann', 'start', 'phone')
  set('ann', 'start', 'desk')
  typing.sent('ann')
  typing.sent('ben')
  assert.deepEqual(await heard(), ['ann start', 'ann stop'])
})

test('other instances are told who types here, and what they tell counts with it', async (t) => {
  const { set, typing, heard, shared, pass } = setUp(t)
  typing.set('ann', 'two', 'start')
  set('ann', 'start')
  assert.deepEqual(await heard(), ['ann start'])
  assert.deepEqual(shared.splice(0), ['ann start'])
  set('ann', 'stop')
  assert.deepEqual(await heard(), [], 'she types on the other one')
  assert.deepEqual(shared.splice(0), ['ann stop'])
  typing.sent('ann')
  assert.deepEqual(await heard(), [], 'which tells of it by itself')
  typing.set('ann', 'two', 'stop')
  assert.deepEqual(await heard(), ['ann stop'])
  typing.set('ben', 'two', 'start')
  await pass(8_900)
  assert.deepEqual(await heard(), ['ben start'], 'a renewal may be on its way')
  await pass(300)
  assert.deepEqual(await heard(), ['ben stop'], 'the instance was killed')
  assert.deepEqual(shared, [])
})

test('a typing that is over here is over there too', async (t) => {
  const { set, shared, pass } = setUp(t)
  set('ann', 'start')
  await pass(6_200)
  assert.deepEqual(shared, ['ann start', 'ann stop'])
})

test('of a crowd ten are told at a time, and of those who take turns a bounded number', async (t) => {
  const { set, heard, pass, shared } = setUp(t)
  for (let i = 0; i < 500; i++) set(`user${i}`, 'start')
  assert.equal((await heard()).length, 10)
  assert.equal(shared.length, 10, 'nor are other instances told more')
  set('user400', 'start')
  set('user401', 'stop')
  assert.deepEqual(await heard(), [], 'who is not told has to wait')
  set('user3', 'stop')
  set('user400', 'start')
  assert.deepEqual(await heard(), ['user3 stop', 'user400 start'], 'who stops makes room')
  await pass(6_200)
  assert.equal((await heard()).length, 10, 'so does who falls silent')
  for (let i = 0; i < 5_000; i++) {
    set(`guest${i}`, 'start')
    set(`guest${i}`, 'stop')
  }
  assert.equal((await heard()).length, 2 * 30)
  await pass(3_000)
  set('user9', 'start')
  assert.deepEqual(await heard(), ['user9 start'])
})
