import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBatches } from '../../src/store/mongo/engine/batches.ts'
import { eventually } from '../support/eventually.ts'

test('what is asked for together is one batch, and what comes meanwhile the next, of each key by itself', async () => {
  const ran: string[] = []
  const first = Promise.withResolvers<void>()
  const batches = createBatches<string>({
    most: 3,
    atOnce: 1,
    async run(key, items) {
      ran.push(`${key} ${items.join('')}`)
      if (ran.length === 1) await first.promise
    },
    onFailed: assert.fail,
  })
  for (const item of 'ab') batches.add('one', item)
  await eventually('the first', () => ran.length === 1)
  for (const item of 'cdefg') batches.add('one', item)
  batches.add('two', 'x')
  await eventually('the other key', () => ran.length === 2)
  assert.deepEqual(ran, ['one ab', 'two x'])
  first.resolve()
  await eventually('the rest', () => ran.length === 4)
  assert.deepEqual(ran.slice(2), ['one cde', 'one fg'])
  batches.add('one', 'h')
  await eventually('one more', () => ran.at(-1) === 'one h')
})

test('a batch that fails takes none with it that comes after', async () => {
  const failed: string[] = []
  const done: string[] = []
  const batches = createBatches<string>({
    most: 10,
    atOnce: 1,
    async run(_key, items) {
      if (items.includes('bad')) throw new Error('no')
      done.push(...items)
    },
    onFailed: (items, error) => failed.push(...items, String(error)),
  })
  batches.add('one', 'bad')
  await eventually('it failed', () => failed.length > 0)
  batches.add('one', 'good')
  await eventually('the next is done', () => done.length > 0)
  assert.deepEqual([failed, done], [['bad', 'Error: no'], ['good']])
})

test('where several may be under way, a batch that gets no answer holds up none that comes after', async () => {
  const done: string[] = []
  const never = Promise.withResolvers<void>()
  const batches = createBatches<string>({
    most: 10,
    atOnce: 3,
    async run(_key, items) {
      if (items.includes('lost')) await never.promise
      done.push(...items)
    },
    onFailed: assert.fail,
  })
  batches.add('one', 'lost')
  await eventually('the next turn', () => new Promise((resolve) => setImmediate(resolve, true)))
  for (const item of 'ab') batches.add('one', item)
  await eventually('the others are done', () => done.join('') === 'ab')
  never.resolve()
  await eventually('the first at last', () => done.at(-1) === 'lost')
})
