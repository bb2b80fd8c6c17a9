import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../../src/consumers/webhooks/back-off.ts'
import { groupEndLetter, type Letter } from '../../src/domain/letter.ts'
import { newId, t0 } from '../support/samples.ts'

const second = 1_000
const hour = 3_600 * second

/** The pauses in seconds until it is given up, of a letter that is refused at once each time. */
function pausesOf(letter: Letter, from: number): number[] {
  const pauses: number[] = []
  let next = refused(letter, 'no', from)
  for (let now = from; next.dueAt !== null; next = refused(next, 'no', now)) {
    pauses.push((next.dueAt - now) / second)
    now = next.dueAt
  }
  return pauses
}

test('a refused letter is tried after 5 s, then after twice as long up to an hour, and for the last time after a day', () => {
  const pauses = pausesOf(groupEndLetter(newId(), t0), t0)
  assert.deepEqual(pauses.slice(0, 12), [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600])
  assert.equal(
    pauses.reduce((sum, pause) => sum + pause),
    24 * 3_600,
  )
})

test('what is refused first long after it happened has a day all the same, and what waited behind it has no other', () => {
  const old = { ...groupEndLetter(newId(), t0), at: t0 - 48 * hour }
  const first = refused(old, 'no', t0)
  assert.deepEqual([first.since, first.attempts, first.failure, first.dueAt], [t0, 1, 'no', t0 + 5 * second])
  assert.equal(refused(first, 'no', t0 + 24 * hour - 1).dueAt, t0 + 24 * hour)
  assert.equal(refused(first, 'no', t0 + 24 * hour).dueAt, null)
  assert.equal(refused({ ...old, since: t0 - 24 * hour }, 'no', t0).dueAt, null)
  const younger = { ...groupEndLetter(newId(), t0 - hour), since: t0 - 24 * hour }
  assert.notEqual(refused(younger, 'no', t0).dueAt, null)
})
