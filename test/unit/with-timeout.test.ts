import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withTimeout } from '../../src/domain/with-timeout.ts'

const never = new Promise<never>(() => undefined)

test('what comes in time is the outcome, and leaves no timer behind', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let late = 0
  const onLate = () => late++
  assert.equal(await withTimeout(Promise.resolve('done'), 1_000, onLate), 'done')
  await assert.rejects(withTimeout(Promise.reject(new Error('failed')), 1_000, onLate), /failed/)
  t.mock.timers.tick(2_000)
  assert.equal(late, 0)
})

test('what does not is as `onLate` has it, whether that returns or throws', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { promise, reject } = Promise.withResolvers<string>()
  const value = withTimeout(promise, 1_000, () => null)
  const error = withTimeout(never, 1_000, () => {
    throw new Error('too late')
  })
  const outcome = assert.rejects(error, /too late/)
  t.mock.timers.tick(1_000)
  assert.equal(await value, null)
  await outcome
  // Nobody hears of it: an unhandled rejection would fail this test.
  reject(new Error('later still'))
  await new Promise(setImmediate)
})
