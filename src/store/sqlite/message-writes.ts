import type { DatabaseSync } from 'node:sqlite'
import { type Access, requireMember, requireSender } from '../../domain/access.ts'
import { activityOf } from '../../domain/activity.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Change } from '../../domain/change.ts'
import { ChatError, notFound } from '../../domain/errors.ts'
import type { Message, Send } from '../../domain/message.ts'
import type { ChangeLog } from './change-log.ts'
import { messageColumns, messageOf, query } from './rows.ts'
import type { Totals } from './totals.ts'

interface MessageWriteDeps {
  access(groupId: string): Access | null
  logChange: ChangeLog
  totals: Totals
}

/** The writes of messages. Each throws its ChatError before it writes anything. */
export function createMessageWrites(db: DatabaseSync, { access, logChange, totals }: MessageWriteDeps) {
  const sql = {
    find: query(db, `SELECT ${messageColumns} FROM messages WHERE id = ?`, messageOf),
    hash: query(db, 'SELECT send_hash FROM messages WHERE id = ?', ([hash]: [string | null]) => hash),
    nextSeq: query(
      db,
      'UPDATE groups SET seq = seq + 1, heat = heat + ?, active_at = ? WHERE id = ? RETURNING seq',
      ([seq]: [number]) => seq,
    ),
    insert: db.prepare(
      `INSERT INTO messages (id, group_id, seq, sender_id, content, created_at, updated_at, client_id, send_hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    edit: db.prepare('UPDATE messages SET content = ?, updated_at = ?, ver = ver + 1 WHERE id = ?'),
    delete: db.prepare(
      "UPDATE messages SET content = '', is_deleted = 1, updated_at = ?, ver = ver + 1 WHERE id = ?",
    ),
  }

  /** The message, if `by` may change it. */
  const findOwn = (id: string, by: Caller): Message => {
    const message = sql.find.get(id)
    const group = message && access(message.groupId)
    if (!message || !group) throw notFound('message')
    requireSender(group, message, by)
    return message
  }

  const log = (type: Change['type'], message: Message, at: number): Change => {
    const about = { messageId: message.id, messageSeq: message.seq, ver: message.ver + 1 }
    return logChange(message.groupId, { type, at, ...about })
  }

  return {
    /** The number it got; or the message that was sent under this id before. */
    appendMessage(send: Send, by: Caller): number | Message {
      requireMember(access(send.groupId), by)
      const { id, groupId, senderId, content, createdAt, clientId, sendHash } = send
      const there = sql.find.get(id)
      if (there) {
        if (sql.hash.get(id) === sendHash && there.groupId === groupId) return there
        throw new ChatError('conflict', 'Another message was sent under this id.')
      }
      const seq = sql.nextSeq.get(activityOf(createdAt), createdAt, groupId)
      if (seq === null) throw notFound('group')
      sql.insert.run(id, groupId, seq, senderId, content, createdAt, createdAt, clientId, sendHash)
      totals.messageSent(createdAt)
      return seq
    },

    /** Resolves to what was logged, if anything; the message is read when that is durable. */
    editMessage(id: string, content: string, by: Caller, at: number): Change | null {
      const message = findOwn(id, by)
      if (message.isDeleted) throw notFound('message')
      if (message.content === content) return null
      sql.edit.run(content, at, id)
      return log('message_updated', message, at)
    },

    /** As editMessage. */
    deleteMessage(id: string, by: Caller, at: number): Change | null {
      const message = findOwn(id, by)
      if (message.isDeleted) return null
      sql.delete.run(at, id)
      totals.messageDeleted()
      return log('message_deleted', message, at)
    },
  }
}
