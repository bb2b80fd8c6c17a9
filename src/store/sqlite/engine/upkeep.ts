import type { DatabaseSync } from 'node:sqlite'

/** What can be much work is done in steps of at most this many rows, so that sends get their turn in between. */
const rowsPerStep = 500

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

/** A bounded part of LogStore.trim: how many entries went, and where to go on, or null at the end. */
export interface TrimStep {
  dropped: number
  next: string | null
}

export function createTrim(db: DatabaseSync) {
  const sql = {
    groups: db.prepare(`SELECT id, rev FROM groups WHERE id > ? ORDER BY id LIMIT ${rowsPerStep}`),
    oldest: db.prepare('SELECT rev, at FROM changes WHERE group_id = ? AND rev < ? ORDER BY rev'),
    drop: db.prepare('DELETE FROM changes WHERE group_id = ? AND rev <= ?'),
  }

  /**
   * Drops the beginning of a group's log, in which all is older than `before`; all but the last entry, and a step's
   * worth at most. What lies behind a younger entry stays, whatever the clocks did: a hole would be a silent gap to
   * whoever resumes there.
   */
  const trimGroup = ({ id, rev: head }: { id: string; rev: number }, before: number): number => {
    let dropped = 0
    let last = 0
    for (const { rev, at } of sql.oldest.iterate(id, head)) {
      if (Number(at) >= before || dropped === rowsPerStep) break
      last = Number(rev)
      dropped += 1
    }
    if (dropped > 0) sql.drop.run(id, last)
    return dropped
  }

  /** Trims groups whose ids come after `after`. Only inside a transaction. */
  return (before: number, after: string): TrimStep => {
    let dropped = 0
    let done = after
    const groups = sql.groups.all(after) as { id: string; rev: number }[]
    for (const group of groups) {
      const gone = trimGroup(group, before)
      dropped += gone
      if (gone < rowsPerStep) done = group.id
      if (dropped >= rowsPerStep) break
    }
    return { dropped, next: groups.length === 0 ? null : done }
  }
}
