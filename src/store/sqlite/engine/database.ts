import type { DatabaseSync } from 'node:sqlite'
import type { WriteTable } from './batch.ts'

/** The main thread's way to the database: reads on a connection of its own, writes by the writer. */
export interface Database<Writes extends WriteTable = Record<never, never>> {
  /** Throws unavailable. */
  read<T>(run: () => T): T
  /** Resolves when the write is durable. Throws what the write throws, unavailable. */
  readonly write: Write<Writes>
}

/** Does a write, by its name. Resolves when it is durable. */
export type Write<Writes extends WriteTable> = <Name extends keyof Writes & string>(
  name: Name,
  ...args: Parameters<Writes[Name]>
) => Promise<ReturnType<Writes[Name]>>

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
