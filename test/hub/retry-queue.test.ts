import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createRetryQueue } from '../../src/hub/retry-queue.ts'
import { inSomeTurn } from '../support/eventually.ts'

test('many groups are done a few at a time, each once', async () => {
  const done: string[] = []
  let underWay = 0
  let most = 0
  const sweep = createRetryQueue(
    async (groupId) => {
      most = Math.max(most, ++underWay)
      await turn()
      underWay--
      done.push(groupId)
    },
    (error) => assert.fail(String(error)),
  )
  const groupIds = Array.from({ length: 100 }, (_, i) => `${i}`)
  for (const groupId of groupIds) sweep.add(groupId)
  for (const groupId of groupIds.slice(50)) sweep.add(groupId)
  await inSomeTurn(() => !underWay)
  assert.deepEqual(done, groupIds)
  assert.ok(most > 1 && most < 50, `${most} at the same time`)
})

test('what fails is done again after a pause, in which nothing begins', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const begun: string[] = []
  const errors: unknown[] = []
  const sweep = createRetryQueue(
    async (groupId) => {
      begun.push(groupId)
      if (begun.length < 3) throw new Error('away')
    },
    (error) => errors.push(error),
  )
  sweep.add('a')
  await turn()
  sweep.add('b')
  assert.deepEqual(begun, ['a'])
  t.mock.timers.tick(1_000)
  await turn()
  assert.deepEqual(begun, ['a', 'a', 'b'])
  t.mock.timers.tick(1_000)
  await turn()
  assert.deepEqual(begun, ['a', 'a', 'b', 'a'])
  assert.equal(errors.length, 2)
})

test('what is added while it is being done is done once more; nothing begins after the end', async () => {
  const gates: (() => void)[] = []
  const sweep = createRetryQueue(
    () => new Promise((resolve) => gates.push(resolve)),
    (error) => assert.fail(String(error)),
  )
  sweep.add('a')
  sweep.add('a')
  assert.equal(gates.length, 2)
  sweep.close()
  sweep.add('b')
  assert.equal(gates.length, 2)
})
