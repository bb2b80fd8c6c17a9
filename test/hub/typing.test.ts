import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createTyping, type TypingEvent } from '../../src/hub/typing.ts'

function setUp() {
  const told: TypingEvent[][] = []
  const clock = { now: 0 }
  const typing = createTyping(
    (events) => told.push(events),
    () => clock.now,
  )
  return { told, clock, typing, users: () => told.flat().map(({ userId }) => userId) }
}

test('what one turn brings is told together, the last state of each', async () => {
  const { told, typing } = setUp()
  typing.set('ann', 'start')
  typing.set('ben', undefined)
  typing.set('ann', 'stop')
  await turn()
  assert.deepEqual(told, [
    [
      { userId: 'ann', content: 'stop' },
      { userId: 'ben', content: undefined },
    ],
  ])
})

test('of a crowd ten are told at a time', async () => {
  const { clock, typing, users } = setUp()
  for (let i = 0; i < 500; i++) typing.set(`user${i}`, 'start')
  await turn()
  assert.equal(users().length, 10)
  typing.set('user3', 'start')
  typing.set('user400', 'start')
  typing.set('user401', 'stop')
  await turn()
  assert.deepEqual(users().slice(10), ['user3'], 'who is told may go on; another has to wait')
  typing.set('user3', 'stop')
  typing.set('user400', 'start')
  await turn()
  assert.deepEqual(users().slice(11), ['user3', 'user400'], 'who stops makes room')
  clock.now += 6_000
  typing.set('user402', 'start')
  await turn()
  assert.equal(users().at(-1), 'user402', 'so does who falls silent')
})
