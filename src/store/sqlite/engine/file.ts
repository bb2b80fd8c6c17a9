import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartError } from '../../start-error.ts'
import { isSqliteError, primaryCode, sqlite, verdict } from './failure.ts'
import { migrate } from './migrations.ts'
import { forgetUnclean, wasDamaged } from './unclean.ts'

export const databaseFile = (dataDir: string): string => join(dataDir, 'chat.db')

/** Files up to this many bytes are checked whole at every start. */
export const smallFile = 64 * 1024 * 1024
/** Once all of the log is copied, its file is cut to so many bytes. */
const keptLog = 16 * 1024 * 1024

/**
 * Opens the database for writing: checked, migrated, and with all of its log in the main file.
 * Throws StartError, which names the file.
 */
export function openForWriting(file: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    makePrivate(file)
    db = new DatabaseSync(file, { timeout: 1_000 })
    if (size(file) > smallFile && !wasDamaged(file)) refuse(looksDamaged(db))
    else {
      refuse(damageIn(db))
      forgetUnclean(file)
    }
    // SQLite's own checkpoints would not report an I/O error, and what they failed to copy would be lost with the log.
    db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = ${keptLog}; PRAGMA cache_size = -16384`,
    )
    migrate(db)
    // What a failed fsync left in the log looks written but may not be on the disk, so it is written again, elsewhere.
    checkpoint(db, 'TRUNCATE')
    return db
  } catch (error) {
    db?.close()
    throw new StartError(`Can't use the database ${file}: ${reason(error)}`, { cause: error })
  }
}

/** Opens the database for reading, beside the one writer. */
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

/**
 * Lets only the service's own user read what people write. To be called before SQLite opens the file, because SQLite
 * gives its log the file's mode, and closing a descriptor of ours later would drop its locks. A failure (a disk that
 * knows no modes, another user's file) is no reason not to start: if it matters, SQLite fails too, and `chat-api
 * doctor` tells of it.
 */
export function makePrivate(file: string): void {
  try {
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
    else for (const part of ['', '-wal', '-shm']) narrow(file + part)
  } catch {}
}

function narrow(file: string): void {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat?.isFile() && (stat.mode & 0o077) !== 0) chmodSync(file, 0o600)
}

const size = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

/** What SQLite finds wrong when it reads all of the file, in words for the operator; null when it is sound. */
export function damageIn(db: DatabaseSync): string | null {
  const complaints = db.prepare('PRAGMA quick_check(3)').all().flatMap(Object.values)
  return complaints.join() === 'ok' ? null : `${damaged} SQLite says: ${complaints.join('; ')}`
}

/** The same at a glance: checks that the file is as long as it says, and that each table can be read at both of its ends. */
function looksDamaged(db: DatabaseSync): string | null {
  const pragma = (name: string) => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0])
  if (pragma('page_count') === 0 || pragma('freelist_count') > pragma('page_count')) return damaged
  const tables = db
    .prepare(
      `SELECT name, coalesce((SELECT name FROM pragma_table_info(sqlite_schema.name) WHERE pk = 1), 'rowid') AS key
       FROM sqlite_schema WHERE type = 'table'`,
    )
    .all()
  for (const { name, key } of tables)
    for (const order of ['ASC', 'DESC'])
      db.prepare(`SELECT * FROM "${name}" ORDER BY "${key}" ${order} LIMIT 1`).get()
  return null
}

function refuse(damage: string | null): void {
  if (damage !== null) throw new StartError(damage)
}

export const damaged =
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
