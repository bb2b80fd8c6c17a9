import type { DatabaseSync } from 'node:sqlite'
import { isMainThread } from 'node:worker_threads'
import {
  type Backfill,
  createBackfillSteps,
  createBackfillWrites,
} from '../../src/store/sqlite/engine/backfill.ts'
import { databaseFile, openForReading } from '../../src/store/sqlite/engine/file.ts'
import { startWriter } from '../../src/store/sqlite/engine/write-queue.ts'
import { runWriter } from '../../src/store/sqlite/engine/writer.ts'

/** A writer's thread with steps of its own, for a table of items. */

export const itemCount = 1_500
export const portionOf = 3

/** Numbers the items in the order of their ids, and counts how often each was numbered. */
export const numberItems: Backfill = {
  name: 'number_items',
  prepare(db) {
    const some = db.prepare(`SELECT id FROM items WHERE id > ? ORDER BY id LIMIT ${portionOf}`)
    const number = db.prepare(
      'UPDATE items SET times = times + 1, number = (SELECT max(number) + 1 FROM items) WHERE id = ?',
    )
    return (after) => {
      const items = some.all(Number(after ?? 0)) as { id: number }[]
      for (const { id } of items) number.run(id)
      const last = items.at(-1)
      return { next: last ? `${last.id}` : null, count: items.length }
    }
  },
}

/** Writes something first, so that it can be seen to be undone. */
export const failItems: Backfill = {
  name: 'fail_items',
  prepare(db) {
    const spoil = db.prepare('UPDATE items SET times = 99')
    return () => {
      spoil.run()
      throw new Error('this step is broken')
    }
  },
}

/** Goes on until it has had enough. */
export const greedy: Backfill = {
  name: 'greedy',
  prepare: () => (after, isEnough) => {
    let count = 0
    while (!isEnough()) count++
    return { next: after === null ? 'half' : null, count }
  },
}

/** Writes a megabyte in each portion. */
export const writeMuch: Backfill = {
  name: 'write_much',
  prepare(db) {
    db.exec('CREATE TABLE IF NOT EXISTS much (bytes BLOB NOT NULL) STRICT')
    const write = db.prepare('INSERT INTO much (bytes) VALUES (zeroblob(1000000))')
    return (after) => {
      write.run()
      const portions = Number(after ?? 0) + 1
      return { next: portions < 40 ? `${portions}` : null, count: 1 }
    }
  },
}

export function createWrites(db: DatabaseSync) {
  db.exec(`CREATE TABLE IF NOT EXISTS items
    (id INTEGER PRIMARY KEY, number INTEGER NOT NULL DEFAULT 0, times INTEGER NOT NULL DEFAULT 0) STRICT`)
  const note = db.prepare('INSERT INTO items (id) VALUES (?)')
  const fill = db.prepare('INSERT OR IGNORE INTO items (id) SELECT key + 1 FROM json_each(?)')
  return {
    ping: (): void => undefined,
    note: (id: number): void => void note.run(id),
    fill: (count: number): void => void fill.run(JSON.stringify(Array(count).fill(0))),
    ...createBackfillWrites(db, [numberItems, failItems, greedy, writeMuch], null),
  }
}

export type Writes = ReturnType<typeof createWrites>

/** The main thread's side of it. */
export async function openItems(dataDir: string, backfills: readonly Backfill[]) {
  const file = databaseFile(dataDir)
  const queue = await startWriter<Writes>(new URL(import.meta.url), { file, newEpoch: 'e' }, (error) => {
    throw error
  })
  const reader = openForReading(file)
  const steps = createBackfillSteps({ read: (run) => run(), write: queue.write }, reader, backfills)
  return {
    queue,
    steps,
    items: () => reader.prepare('SELECT id, number, times FROM items ORDER BY id').all(),
    async close() {
      await queue.close()
      reader.close()
    },
  }
}

if (!isMainThread) runWriter(createWrites)
