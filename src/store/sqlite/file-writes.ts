import type { DatabaseSync } from 'node:sqlite'
import { requireMay, requireMayDelete } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Change } from '../../domain/change.ts'
import { notFound } from '../../domain/errors.ts'
import { requireAttachable, type StoredFile } from '../../domain/file.ts'
import type { Message, Send } from '../../domain/message.ts'
import { firstHour, hourOf, requireQuota } from '../../domain/upload-quota.ts'
import type { LogChange } from './changes.ts'
import { firstText, query } from './engine/columns.ts'
import { attachmentsColumn, createFileFind, createUploadReads, type FileRow, file } from './file-rows.ts'
import type { MemberReads } from './member-reads.ts'

/** Ties its files to a message that is about to be inserted. Only inside a transaction. Throws invalid before it writes anything. */
export type Attach = (send: Send) => void

export function createAttach(db: DatabaseSync): Attach {
  const find = createFileFind(db)
  const attach = db.prepare('UPDATE files SET message_id = ? WHERE id = ?')
  return (send) => {
    const found = send.attachments.map(({ id }) => find(id))
    requireAttachable(
      found.map((each) => each && { file: each, messageId: each.messageId }),
      send,
    )
    for (const { id } of send.attachments) attach.run(send.id, id)
  }
}

interface WriteDeps {
  memberReads: MemberReads
  logChange: LogChange
  findMessage(id: string): Message | null
}

export type FileWrites = ReturnType<typeof createFileWrites>

/** The writes of files. Each throws its ChatError before it writes anything. A trigger hides the files of a deleted message. */
export function createFileWrites(db: DatabaseSync, { memberReads, logChange, findMessage }: WriteDeps) {
  const find = createFileFind(db)
  const uploads = createUploadReads(db)
  const sql = {
    insert: db.prepare(`INSERT INTO files ${file.insert}`),
    count: db.prepare(
      'INSERT INTO uploads (user_id, hour, bytes) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes',
    ),
    dropCounts: db.prepare('DELETE FROM uploads WHERE hour < ?'),
    dropCountsOf: db.prepare('DELETE FROM uploads WHERE user_id = ?'),
    gone: db.prepare('UPDATE files SET gone = 1 WHERE id = ?'),
    goneOf: db.prepare(
      'UPDATE files SET gone = 1 WHERE message_id IN (SELECT value FROM json_each(?)) AND gone = 0',
    ),
    ofUser: query(
      db,
      'SELECT id FROM files WHERE uploaded_by = ? AND gone = 0 ORDER BY id LIMIT ?',
      firstText,
    ),
    old: db.prepare(
      `UPDATE files SET gone = 1 WHERE id IN (
         SELECT id FROM files WHERE message_id IS NULL AND gone = 0 AND created_at < ? LIMIT ?
       )`,
    ),
    forget: db.prepare('DELETE FROM files WHERE gone = 1 AND id IN (SELECT value FROM json_each(?))'),
    keep: db.prepare('UPDATE messages SET attachments = ? WHERE id = ?'),
    edit: db.prepare('UPDATE messages SET ver = ver + 1, updated_at = ? WHERE id = ?'),
  }

  /** Returns what was logged, if its message is shown. */
  function drop({ id, messageId }: FileRow, at: number): Change | null {
    sql.gone.run(id)
    const message = messageId === null ? null : findMessage(messageId)
    if (!message) return null
    const left = message.attachments.filter((each) => each.id !== id)
    sql.keep.run(attachmentsColumn.encode(left), message.id)
    if (message.isDeleted) return null
    sql.edit.run(at, message.id)
    const about = { messageId: message.id, messageSeq: message.seq, ver: message.ver + 1 }
    return logChange(message.groupId, { type: 'message_updated', at, ...about })
  }

  return {
    'files.add'(added: StoredFile, by: Caller, perDay: number): void {
      const { groupId, uploadedBy, size, createdAt } = added
      requireMay('write', memberReads.membership(groupId, by.userId), by, createdAt)
      requireQuota(uploads(uploadedBy, createdAt), size, perDay, createdAt)
      sql.count.run(uploadedBy, hourOf(createdAt), size)
      sql.insert.run(...file.values(added))
    },

    /** Returns the message that it was taken from, if that is shown, and what was logged. */
    'files.remove'(id: string, by: Caller, at: number): { messageId: string | null; change: Change | null } {
      const found = find(id)
      const membership = found && memberReads.membership(found.groupId, by.userId)
      if (!found || !membership) throw notFound('file')
      requireMayDelete(membership, { senderId: found.uploadedBy }, by, at)
      if (found.hidden) throw notFound('file')
      const change = drop(found, at)
      return { messageId: change ? found.messageId : null, change }
    },

    'files.removeOfUser'(userId: string, limit: number, at: number): { count: number; changes: Change[] } {
      const found = sql.ofUser.all(userId, limit).flatMap((id) => find(id) ?? [])
      sql.dropCountsOf.run(userId)
      // A group that is being purged has no log any more.
      const changes = found.flatMap((each) => {
        if (memberReads.membership(each.groupId, userId)) return drop(each, at) ?? []
        sql.gone.run(each.id)
        return []
      })
      return { count: found.length, changes }
    },

    'files.removeOfMessages'(messageIds: readonly string[]): void {
      sql.goneOf.run(JSON.stringify(messageIds))
    },

    'files.expire'(before: number, limit: number): number {
      sql.dropCounts.run(firstHour(before))
      return Number(sql.old.run(before, limit).changes)
    },

    'files.forget'(ids: readonly string[]): void {
      sql.forget.run(JSON.stringify(ids))
    },
  }
}
