import type { DatabaseSync } from 'node:sqlite'
import { type Access, requireMember, requireSender } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Change } from '../../domain/change.ts'
import { ChatError, notFound } from '../../domain/errors.ts'
import type { Message, Send } from '../../domain/message.ts'
import type { ChangeLog } from './change-log.ts'
import { messageColumns, messageOf } from './rows.ts'

interface MessageWriteDeps {
  access(groupId: string): Access | null
  logChange: ChangeLog
}

/** The writes of messages. Each throws its ChatError before it writes anything. */
export function createMessageWrites(db: DatabaseSync, { access, logChange }: MessageWriteDeps) {
  const sql = {
    find: db.prepare(`SELECT ${messageColumns}, send_hash AS sendHash FROM messages WHERE id = ?`),
    nextSeq: db.prepare('UPDATE groups SET seq = seq + 1 WHERE id = ? RETURNING seq'),
    insert: db.prepare(
      `INSERT INTO messages (id, group_id, seq, sender_id, content, created_at, updated_at, client_id, send_hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    edit: db.prepare('UPDATE messages SET content = ?, updated_at = ?, ver = ver + 1 WHERE id = ?'),
    delete: db.prepare(
      "UPDATE messages SET content = '', is_deleted = 1, updated_at = ?, ver = ver + 1 WHERE id = ?",
    ),
  }

  const find = (id: string): { message: Message; sendHash: string | null } | null => {
    const row = sql.find.get(id)
    if (!row) return null
    const { sendHash, ...columns } = row
    return { message: messageOf(columns), sendHash: sendHash as string | null }
  }

  /** The message, if `by` may change it. */
  const findOwn = (id: string, by: Caller): Message => {
    const found = find(id)
    const group = found && access(found.message.groupId)
    if (!found || !group) throw notFound('message')
    requireSender(group, found.message, by)
    return found.message
  }

  const log = (type: Change['type'], message: Message, at: number): Change => {
    const about = { messageId: message.id, messageSeq: message.seq, ver: message.ver + 1 }
    return logChange(message.groupId, { type, at, ...about })
  }

  return {
    appendMessage(send: Send, by: Caller): { message: Message; repeat: boolean } {
      requireMember(access(send.groupId), by)
      const { id, groupId, senderId, content, createdAt, clientId, sendHash } = send
      const there = find(id)
      if (there) {
        if (there.sendHash === sendHash && there.message.groupId === groupId)
          return { message: there.message, repeat: true }
        throw new ChatError('conflict', 'Another message was sent under this id.')
      }
      const seq = Number(sql.nextSeq.get(groupId)?.seq)
      sql.insert.run(id, groupId, seq, senderId, content, createdAt, createdAt, clientId, sendHash)
      const sent = { id, groupId, senderId, content, createdAt, updatedAt: createdAt, isDeleted: false }
      return { message: { ...sent, seq, ver: 1, clientId }, repeat: false }
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
      return log('message_deleted', message, at)
    },
  }
}
