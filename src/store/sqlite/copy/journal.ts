import type { DatabaseSync } from 'node:sqlite'
import { type Journal, requireWhole } from '../../copy/journal.ts'
import { firstText, query } from '../engine/columns.ts'

const key = 'copy'

export function createJournal(db: DatabaseSync) {
  const kept = query(db, 'SELECT value FROM meta WHERE key = ?', firstText)
  const keep = db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)')
  return {
    read(): Journal | null {
      const text = kept.get(key)
      return text === null ? null : (JSON.parse(text) as Journal)
    },
    write: (journal: Journal): void => void keep.run(key, JSON.stringify(journal)),
  }
}

/** To be called before the database is used. Throws StartError. */
export const refuseUnfinishedCopy = (db: DatabaseSync): void => requireWhole(createJournal(db).read())
