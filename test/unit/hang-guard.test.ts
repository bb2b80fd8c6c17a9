import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { guardFromHanging } from '../../src/store/mongo/engine/hang-guard.ts'

test('what was under way when a connection broke and never ends fails soon; what began later has its time', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const driver = new EventEmitter()
  const unlessHung = guardFromHanging(driver, 10_000)
  const never = () => new Promise<never>(() => undefined)
  const outcomes: string[] = []
  const follow = (name: string, work: Promise<string>) =>
    unlessHung(work).then(
      (value) => outcomes.push(`${name}: ${value}`),
      (error: unknown) => outcomes.push(`${name}: ${error}`),
    )
  const { promise: slow, resolve: answer } = Promise.withResolvers<string>()
  const settled = () => new Promise((resolve) => setImmediate(resolve))

  follow('hanging', never())
  follow('slow', slow)
  driver.emit('connectionClosed', { reason: 'idle' })
  t.mock.timers.tick(1_000)
  await settled()
  assert.deepEqual(outcomes, [])

  driver.emit('connectionClosed', { reason: 'error' })
  follow('later', never())
  answer('done')
  await settled()
  t.mock.timers.tick(1_000)
  await settled()
  const hung = 'MongoNetworkTimeoutError: The driver waited for good.'
  assert.deepEqual(outcomes, ['slow: done', `hanging: ${hung}`])

  t.mock.timers.tick(9_000)
  await settled()
  assert.deepEqual(outcomes.slice(2), [`later: ${hung}`])
})
