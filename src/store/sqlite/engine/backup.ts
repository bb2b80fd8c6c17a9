import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { blobPath, filesFolder } from '../../blobs/disk.ts'
import { databaseFile, makePrivate } from './file.ts'

/** What was written beside the database. */
export interface BackedUp {
  /** The folder with the bytes of files; null when there are none. */
  readonly folder: string | null
  readonly files: number
}

/**
 * Writes all that is committed in `dataDir` to `file`, as one database file without free space, and the bytes of its files into the
 * folder `file.files`, beside a running service or without one. Blocks the thread for as long as it takes. Either the whole backup is there
 * afterwards, on the disk, or no file of that name. Throws Error, with a message for the operator.
 */
export function backupSqlite(dataDir: string, file: string): BackedUp {
  const source = databaseFile(dataDir)
  const folder = `${file}.files`
  if (!existsSync(source)) throw new Error(`There is no database to back up: ${source}`)
  for (const path of [file, folder])
    if (existsSync(path)) throw new Error(`There is a file already, and a backup overwrites nothing: ${path}`)
  const partial = `${file}.partial`
  const db = new DatabaseSync(source)
  try {
    rmSync(partial, { force: true })
    makePrivate(partial)
    db.prepare('VACUUM INTO ?').run(partial)
    flush(partial)
    const files = copyFiles(idsIn(partial), filesFolder(dataDir), folder)
    renameSync(partial, file)
    return { folder: files ? folder : null, files }
  } catch (error) {
    for (const path of [partial, folder]) rmSync(path, { force: true, recursive: true })
    throw new Error(`Can't write the backup ${file}: ${(error as Error).message}`, { cause: error })
  } finally {
    db.close()
  }
}

/** The files that a database knows. */
function idsIn(file: string): string[] {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    // A database of an earlier version has none.
    if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'files'").get()) return []
    return db
      .prepare('SELECT id FROM files WHERE gone = 0')
      .all()
      .map(({ id }) => String(id))
  } finally {
    db.close()
  }
}

/** Returns how many there were. One that was removed since the database was copied is left out. */
function copyFiles(ids: readonly string[], from: string, to: string): number {
  const there = ids.filter((id) => existsSync(blobPath(from, id)))
  for (const id of there) {
    const copy = blobPath(to, id)
    mkdirSync(dirname(copy), { recursive: true, mode: 0o700 })
    try {
      copyFileSync(blobPath(from, id), copy, constants.COPYFILE_FICLONE)
    } catch (error) {
      if (existsSync(blobPath(from, id))) throw error
      continue
    }
    flush(copy)
  }
  return there.length
}

function flush(file: string): void {
  const descriptor = openSync(file, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
