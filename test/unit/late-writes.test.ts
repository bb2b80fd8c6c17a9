import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createLateWrites } from '../../src/store/mongo/engine/late-writes.ts'
import { eventually } from '../support/eventually.ts'

/** Late writes of numbers, of which the highest counts, on a database that may be away. */
async function start() {
  const database = new Map<string, number>()
  const batches: [string, number][][] = []
  const errors: unknown[] = []
  const state = { isAway: false, held: Promise.resolve() }
  const late = createLateWrites<number>({
    async write(values) {
      await state.held
      if (state.isAway) throw new Error('away')
      batches.push([...values])
      for (const [key, value] of values) database.set(key, Math.max(value, database.get(key) ?? 0))
    },
    missing: async (values) =>
      [...values].flatMap(([key, value]) => (value > (database.get(key) ?? 0) ? [key] : [])),
    merge: (before = 0, value) => Math.max(before, value),
    onError: (error) => void errors.push(error),
  })
  await nextTurn() // it looks once at its beginning
  return { late, database, batches, errors, state }
}

test('what is raised while a write is under way is known at once, and written together after it', async () => {
  const { late, batches, state } = await start()
  const { promise, resolve } = Promise.withResolvers<void>()
  state.held = promise
  late.raise([['a', 1]])
  late.raise([['a', 3]])
  late.raise([
    ['a', 2],
    ['b', 1],
  ])
  assert.deepEqual(late.unwritten('a').sort(), [1, 3])
  resolve()
  await late.written()
  assert.deepEqual(batches, [
    [['a', 1]],
    [
      ['a', 3],
      ['b', 1],
    ],
  ])
  assert.deepEqual(late.unwritten('a'), [])
  await late.stop()
})

test('what could not be written is kept, told once, and written later', async () => {
  const { late, database, errors, state } = await start()
  state.isAway = true
  late.raise([['a', 1]])
  await eventually('it failed', () => errors.length === 1)
  await assert.rejects(late.written(), /away/)
  assert.deepEqual(late.unwritten('a'), [1])
  state.isAway = false
  await late.written()
  assert.equal(database.get('a'), 1)
  await late.stop()
})

test('of what others wrote only that is written which they have not written themselves', async () => {
  const { late, database, batches } = await start()
  database.set('a', 5)
  late.saw('a', 5)
  late.saw('b', 1)
  assert.deepEqual([late.heard('b'), late.unwritten('b')], [1, []])
  await late.stop()
  assert.deepEqual(batches, [[['b', 1]]])
})
