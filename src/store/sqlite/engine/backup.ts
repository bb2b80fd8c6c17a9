import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { databaseFile, makePrivate } from './file.ts'

/**
 * Writes all that is committed in `dataDir` to `file`, as one database file without free space, beside a running
 * service or without one. Blocks the thread for as long as it takes. Either the whole backup is there afterwards, on the
 * disk, or no file of that name. Throws Error, with a message for the operator.
 */
export function backupSqlite(dataDir: string, file: string): void {
  const source = databaseFile(dataDir)
  if (!existsSync(source)) throw new Error(`There is no database to back up: ${source}`)
  if (existsSync(file)) throw new Error(`There is a file already, and a backup overwrites nothing: ${file}`)
  const partial = `${file}.partial`
  const db = new DatabaseSync(source)
  try {
    rmSync(partial, { force: true })
    makePrivate(partial)
    db.prepare('VACUUM INTO ?').run(partial)
    flush(partial)
    renameSync(partial, file)
  } catch (error) {
    rmSync(partial, { force: true })
    throw new Error(`Can't write the backup ${file}: ${(error as Error).message}`, { cause: error })
  } finally {
    db.close()
  }
}

function flush(file: string): void {
  const descriptor = openSync(file, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
