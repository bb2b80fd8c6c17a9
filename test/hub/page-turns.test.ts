import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createPageTurns } from '../../src/hub/page-turns.ts'
import { inSomeTurn } from '../support/eventually.ts'

test('pages are read a few at a time, in the order asked, each begun in a turn of its own', async () => {
  const turns = createPageTurns()
  const begun: number[] = []
  const answers: (() => void)[] = []
  const read = (i: number) =>
    turns.read(() => {
      begun.push(i)
      return new Promise<void>((resolve) => answers.push(resolve))
    })
  const all = Promise.all(Array.from({ length: 50 }, (_, i) => read(i)))
  assert.equal(begun.length, 0)
  let before = 0
  let most = 0
  while (begun.length < 50) {
    await turn()
    assert.ok(begun.length <= before + 1, 'one in a turn')
    before = begun.length
    most = Math.max(most, answers.length)
    if (before >= 4) answers.shift()?.()
  }
  for (const answer of answers) answer()
  await all
  assert.deepEqual(
    begun,
    Array.from({ length: 50 }, (_, i) => i),
  )
  assert.ok(most > 1 && most <= 8, `${most} at the same time`)
})

test('a page that can not be read holds up no other', async () => {
  const turns = createPageTurns()
  const fail = () => turns.read(() => Promise.reject(new Error('away')))
  const failures = await Promise.allSettled(Array.from({ length: 20 }, fail))
  assert.ok(failures.every(({ status }) => status === 'rejected'))
  assert.equal(await turns.read(async () => 'read'), 'read')
})

test('a thousand who may write at once do so over several turns', async () => {
  const turns = createPageTurns()
  let written = 0
  for (let i = 0; i < 1_000; i++) void turns.write().then(() => written++)
  await turn()
  await turn()
  assert.ok(written > 0 && written < 100, `${written} in a turn`)
  await inSomeTurn(() => written >= 1_000)
})
