import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { createDiskBlobs, filesFolder } from '../../blobs/disk.ts'
import { CopyError, type NounCopies, type NounCopy, type Side } from '../../copy/side.ts'
import { backfills } from '../backfills.ts'
import { createBackfillDone } from '../engine/backfill.ts'
import { createTransact } from '../engine/batch.ts'
import { checkpoint, databaseFile, openForWriting } from '../engine/file.ts'
import { lockFolder } from '../engine/lock.ts'
import { createWrites } from '../writes.ts'
import { createJournal, refuseUnfinishedCopy } from './journal.ts'
import { createNounCopies } from './nouns.ts'

/** The log is copied into the main file after so many pages of records. */
const pagesPerCheckpoint = 50

/** Nobody else uses the folder until it is closed. Throws StartError, CopyError. */
export async function openSqliteSide(dataDir: string, role: 'source' | 'target'): Promise<Side> {
  const file = databaseFile(dataDir)
  if (role === 'source' && !existsSync(file)) throw new CopyError(`There is no database: ${file}`)
  const unlock = lockFolder(dataDir)
  let db: DatabaseSync | undefined
  try {
    db = openForWriting(file)
    if (role === 'source') {
      refuseUnfinishedCopy(db)
      fillBack(db)
    }
    return createSide(db, dataDir, unlock)
  } catch (error) {
    db?.close()
    unlock()
    throw error
  }
}

/** Does what is still to be done to a file of an earlier version. */
function fillBack(db: DatabaseSync): void {
  const writes = createWrites(db)
  const transact = createTransact(db)
  for (const { name } of backfills)
    for (let isDone = false; !isDone; ) {
      const undone = transact(() => {
        isDone = writes['backfill.portion'](name).isDone
      })
      if (undone) throw undone.error
    }
}

function createSide(db: DatabaseSync, dataDir: string, unlock: () => void): Side {
  const nouns: NounCopies = createNounCopies(db)
  const journal = createJournal(db)
  const transact = createTransact(db)
  let pages = 0

  function write(work: () => void): void {
    const undone = transact(work)
    if (!undone) return
    if (undone.why === 'bug') throw undone.error
    const why =
      undone.why === 'full' ? 'there is no space left. Make some' : 'another program writes to it. End that'
    throw new CopyError(`Can't write to ${dataDir}: ${why}, then run the same command again.`)
  }

  return {
    kind: 'sqlite',
    name: dataDir,
    nouns,
    blobs: createDiskBlobs(filesFolder(dataDir)),

    async isEmpty() {
      const tables = new Set(Object.values(nouns).flatMap(({ keptIn }) => keptIn))
      // The tally of a new database has a row, of nothing.
      tables.delete('tally')
      return [...tables].every((table) => !db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get())
    },

    journal: async () => journal.read(),

    async keep(next, noun, records) {
      write(() => {
        if (noun && records) void (nouns[noun] as NounCopy<unknown>).fill(records)
        journal.write(next)
      })
      if (++pages % pagesPerCheckpoint === 0) checkpoint(db, 'PASSIVE')
    },

    async complete() {
      const isDone = createBackfillDone(db)
      write(() => {
        for (const { name } of backfills) isDone(name)
      })
      checkpoint(db, 'TRUNCATE')
    },

    // The folder is locked.
    requireUnused: async () => undefined,

    async close() {
      db.close()
      unlock()
    },
  }
}
