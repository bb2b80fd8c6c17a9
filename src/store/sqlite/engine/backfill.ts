import type { DatabaseSync } from 'node:sqlite'
import type { BackfillStep, Portion } from '../../backfill.ts'
import { firstText, query } from './columns.ts'
import type { Database } from './database.ts'

/**
 * A step of the background, in the writer's thread. Its name stays for good; a step that was released is never changed.
 */
export interface Backfill<Deps = unknown> {
  readonly name: string
  /** Called before the first portion. */
  prepare(db: DatabaseSync, deps: Deps): Work
}

/**
 * Goes on after a position, null at first, until `isEnough`, which is to be asked after each few records: the position that it
 * came to, or null when nothing is left. Runs in a transaction that keeps the position too, so nothing is done twice.
 */
export type Work = (after: string | null, isEnough: () => boolean) => { next: string | null; count: number }

/** A portion's work, in milliseconds: for so long a send waits for it. */
const portionMs = 5

/** Its kept position; `done` for ever after. */
const recordOf = (name: string): string => `backfill:${name}`
const done = 'done'
const place = 'at:'

const portionWrite = 'backfill.portion'

export function createBackfillWrites<Deps>(
  db: DatabaseSync,
  backfills: readonly Backfill<Deps>[],
  deps: Deps,
  clock: () => number = () => performance.now(),
) {
  const kept = query(db, 'SELECT value FROM meta WHERE key = ?', firstText)
  const keep = db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)')
  const works = new Map<string, Work>()

  const workOf = (name: string): Work => {
    const work = works.get(name) ?? backfills.find((backfill) => backfill.name === name)?.prepare(db, deps)
    if (!work) throw new Error(`There is no backfill ${name}.`)
    works.set(name, work)
    return work
  }

  return {
    [portionWrite](name: string): Portion {
      const record = recordOf(name)
      const before = kept.get(record)
      if (before === done) return { isDone: true, count: 0 }
      const end = clock() + portionMs
      const { next, count } = workOf(name)(before?.slice(place.length) ?? null, () => clock() >= end)
      keep.run(record, next === null ? done : place + next)
      return { isDone: next === null, count }
    },
  }
}

/** To be called for a database in which nothing is left to do of it. */
export function createBackfillDone(db: DatabaseSync): (name: string) => void {
  const keep = db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)')
  return (name) => void keep.run(recordOf(name), done)
}

/** The steps as the main thread has them done: `reader` is its own connection. */
export function createBackfillSteps(
  { read, write }: Database<ReturnType<typeof createBackfillWrites>>,
  reader: DatabaseSync,
  backfills: readonly Pick<Backfill, 'name'>[],
): BackfillStep[] {
  const kept = query(reader, 'SELECT value FROM meta WHERE key = ?', firstText)
  return backfills.map(({ name }) => ({
    name,
    isDone: async () => read(() => kept.get(recordOf(name)) === done),
    portion: () => write(portionWrite, name),
  }))
}
