import type { DatabaseSync } from 'node:sqlite'
import type { WriteQueue } from './write-queue.ts'

/** The main thread's way to the database: reads on a connection of its own, writes by the writer. */
export interface Database {
  /** Throws unavailable. */
  read<T>(run: () => T): T
  /** Resolves when the write is durable. Throws what the write throws, unavailable. */
  readonly write: WriteQueue['write']
}

/** Runs several statements on one state of the database. */
export function createTogether(db: DatabaseSync): <T>(run: () => T) => T {
  const begin = db.prepare('BEGIN')
  const end = db.prepare('COMMIT')
  return (run) => {
    begin.run()
    try {
      return run()
    } finally {
      end.run()
    }
  }
}
