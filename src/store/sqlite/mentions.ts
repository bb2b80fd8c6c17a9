import type { DatabaseSync } from 'node:sqlite'
import type { MentionStore } from '../mentions.ts'
import { firstNumber, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

interface StoreDeps {
  db: DatabaseSync
  database: Pick<Database<never>, 'read'>
}

/** Triggers keep the rows that are counted. One that mentions all has no user. */
export function createMentionStore({ db, database: { read } }: StoreDeps): MentionStore {
  /** The mention is by nobody whom the user has blocked. */
  const heard = (userId: string) =>
    `NOT EXISTS (SELECT 1 FROM blocks WHERE user_id = ${userId} AND blocked_id = sender_id)`
  const counting = (groupId: string, userId: string, seq: string) =>
    `(SELECT count(*) FROM mentions WHERE group_id = ${groupId} AND user_id = ${userId} AND seq > ${seq} AND ${heard(userId)}) +
     (SELECT count(*) FROM mentions WHERE group_id = ${groupId} AND user_id = '' AND seq > ${seq} AND sender_id <> ${userId}
      AND ${heard(userId)})`
  const sql = {
    one: query(
      db,
      `SELECT ${counting('?1', '?2', '?3')} WHERE EXISTS (SELECT 1 FROM groups WHERE id = ?1)`,
      firstNumber,
    ),
    many: query(
      db,
      `SELECT groups.id, ${counting('groups.id', '?1', "mark.value ->> 'seq'")} AS mentions
       FROM json_each(?2) AS mark JOIN groups ON groups.id = mark.value ->> 'groupId' WHERE mentions > 0`,
      (row: [groupId: string, count: number]) => row,
    ),
  }
  return {
    count: async (userId, groupId, afterSeq) => read(() => sql.one.get(groupId, userId, afterSeq) ?? 0),
    countMany: async (userId, after) => read(() => new Map(sql.many.all(userId, JSON.stringify(after)))),
  }
}
