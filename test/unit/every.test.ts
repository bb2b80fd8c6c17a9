import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { every } from '../../src/domain/every.ts'

test('work is done each time, until it is stopped', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let done = 0
  const stop = every(1_000, () => done++)
  assert.equal(done, 0)
  t.mock.timers.tick(3_000)
  assert.equal(done, 3)
  stop()
  t.mock.timers.tick(3_000)
  assert.equal(done, 3)
})

test('work that takes longer than its time is not begun a second time', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const begun: (() => void)[] = []
  const stop = every(1_000, () => new Promise<void>((resolve) => begun.push(resolve)), { atOnce: true })
  assert.equal(begun.length, 1)
  t.mock.timers.tick(5_000)
  assert.equal(begun.length, 1)
  begun[0]?.()
  await turn()
  t.mock.timers.tick(1_000)
  assert.equal(begun.length, 2)
  stop()
})
