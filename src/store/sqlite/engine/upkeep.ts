import type { DatabaseSync } from 'node:sqlite'
import type { Transact } from './batch.ts'

/** A step of purging takes about so many milliseconds, whatever the rows hold. */
const purgeMs = 5
const rowsPerLook = 50

/** What goes with a group: each table by its primary key. An index of it begins with `group_id`. */
const ofGroup = {
  members: 'group_id, user_id',
  mutes: 'group_id, user_id',
  bans: 'group_id, user_id',
  messages: 'group_id, seq',
  reactions: 'message_id, emoji, user_id',
  pins: 'group_id, rev',
  mentions: 'group_id, user_id, seq',
  revisions: 'message_id, ver',
  deleted_texts: 'message_id',
  changes: 'group_id, rev',
  invites: 'code',
  reports: 'id',
  preferences: 'user_id, group_id',
  avatars: 'group_id, user_id, sha256',
  deletions: 'group_id, hundred',
  consumed: 'consumer, group_id',
  search_entries: 'place',
  letters: 'id',
} as const

/** The letter of the group's end stays until it is told. */
const only: Readonly<Record<string, string>> = { letters: 'AND log IS NOT NULL' }

/**
 * Groups that were being made when the last process ended will never be whole, so they are left to the purge. If the disk
 * is full, a later start does that.
 */
export function abandonDrafts(db: DatabaseSync, transact: Transact): void {
  const abandon = db.prepare('UPDATE purge SET is_draft = 0 WHERE is_draft = 1')
  transact(() => void abandon.run())
}

/** Removes what deleted groups left behind. */
export function createPurge(db: DatabaseSync, clock = () => performance.now()) {
  const sql = {
    next: db.prepare('SELECT group_id AS groupId FROM purge WHERE is_draft = 0 LIMIT 1'),
    done: db.prepare('DELETE FROM purge WHERE group_id = ?'),
  }
  const rows = Object.entries(ofGroup).map(([table, key]) =>
    db.prepare(
      `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE group_id = ? ${only[table] ?? ''} LIMIT ${rowsPerLook})`,
    ),
  )
  // What is known of a file stays until its bytes are removed, too.
  rows.push(
    db.prepare(
      `UPDATE files SET gone = 1 WHERE id IN (SELECT id FROM files WHERE group_id = ? AND gone = 0 LIMIT ${rowsPerLook})`,
    ),
  )
  const next = () => sql.next.get() as { groupId: string } | undefined

  return {
    pending: (): boolean => next() !== undefined,

    /** Removes some rows of one group. Only inside a transaction. */
    step(): void {
      const group = next()
      if (!group) return
      const end = clock() + purgeMs
      do {
        const gone = rows.map((statement) => Number(statement.run(group.groupId).changes))
        if (gone.every((count) => count < rowsPerLook)) return void sql.done.run(group.groupId)
      } while (clock() < end)
    },
  }
}
