import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSearchStore } from '../../src/store/sqlite/search/search.ts'

/** A writer who has three portions to do, each as `work` does it, and when it began and ended them. */
function aWriter(work: () => Promise<unknown>) {
  const portions: { begun: number; ended: number }[] = []
  const write = async (name: string) => {
    if (name === 'search.mergePortion') return false
    const begun = performance.now()
    await work()
    portions.push({ begun, ended: performance.now() })
    return portions.length < 3 ? ['rest'] : []
  }
  return { portions, database: { read: <T>(run: () => T) => run(), write: write as never } }
}

const reads = () => ({ found: [], next: null })

test('the index leaves the writer to others who wait for nine tenths of the time', async () => {
  const { portions, database } = aWriter(() => sleep(5))
  await createSearchStore({ database, reads, isBusy: () => true }).put(['first'])
  const [first, second, third] = portions
  assert.ok(first && second && third)
  for (const [before, after] of [
    [first, second],
    [second, third],
  ] as const)
    assert.ok(after.begun - before.ended >= (before.ended - before.begun) * 8, 'it went on too early')
})

test('while nobody else writes the index waits for nothing', async () => {
  const { portions, database } = aWriter(async () => {})
  void createSearchStore({ database, reads, isBusy: () => false }).put(['first'])
  // Before any timer goes off.
  await new Promise(setImmediate)
  assert.equal(portions.length, 3)
})
