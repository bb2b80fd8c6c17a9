import type { DatabaseSync } from 'node:sqlite'
import type { Change, Head } from '../../domain/change.ts'
import type { Position } from '../../domain/cursor.ts'
import type { Group, GroupSummary } from '../../domain/group.ts'
import type { Message, MessagePage } from '../../domain/message.ts'
import {
  changeColumns,
  changeOf,
  groupColumns,
  groupOf,
  headOf,
  messageColumns,
  messageOf,
  query,
  summaryColumns,
  summaryOf,
} from './rows.ts'

export type Reads = ReturnType<typeof createReads>

/**
 * The reads of the Store, on one connection. Every result is read whole, never by an open iterator, which would keep
 * the log from being checkpointed. Messages of a deleted group are not there, even while they wait to be purged.
 */
export function createReads(db: DatabaseSync) {
  const groups = (rest: string) => query(db, `SELECT ${groupColumns} FROM groups ${rest}`, groupOf)
  const messages = (rest: string) => query(db, `SELECT ${messageColumns} FROM messages ${rest}`, messageOf)

  const living = 'EXISTS (SELECT 1 FROM groups WHERE id = messages.group_id)'
  const ofGroup = 'WHERE group_id = ?1 AND EXISTS (SELECT 1 FROM groups WHERE id = ?1)'
  // Found in the index of shown messages first: neither a deep offset nor a thousand deleted ones must read the rows.
  const pages = (range: string, order: string) =>
    messages(
      `WHERE group_id = ?1 AND seq IN (
         SELECT seq FROM messages INDEXED BY messages_shown ${ofGroup} AND is_deleted = 0 ${range}
       ) ORDER BY ${order}`,
    )
  const sql = {
    begin: db.prepare('BEGIN'),
    end: db.prepare('COMMIT'),
    group: groups('WHERE id = ?'),
    groupsOf: query(
      db,
      `SELECT ${summaryColumns} FROM groups JOIN (
         SELECT group_id, group_created_at FROM members WHERE user_id = ?
         ORDER BY group_created_at DESC, group_id DESC LIMIT ? OFFSET ?
       ) ON id = group_id ORDER BY group_created_at DESC, group_id DESC`,
      summaryOf,
    ),
    groupIdsOf: query(
      db,
      'SELECT group_id FROM members WHERE user_id = ? ORDER BY group_created_at DESC, group_id DESC LIMIT ?',
      firstText,
    ),
    groupCountOf: query(db, 'SELECT count(*) FROM members WHERE user_id = ?', firstNumber),
    message: messages(`WHERE id = ? AND ${living}`),
    messages: messages(`WHERE id IN (SELECT value FROM json_each(?)) AND ${living}`),
    newest: pages('ORDER BY seq DESC LIMIT ?2 OFFSET ?3', 'seq DESC'),
    before: pages('AND seq < ?3 ORDER BY seq DESC LIMIT ?2', 'seq DESC'),
    after: pages('AND seq > ?3 ORDER BY seq LIMIT ?2', 'seq'),
    head: query(db, 'SELECT seq, rev, deleted FROM groups WHERE id = ?', headOf),
    messageLog: messages(`${ofGroup} AND seq > ?2 ORDER BY seq LIMIT ?3`),
    changeLog: query(
      db,
      `SELECT ${changeColumns} FROM changes ${ofGroup} AND rev > ?2 ORDER BY rev LIMIT ?3`,
      changeOf,
    ),
    logStart: query(db, `SELECT coalesce(min(rev) - 1, 0) FROM changes ${ofGroup}`, firstNumber),
  }

  /** Runs several statements on one state of the database. */
  const together = <T>(run: () => T): T => {
    sql.begin.run()
    try {
      return run()
    } finally {
      sql.end.run()
    }
  }

  return {
    group: (id: string): Group | null => sql.group.get(id),

    groupsOf: (
      userId: string,
      page: { offset: number; limit: number },
    ): { groups: GroupSummary[]; total: number } =>
      together(() => ({
        groups: sql.groupsOf.all(userId, page.limit, page.offset),
        total: sql.groupCountOf.get(userId) ?? 0,
      })),

    groupIdsOf: (userId: string, limit: number): string[] => sql.groupIdsOf.all(userId, limit),

    message: (id: string): Message | null => sql.message.get(id),

    messages: (ids: readonly string[]): Message[] => sql.messages.all(JSON.stringify(ids)),

    page(groupId: string, page: MessagePage): Message[] {
      if ('before' in page) return sql.before.all(groupId, page.limit, page.before)
      if ('after' in page) return sql.after.all(groupId, page.limit, page.after)
      return sql.newest.all(groupId, page.limit, page.offset)
    },

    head: (groupId: string): Head | null => sql.head.get(groupId),

    log: (groupId: string, after: Position, limit: number): { messages: Message[]; changes: Change[] } =>
      together(() => ({
        messages: sql.messageLog.all(groupId, after.seq, limit),
        changes: sql.changeLog.all(groupId, after.rev, limit),
      })),

    logStart: (groupId: string): number => sql.logStart.get(groupId) ?? 0,
  }
}

const firstText = ([value]: [string]): string => value
const firstNumber = ([value]: [number]): number => value
