import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { type BulkWriteResult, MongoBulkWriteError, MongoNetworkError } from 'mongodb'
import { guardFromHanging } from '../../src/store/mongo/engine/hang-guard.ts'
import { createKeyedLock } from '../../src/store/mongo/engine/keyed-lock.ts'
import { createLogWriter } from '../../src/store/mongo/log/append.ts'
import { createTurns } from '../../src/store/mongo/log/turns.ts'

interface Doc {
  id: string
  number: number
  by: string
}
type Draft = Omit<Doc, 'number'>

/** A log in memory, with writers that may have heard of each other or not, and whose operations do what they are told to. */
function memoryLog() {
  const docs: Doc[] = []
  let hanging = 0
  /** What happens to the next inserts, apart from their being made. */
  let failures: { after: number; error: Error }[] = []
  const headReads: ('majority' | 'local')[] = []
  /** Whether a turn was taken or given back. */
  const told: boolean[] = []
  const inserts: string[][] = []
  const unlessHanging = async <T>(result: () => T): Promise<T> =>
    hanging-- > 0 ? new Promise<never>(() => undefined) : result()

  function insert(some: Doc[]): void {
    inserts.push(some.map(({ id }) => id))
    const { after = some.length, error } = failures.shift() ?? {}
    for (const [index, doc] of some.slice(0, after).entries()) {
      if (docs.some(({ id, number }) => id === doc.id || number === doc.number)) throw duplicate(index)
      docs.push(doc)
    }
    if (error) throw error
  }

  return {
    docs,
    headReads,
    told,
    inserts,
    hang: (operations: number) => {
      hanging = operations
    },
    failNext: (after: number, error: Error, times = 1) => {
      failures = Array.from({ length: times }, () => ({ after, error }))
    },
    writer: () =>
      createLogWriter<Draft, Doc, { number: number }>({
        insert: (some) => unlessHanging(() => insert(some)),
        find: (drafts) =>
          unlessHanging(() => docs.filter((doc) => drafts.some((draft) => draft.id === doc.id))),
        id: ({ id }) => id,
        isOf: (doc, draft) => doc.by === draft.by,
        readHead: (_, concern) =>
          unlessHanging(() => {
            headReads.push(concern)
            return { number: Math.max(0, ...docs.map(({ number }) => number)) }
          }),
        next: ({ number }, draft) => ({
          doc: { ...draft, number: number + 1 },
          head: { number: number + 1 },
        }),
        onWritten: () => undefined,
        keepsHeads: () => true,
        turns: createTurns({
          instanceId: 'one',
          clock: () => 0,
          send: ({ is_taken }) => told.push(is_taken),
        }),
        maxBatch: 10,
        unlessHung: guardFromHanging(new EventEmitter(), 50),
      }),
  }
}

function duplicate(index: number, concern?: 'no majority'): MongoBulkWriteError {
  const writeError = { index, code: 11000 }
  const result = { getWriteConcernError: () => concern }
  return new MongoBulkWriteError(
    { message: 'duplicate key', code: 11000, writeErrors: [writeError as never] },
    result as unknown as BulkWriteResult,
  )
}

const draft = (id: string, by = 'ann'): Draft => ({ id, by })
const soon = (): number => performance.now() + 30_000

for (const [what, operations] of [
  ['the reading of the head', 1],
  ['the reading and what settles it', 3],
] as const)
  test(`an append whose driver hangs is settled, and the next ones are not held up: ${what}`, async () => {
    const { docs, hang, writer } = memoryLog()
    const log = writer()
    hang(operations)
    const appended = await Promise.all(['a', 'b'].map((id) => log.append('group', draft(id), soon())))
    assert.deepEqual(
      appended.map(({ doc }) => [doc.id, doc.number]),
      [
        ['a', 1],
        ['b', 2],
      ],
    )
    assert.equal((await log.append('group', draft('c'), soon())).doc.number, 3)
    hang(1)
    assert.equal((await log.append('group', draft('d'), soon())).doc.number, 4)
    assert.equal(docs.length, 4)
  })

test('the head is read as the primary has it after a duplicate key alone; else a majority has it', async () => {
  const { headReads, failNext, writer } = memoryLog()
  const [one, two] = [writer(), writer()]
  await one.append('group', draft('a'), soon())
  await two.append('group', draft('b'), soon())
  assert.deepEqual(headReads.splice(0), ['majority', 'majority'])
  // It has not heard of the other's.
  await one.append('group', draft('c'), soon())
  assert.deepEqual(headReads.splice(0), ['local'])
  failNext(0, new MongoNetworkError('the connection broke'))
  await one.append('group', draft('d'), soon())
  assert.deepEqual(headReads.splice(0), ['majority'])
  // A primary that reaches no majority: what it says was taken may be so nowhere else.
  failNext(0, duplicate(0, 'no majority'))
  await one.append('group', draft('e'), soon())
  assert.deepEqual(headReads, ['majority'])
})

test('a repeat of what another writer appended is one, also where it meets the very number', async () => {
  const { writer } = memoryLog()
  const [one, two] = [writer(), writer()]
  await two.append('group', draft('a'), soon())
  await one.append('group', draft('key'), soon())
  // The second would give it the number 2 as well.
  const again = await two.append('group', draft('key', 'bob'), soon())
  assert.deepEqual(again, { doc: { id: 'key', number: 2, by: 'ann' }, repeat: true })
})

test('what was appended though the insert failed is no repeat', async () => {
  const { failNext, writer } = memoryLog()
  const log = writer()
  failNext(1, new MongoNetworkError('the reply was lost'))
  const [first, second] = await Promise.all([
    log.append('group', draft('a'), soon()),
    log.append('group', draft('b'), soon()),
  ])
  assert.deepEqual([first.repeat, second.repeat], [false, false])
  // A duplicate key ends a batch: what comes before it was written.
  await writer().append('group', draft('c'), soon())
  const third = await Promise.all(['d', 'c', 'e'].map((id) => log.append('group', draft(id), soon())))
  assert.deepEqual(
    third.map(({ doc, repeat }) => [doc.id, repeat]),
    [
      ['d', false],
      ['c', true],
      ['e', false],
    ],
  )
})

test('who always comes too late takes a turn, and takes along what waits', async () => {
  const { docs, told, inserts, failNext, writer } = memoryLog()
  const log = writer()
  failNext(0, duplicate(0), 4)
  const first = log.append('group', draft('a'), soon())
  await new Promise(setImmediate)
  const others = ['b', 'c'].map((id) => log.append('group', draft(id), soon()))
  await Promise.all([first, ...others])
  assert.deepEqual(inserts.slice(3), [['a'], ['a', 'b', 'c']])
  assert.equal(docs.length, 3)
  assert.deepEqual(told, [true, false])
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
