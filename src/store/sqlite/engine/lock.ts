import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartError } from '../../start-error.ts'
import { isSqliteError, primaryCode, sqlite } from './failure.ts'
import { makePrivate } from './file.ts'

/**
 * Makes the data folder if need be, and keeps other processes out of it until the returned function is called or this
 * process ends, however it ends. The lock lies on a database of its own, because `locking_mode = EXCLUSIVE` on the
 * real one would lock out our own reader. Throws StartError.
 */
export function lockFolder(dataDir: string): () => void {
  let db: DatabaseSync | undefined
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const file = join(dataDir, 'lock.db')
    makePrivate(file)
    db = new DatabaseSync(file)
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    throw new StartError(`Can't use the data folder ${dataDir}: ${reason(error)}`, { cause: error })
  }
  const held = db
  return () => held.close()
}

function reason(error: unknown): string {
  if (isSqliteError(error) && primaryCode(error) === sqlite.busy)
    return 'another chat-api process is using it. Stop that one, or set DATA_DIR to a folder of its own.'
  const cause = error instanceof Error ? error.message : String(error)
  return `it cannot be written (${cause}). Check that it exists, who owns it, and that it is not read-only.`
}
