import type { DatabaseSync } from 'node:sqlite'
import type { Change, Head } from '../../domain/change.ts'
import type { Position } from '../../domain/cursor.ts'
import { type Message, shown } from '../../domain/message.ts'
import type { LogStore } from '../log.ts'
import { change, head } from './changes.ts'
import { firstNumber, query } from './engine/columns.ts'
import { createTogether, type Database } from './engine/database.ts'
import type { HeadCache } from './head-cache.ts'
import { message } from './messages.ts'
import { createReactionFilling } from './reactions.ts'

export type LogReads = ReturnType<typeof createLogReads>

export function createLogReads(db: DatabaseSync) {
  const together = createTogether(db)
  const fill = createReactionFilling(db)
  const ofGroup = 'WHERE group_id = ?1 AND EXISTS (SELECT 1 FROM groups WHERE id = ?1)'
  const sql = {
    head: query(db, `SELECT ${head.list} FROM groups WHERE id = ?`, head.of),
    messages: query(
      db,
      `SELECT ${message.list} FROM messages ${ofGroup} AND seq > ?2 ORDER BY seq LIMIT ?3`,
      (row) => shown(message.of(row)),
    ),
    changes: query(
      db,
      `SELECT ${change.list} FROM changes ${ofGroup} AND rev > ?2 ORDER BY rev LIMIT ?3`,
      change.of,
    ),
    start: query(db, `SELECT coalesce(min(rev) - 1, 0) FROM changes ${ofGroup}`, firstNumber),
  }
  return {
    head: (groupId: string): Head | null => sql.head.get(groupId),
    after: (groupId: string, after: Position, limit: number): { messages: Message[]; changes: Change[] } =>
      together(() => ({
        messages: fill(sql.messages.all(groupId, after.seq, limit)),
        changes: sql.changes.all(groupId, after.rev, limit),
      })),
    start: (groupId: string): number => sql.start.get(groupId) ?? 0,
  }
}

/** A bounded part of LogStore.trim: how many entries were dropped, and where to go on, or null at the end. */
interface TrimStep {
  dropped: number
  next: string | null
}

/** A step touches at most so many rows, so that sends get their turn in between. */
const rowsPerStep = 500

export function createLogWrites(db: DatabaseSync) {
  const sql = {
    groups: db.prepare(`SELECT id, rev FROM groups WHERE id > ? ORDER BY id LIMIT ${rowsPerStep}`),
    oldest: db.prepare('SELECT rev, at FROM changes WHERE group_id = ? AND rev < ? ORDER BY rev'),
    drop: db.prepare('DELETE FROM changes WHERE group_id = ? AND rev <= ?'),
  }

  /**
   * Drops the beginning of a group's log, as far as its entries are older than `before`; never the last entry, and at most
   * a step's worth. An old entry behind a younger one stays, whatever the clocks did: a hole would be a silent gap for a
   * client that resumes there.
   */
  const trimGroup = (group: { id: string; rev: number }, before: number): number => {
    let dropped = 0
    let last = 0
    for (const { rev, at } of sql.oldest.iterate(group.id, group.rev)) {
      if (Number(at) >= before || dropped === rowsPerStep) break
      last = Number(rev)
      dropped += 1
    }
    if (dropped > 0) sql.drop.run(group.id, last)
    return dropped
  }

  return {
    /** Trims groups whose ids come after `after`. */
    'log.trim'(before: number, after: string): TrimStep {
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
    },
  }
}

interface StoreDeps {
  database: Database<ReturnType<typeof createLogWrites>>
  reads: LogReads
  heads: HeadCache
}

export function createLogStore({ database, reads, heads }: StoreDeps): LogStore {
  const { read, write } = database
  return {
    readHead: async (groupId) => read(() => heads.get(groupId, reads.head)),
    readHeads: async (groupIds) =>
      read(() => {
        const found = groupIds.map((groupId) => [groupId, heads.get(groupId, reads.head)] as const)
        return new Map(found.filter((each): each is [string, Head] => each[1] !== null))
      }),
    read: async (groupId, after, limit) => read(() => reads.after(groupId, after, limit)),
    readStart: async (groupId) => read(() => reads.start(groupId)),
    async trim(before) {
      let total = 0
      for (let after: string | null = ''; after !== null; ) {
        const step: TrimStep = await write('log.trim', before, after)
        total += step.dropped
        after = step.next
      }
      return total
    },
  }
}
