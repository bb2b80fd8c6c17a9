import { DatabaseSync } from 'node:sqlite'
import type { LetterStore } from '../letters.ts'
import { StartError } from '../start-error.ts'
import { createTransact } from './engine/batch.ts'
import type { Write } from './engine/database.ts'
import { createLetterStore, createLetterWrites } from './letters.ts'

/** A writer that is busy is waited for, in milliseconds. */
const patienceMs = 5_000

/** The letters by a connection of their own, beside the service's. Each write is a transaction of a moment. Throws StartError. */
export function openLettersBeside(file: string): { letters: LetterStore; close(): void } {
  const db = new DatabaseSync(file, { timeout: patienceMs })
  try {
    if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'letters'").get())
      throw new StartError('The database is of an older version: start this one once, then try again.')
    db.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0')
  } catch (error) {
    db.close()
    throw error
  }
  const writes = createLetterWrites(db)
  const transact = createTransact(db)
  const write: Write<typeof writes> = async <Name extends keyof typeof writes>(
    name: Name,
    ...args: Parameters<(typeof writes)[Name]>
  ) => {
    let result: unknown
    const undone = transact(() => {
      result = (writes[name] as (...args: unknown[]) => unknown)(...args)
    })
    if (undone) throw new StartError(`The database can't be written: ${(undone.error as Error).message}`)
    return result as ReturnType<(typeof writes)[Name]>
  }
  return {
    letters: createLetterStore({ db, database: { read: (run) => run(), write } }),
    close: () => db.close(),
  }
}
