import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKeyedLock } from '../../src/store/mongo/engine/keyed-lock.ts'
import { createLogWriter } from '../../src/store/mongo/log/append.ts'

interface Doc {
  id: string
  number: number
}

/** A log in memory whose operations hang when they are told to. */
function memoryLog() {
  const docs: Doc[] = []
  let hanging = 0
  const unlessHanging = async <T>(result: () => T): Promise<T> =>
    hanging-- > 0 ? new Promise<never>(() => undefined) : result()
  return {
    docs,
    hang: (operations: number) => {
      hanging = operations
    },
    writer: createLogWriter<{ id: string }, Doc, { number: number }>({
      insert: (some) => unlessHanging(() => docs.push(...some)),
      find: (drafts) =>
        unlessHanging(() => docs.filter((doc) => drafts.some((draft) => draft.id === doc.id))),
      id: ({ id }) => id,
      number: ({ number }) => number,
      readHead: () => unlessHanging(() => ({ number: docs.length })),
      next: ({ number }, { id }) => ({ doc: { id, number: number + 1 }, head: { number: number + 1 } }),
      ...{ keepHeads: 10, maxBatch: 10, hungMs: 50 },
    }),
  }
}

for (const [what, operations] of [
  ['the reading of the head', 1],
  ['the reading and what settles it', 3],
] as const)
  test(`an append whose driver hangs is settled, and the next ones are not held up: ${what}`, async () => {
    const { docs, hang, writer } = memoryLog()
    const deadline = performance.now() + 30_000
    hang(operations)
    const appended = await Promise.all(['a', 'b'].map((id) => writer.append('group', { id }, deadline)))
    assert.deepEqual(
      appended.map(({ doc }) => doc),
      [
        { id: 'a', number: 1 },
        { id: 'b', number: 2 },
      ],
    )
    assert.equal((await writer.append('group', { id: 'c' }, deadline)).doc.number, 3)
    hang(1)
    assert.equal((await writer.append('group', { id: 'd' }, deadline)).doc.number, 4)
    assert.equal(docs.length, 4)
  })

test('a turn that hangs gives way', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const turns = createKeyedLock()
  const hung = turns.run('key', () => new Promise<never>(() => undefined))
  const next = turns.run('key', async () => 'done')
  await new Promise(setImmediate)
  t.mock.timers.tick(30_000)
  await assert.rejects(hung)
  assert.equal(await next, 'done')
})
