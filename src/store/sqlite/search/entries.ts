import type { DatabaseSync } from 'node:sqlite'
import { termsOf } from '../../../domain/search.ts'
import { firstNumber, query } from '../engine/columns.ts'
import { placesPerMs } from './place.ts'
import { searchTables } from './tables.ts'
import { fileTerm, groupTerm, senderTerm, wordTerm } from './terms.ts'

interface Row {
  groupId: string
  senderId: string
  content: string
  createdAt: number
  isDeleted: number
  hasFile: number
  seq: number
}

/** A portion's work, in milliseconds: for so long a send waits for it. */
const portionMs = 5
const messagesPerLook = 10

/** Pages of 4 KiB that one portion of putting the index's parts together writes, some more or less: it takes as long. */
const pagesPerPortion = 16

export function createSearchWrites(db: DatabaseSync, clock: () => number = () => performance.now()) {
  const sql = {
    messages: db.prepare(
      `SELECT group_id AS groupId, sender_id AS senderId, content, created_at AS createdAt,
              is_deleted AS isDeleted, attachments IS NOT NULL AS hasFile, seq
       FROM messages WHERE id IN (SELECT value FROM json_each(?)) ORDER BY created_at, seq`,
    ),
    place: query(db, 'SELECT place FROM search_entries WHERE group_id = ? AND seq = ?', firstNumber),
    isTaken: query(db, 'SELECT 1 FROM search_entries WHERE place = ?', () => true),
    hasGroup: query(db, 'SELECT 1 FROM groups WHERE id = ?', () => true),
    take: db.prepare('INSERT INTO search_entries (place, group_id, seq) VALUES (?, ?, ?)'),
    remove: db.prepare('DELETE FROM search_entries WHERE place = ?'),
    index: db.prepare('INSERT INTO search_words (rowid, terms) VALUES (CAST(? AS INTEGER), ?)'),
    unindex: db.prepare('DELETE FROM search_words WHERE rowid = CAST(? AS INTEGER)'),
    merge: db.prepare(`INSERT INTO search_words (search_words, rank) VALUES ('merge', ${pagesPerPortion})`),
    written: query(db, 'SELECT total_changes()', firstNumber),
  }
  /** Of many messages that were all sent in one millisecond, the next finds its place at once. */
  let crowded = { createdAt: Number.NaN, free: 0 }

  function freePlace(createdAt: number, seq: number): number {
    let place = createdAt * placesPerMs + (seq % placesPerMs)
    if (!sql.isTaken.get(place)) return place
    if (createdAt === crowded.createdAt) place = crowded.free
    while (sql.isTaken.get(place)) place++
    crowded = { createdAt, free: place + 1 }
    return place
  }

  function put({ groupId, senderId, content, createdAt, isDeleted, hasFile, seq }: Row): void {
    const known = sql.place.get(groupId, seq)
    if (isDeleted || !sql.hasGroup.get(groupId)) {
      if (known !== null) sql.remove.run(known)
      return
    }
    const place = known ?? freePlace(createdAt, seq)
    if (known === null) sql.take.run(place, groupId, seq)
    else sql.unindex.run(place)
    const terms = [
      groupTerm(groupId),
      senderTerm(senderId),
      ...(hasFile ? [fileTerm] : []),
      ...termsOf(content).map(wordTerm),
    ]
    sql.index.run(place, terms.join(' '))
  }

  return {
    /** Returns those that are still to be put, because it would take too long. */
    'search.putPortion'(ids: readonly string[]): string[] {
      const end = clock() + portionMs
      let done = 0
      while (done < ids.length && (done === 0 || clock() < end)) {
        const some = ids.slice(done, done + messagesPerLook)
        // FTS5 begins another part of its index at each number that is lower than the one before.
        for (const row of sql.messages.all(JSON.stringify(some)) as unknown as Row[]) put(row)
        done += some.length
      }
      return ids.slice(done)
    },

    /** Puts parts of the index together, which would do so by itself at any put, and take its time. Returns whether there was something to do. */
    'search.mergePortion'(): boolean {
      const before = sql.written.get() ?? 0
      sql.merge.run()
      // SQLite: where less than two rows changed, the command did nothing.
      return (sql.written.get() ?? 0) - before >= 2
    },

    'search.clear'(): void {
      db.exec(`DROP TABLE search_words; DROP TABLE search_entries; ${searchTables}`)
    },
  }
}
