import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartError } from '../../start-error.ts'
import { isSqliteError, primaryCode, sqlite, verdict } from './failure.ts'
import { migrate } from './migrations.ts'

export const databaseFile = (dataDir: string): string => join(dataDir, 'chat.db')

/** Files up to this many bytes are checked at every start, larger ones only after an unclean stop. */
const smallFile = 64 * 1024 * 1024

/**
 * Opens the database for writing: checked, migrated, and with all of its log in the main file.
 * Throws StartError, which names the file.
 */
export function openForWriting(file: string): DatabaseSync {
  // A clean close leaves no log. fs may only look, never open: closing a descriptor would drop SQLite's locks.
  const unclean = size(`${file}-wal`) > 0
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(file, { timeout: 1_000 })
    if (unclean || size(file) <= smallFile) check(db)
    // Left to SQLite, a checkpoint would say nothing of an I/O error, and the log be lost with what it failed to copy.
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16384',
    )
    migrate(db)
    // What a failed fsync left in the log looks written but may not be on the disk: write it again, elsewhere.
    checkpoint(db, 'TRUNCATE')
    return db
  } catch (error) {
    db?.close()
    throw new StartError(`Can't use the database ${file}: ${reason(error)}`, { cause: error })
  }
}

/** Opens it for reading, beside the one writer. */
export function openForReading(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { readOnly: true })
  db.exec('PRAGMA cache_size = -16384')
  return db
}

/**
 * Copies the log into the main file. When there is no room or no lock for that, the log keeps it all until the next
 * time; any other error is thrown.
 */
export function checkpoint(db: DatabaseSync, mode: 'PASSIVE' | 'TRUNCATE'): void {
  try {
    db.exec(`PRAGMA wal_checkpoint(${mode})`)
  } catch (error) {
    const why = verdict(error, false)
    if (why !== 'full' && why !== 'busy') throw error
  }
}

const size = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

function check(db: DatabaseSync): void {
  const complaints = db.prepare('PRAGMA quick_check(3)').all().flatMap(Object.values)
  if (complaints.join() !== 'ok') throw new StartError(`${damaged} SQLite says: ${complaints.join('; ')}`)
}

const damaged =
  'it is damaged. Keep a copy of the folder, then put a backup in place of chat.db (without chat.db-wal ' +
  'and chat.db-shm) and run `chat-api restored`.'

function reason(error: unknown): string {
  if (error instanceof StartError) return error.message
  if (!isSqliteError(error)) return String(error)
  if (verdict(error, false) === 'full') return 'the disk is full. Free some space and start again.'
  switch (primaryCode(error)) {
    case sqlite.notADatabase:
    case sqlite.corrupt:
      return `${damaged} SQLite says: ${error.message}`
    case sqlite.busy:
      return 'another program is writing to it. Close that program and start again.'
    case sqlite.readOnly:
    case sqlite.cannotOpen:
      return 'it cannot be written. Check who owns the folder and its files, and that they are not read-only.'
    default:
      return `${error.message} (SQLite error ${error.errcode}).`
  }
}
