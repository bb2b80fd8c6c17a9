import type { DatabaseSync } from 'node:sqlite'
import { requireMay } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Role } from '../../domain/member.ts'
import { type KnownMark, movesMark, type Reading, type ReadMark } from '../../domain/read.ts'
import type { Marked, ReadStore } from '../reads.ts'
import { firstNumber, query } from './engine/columns.ts'
import { createTogether, type Database } from './engine/database.ts'
import type { MemberReads } from './member-reads.ts'

/** Deleted messages are counted for each so many numbers of a group: migrations.ts. */
const perCount = 100

/** A group, with the user's own row in it, if they are a member. */
interface Row {
  readonly groupId: string
  readonly role: Role | null
  readonly seq: number
  readonly deleted: number
  readonly activeAt: number
  readonly read: number
}

export type ReadMarkReads = ReturnType<typeof createReadMarkReads>

export function createReadMarkReads(db: DatabaseSync) {
  const together = createTogether(db)
  const sql = {
    marks: query(
      db,
      `SELECT user_id, read_seq, read_at FROM members WHERE group_id = ? AND read_at IS NOT NULL
       AND EXISTS (SELECT 1 FROM groups WHERE id = group_id) ORDER BY read_seq DESC, read_at, user_id LIMIT ?`,
      ([userId, seq, at]: [string, number, number]): ReadMark => ({ userId, seq, at }),
    ),
    ofUser: query(
      db,
      `SELECT groups.id, role, seq, deleted, active_at, max(coalesce(read_seq, 0), read_base) FROM json_each(?2)
       JOIN groups ON groups.id = value LEFT JOIN members ON group_id = groups.id AND user_id = ?1`,
      ([groupId, role, seq, deleted, activeAt, read]: [
        string,
        Role,
        number,
        number,
        number,
        number,
      ]): Row => ({
        groupId,
        role,
        seq,
        deleted,
        activeAt,
        read,
      }),
    ),
    shown: query(
      db,
      `SELECT count(*) FROM messages INDEXED BY messages_shown
       WHERE group_id = ? AND is_deleted = 0 AND seq > ? AND seq < ?`,
      firstNumber,
    ),
    deleted: query(
      db,
      'SELECT coalesce(sum(count), 0) FROM deletions WHERE group_id = ? AND hundred >= ?',
      firstNumber,
    ),
  }

  /** Messages after `read` that are not deleted. None is the user's own, because sending one marks it as read. */
  function unread({ groupId, seq, deleted, read }: Row): number {
    if (!deleted || read >= seq) return seq - read
    const hundred = Math.floor(read / perCount) + 1
    const from = hundred * perCount
    const shown = sql.shown.get(groupId, read, from) ?? 0
    if (seq < from) return shown
    return shown + (seq - from + 1) - (sql.deleted.get(groupId, hundred) ?? 0)
  }

  function reading(row: Row): Reading {
    const { role, seq, activeAt } = row
    const isMember = role !== null
    return {
      role,
      seq,
      lastMessageAt: activeAt || null,
      readSeq: isMember ? row.read : seq,
      unreadCount: isMember ? unread(row) : 0,
    }
  }

  return {
    marks: (groupId: string, limit: number): ReadMark[] => sql.marks.all(groupId, limit),
    ofUser: (userId: string, groupIds: readonly string[]): Map<string, Reading> =>
      together(
        () =>
          new Map(sql.ofUser.all(userId, JSON.stringify(groupIds)).map((row) => [row.groupId, reading(row)])),
      ),
  }
}

/** Marks all up to a message as read by its sender, if they are a member. Only inside a transaction. */
export type MarkSent = (groupId: string, userId: string, seq: number, at: number) => void

export function createMarkSent(db: DatabaseSync): MarkSent {
  const mark = db.prepare('UPDATE members SET read_seq = ?, read_at = ? WHERE group_id = ? AND user_id = ?')
  return (groupId, userId, seq, at) => void mark.run(seq, at, groupId, userId)
}

interface WriteDeps {
  memberReads: MemberReads
  markSent: MarkSent
}

/** The writes of read marks. Each throws its ChatError before it writes anything. */
export function createReadWrites(db: DatabaseSync, { memberReads, markSent }: WriteDeps) {
  const head = query(db, 'SELECT seq FROM groups WHERE id = ?', firstNumber)
  const known = query(
    db,
    `SELECT max(read_seq, read_base), read_at FROM members JOIN groups ON id = group_id
     WHERE group_id = ? AND user_id = ?`,
    ([seq, at]: [number, number | null]): KnownMark => ({ seq, at }),
  )
  return {
    'reads.mark'(groupId: string, seq: number, by: Caller, at: number): Marked {
      requireMay('markRead', memberReads.membership(groupId, by.userId), by, at)
      const present = known.get(groupId, by.userId) ?? { seq: 0, at: null }
      if (!movesMark(present, seq, head.get(groupId) ?? 0)) return { seq: present.seq, isNews: false }
      markSent(groupId, by.userId, seq, at)
      return { seq, isNews: true }
    },
  }
}

interface StoreDeps {
  database: Database<ReturnType<typeof createReadWrites>>
  reads: ReadMarkReads
}

export const createReadStore = ({ database: { read, write }, reads }: StoreDeps): ReadStore => ({
  async mark(groupId, seq, by, at) {
    return { value: await write('reads.mark', groupId, seq, by, at), changes: [] }
  },
  list: async (groupId, limit) => read(() => reads.marks(groupId, limit)),
  ofUser: async (userId, groupIds) => read(() => reads.ofUser(userId, groupIds)),
})
