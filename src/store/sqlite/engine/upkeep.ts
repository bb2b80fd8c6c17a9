import type { DatabaseSync } from 'node:sqlite'
import type { Transact } from './batch.ts'

/** A step of purging takes about so many milliseconds, whatever the rows hold. */
const purgeMs = 5
const rowsPerLook = 50

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
    members: db.prepare(
      `DELETE FROM members WHERE group_id = ?1
       AND user_id IN (SELECT user_id FROM members WHERE group_id = ?1 LIMIT ${rowsPerLook})`,
    ),
    messages: db.prepare(
      `DELETE FROM messages WHERE group_id = ?1
       AND seq IN (SELECT seq FROM messages WHERE group_id = ?1 LIMIT ${rowsPerLook})`,
    ),
    changes: db.prepare(
      `DELETE FROM changes WHERE group_id = ?1
       AND rev IN (SELECT rev FROM changes WHERE group_id = ?1 LIMIT ${rowsPerLook})`,
    ),
    reactions: db.prepare(
      `DELETE FROM reactions WHERE (message_id, emoji, user_id) IN
       (SELECT message_id, emoji, user_id FROM reactions WHERE group_id = ? LIMIT ${rowsPerLook})`,
    ),
    done: db.prepare('DELETE FROM purge WHERE group_id = ?'),
  }
  const next = () => sql.next.get() as { groupId: string } | undefined

  return {
    pending: (): boolean => next() !== undefined,

    /** Removes some rows of one group. Only inside a transaction. */
    step(): void {
      const group = next()
      if (!group) return
      const end = clock() + purgeMs
      do {
        const gone = [sql.members, sql.messages, sql.reactions, sql.changes].map((statement) =>
          Number(statement.run(group.groupId).changes),
        )
        if (gone.every((rows) => rows < rowsPerLook)) return void sql.done.run(group.groupId)
      } while (clock() < end)
    },
  }
}
