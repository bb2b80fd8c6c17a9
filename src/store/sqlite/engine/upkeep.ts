import type { DatabaseSync } from 'node:sqlite'

/** A step of purging takes about so many milliseconds, whatever the rows hold. */
const purgeMs = 5
const rowsPerLook = 50

/** Removes what deleted groups left behind. */
export function createPurge(db: DatabaseSync, clock = () => performance.now()) {
  const sql = {
    next: db.prepare('SELECT group_id AS groupId FROM purge LIMIT 1'),
    messages: db.prepare(
      `DELETE FROM messages WHERE group_id = ?1
       AND seq IN (SELECT seq FROM messages WHERE group_id = ?1 LIMIT ${rowsPerLook})`,
    ),
    changes: db.prepare(
      `DELETE FROM changes WHERE group_id = ?1
       AND rev IN (SELECT rev FROM changes WHERE group_id = ?1 LIMIT ${rowsPerLook})`,
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
        const gone = [sql.messages, sql.changes].map((statement) =>
          Number(statement.run(group.groupId).changes),
        )
        if (gone.every((rows) => rows < rowsPerLook)) return void sql.done.run(group.groupId)
      } while (clock() < end)
    },
  }
}
