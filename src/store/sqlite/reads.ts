import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { Change, Head } from '../../domain/change.ts'
import type { Position } from '../../domain/cursor.ts'
import type { Group } from '../../domain/group.ts'
import type { Message } from '../../domain/message.ts'
import type { MessagePage } from '../store.ts'
import { changeColumns, changeOf, groupColumns, groupOf, messageColumns, messageOf } from './rows.ts'

export type Reads = ReturnType<typeof createReads>

/**
 * The reads of the Store, on one connection. Every result is read whole, never by an open iterator, which would keep
 * the log from being checkpointed. Messages of a deleted group are not there, even while they wait to be purged.
 */
export function createReads(db: DatabaseSync) {
  const living = 'EXISTS (SELECT 1 FROM groups WHERE id = messages.group_id)'
  const pages = (range: string) =>
    db.prepare(
      `SELECT ${messageColumns} FROM messages WHERE group_id = ?1 AND is_deleted = 0
       AND EXISTS (SELECT 1 FROM groups WHERE id = ?1) ${range}`,
    )
  const sql = {
    begin: db.prepare('BEGIN'),
    end: db.prepare('COMMIT'),
    group: db.prepare(`SELECT ${groupColumns} FROM groups WHERE id = ?`),
    groupsOf: db.prepare(
      `SELECT ${groupColumns} FROM groups JOIN (
         SELECT group_id, group_created_at FROM members WHERE user_id = ?
         ORDER BY group_created_at DESC, group_id DESC LIMIT ? OFFSET ?
       ) ON id = group_id ORDER BY group_created_at DESC, group_id DESC`,
    ),
    groupCountOf: db.prepare('SELECT count(*) AS total FROM members WHERE user_id = ?'),
    message: db.prepare(`SELECT ${messageColumns} FROM messages WHERE id = ? AND ${living}`),
    messages: db.prepare(
      `SELECT ${messageColumns} FROM messages WHERE id IN (SELECT value FROM json_each(?)) AND ${living}`,
    ),
    newest: pages('ORDER BY seq DESC LIMIT ?2 OFFSET ?3'),
    before: pages('AND seq < ?3 ORDER BY seq DESC LIMIT ?2'),
    after: pages('AND seq > ?3 ORDER BY seq LIMIT ?2'),
    head: db.prepare('SELECT seq, rev, deleted FROM groups WHERE id = ?'),
    messageLog: db.prepare(
      `SELECT ${messageColumns} FROM messages WHERE group_id = ?1 AND seq > ?2
       AND EXISTS (SELECT 1 FROM groups WHERE id = ?1) ORDER BY seq LIMIT ?3`,
    ),
    changeLog: db.prepare(
      `SELECT ${changeColumns} FROM changes WHERE group_id = ?1 AND rev > ?2
       AND EXISTS (SELECT 1 FROM groups WHERE id = ?1) ORDER BY rev LIMIT ?3`,
    ),
    logStart: db.prepare(
      `SELECT min(rev) - 1 AS start FROM changes WHERE group_id = ?1
       AND EXISTS (SELECT 1 FROM groups WHERE id = ?1)`,
    ),
  }

  const pageRows = (groupId: SQLInputValue, page: MessagePage) => {
    if ('before' in page) return sql.before.all(groupId, page.limit, page.before)
    if ('after' in page) return sql.after.all(groupId, page.limit, page.after)
    return sql.newest.all(groupId, page.limit, page.offset)
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
    group(id: string): Group | null {
      const row = sql.group.get(id)
      return row ? groupOf(row) : null
    },

    groupsOf: (userId: string, page: { offset: number; limit: number }): { groups: Group[]; total: number } =>
      together(() => ({
        groups: sql.groupsOf.all(userId, page.limit, page.offset).map(groupOf),
        total: Number(sql.groupCountOf.get(userId)?.total),
      })),

    message(id: string): Message | null {
      const row = sql.message.get(id)
      return row ? messageOf(row) : null
    },

    messages: (ids: readonly string[]): Message[] => sql.messages.all(JSON.stringify(ids)).map(messageOf),

    page: (groupId: string, page: MessagePage): Message[] => pageRows(groupId, page).map(messageOf),

    head(groupId: string): Head | null {
      const row = sql.head.get(groupId)
      return row ? ({ ...row } as unknown as Head) : null
    },

    log: (groupId: string, after: Position, limit: number): { messages: Message[]; changes: Change[] } =>
      together(() => ({
        messages: sql.messageLog.all(groupId, after.seq, limit).map(messageOf),
        changes: sql.changeLog.all(groupId, after.rev, limit).map(changeOf),
      })),

    logStart: (groupId: string): number => Number(sql.logStart.get(groupId)?.start ?? 0),
  }
}
