import type { DatabaseSync } from 'node:sqlite'
import { requireMay } from '../../domain/access.ts'
import { type FilePosition, requireAttachable, type StoredFile } from '../../domain/file.ts'
import type { FileStore } from '../files.ts'
import { firstText, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'
import { createFileFind, createUploadReads, type FileRow, file } from './file-rows.ts'
import type { FileWrites } from './file-writes.ts'
import type { HeadCache } from './head-cache.ts'
import type { MemberReads } from './member-reads.ts'
import type { MessageChanged } from './message-changes.ts'

interface StoreDeps {
  db: DatabaseSync
  database: Database<FileWrites>
  memberReads: MemberReads
  heads: HeadCache
  changed: MessageChanged
}

export function createFileStore({ db, database, memberReads, heads, changed }: StoreDeps): FileStore {
  const { read, write } = database
  const find = createFileFind(db)
  const uploads = createUploadReads(db)
  const page = query(
    db,
    `SELECT ${file.list} FROM files WHERE group_id = ?1 AND message_id IS NOT NULL AND hidden = 0 AND gone = 0
       AND (created_at, id) < (?2, ?3) AND EXISTS (SELECT 1 FROM groups WHERE id = ?1)
     ORDER BY created_at DESC, id DESC LIMIT ?4`,
    file.of,
  )
  const ofUser = query(
    db,
    `SELECT ${file.list} FROM files WHERE uploaded_by = ? AND id > ? AND gone = 0 ORDER BY id LIMIT ?`,
    file.of,
  )
  const gone = query(db, 'SELECT id FROM files WHERE gone = 1 LIMIT ?', firstText)
  const known = query(db, 'SELECT id FROM files WHERE id IN (SELECT value FROM json_each(?))', firstText)
  const fileOf = ({ messageId: _, hidden: __, ...found }: FileRow): StoredFile => found

  return {
    async add(added, by, perDay) {
      await write('files.add', added, by, perDay)
      return { value: added, changes: [] }
    },
    uploaded: async (userId, at) => read(() => uploads(userId, at)),
    read: async (id) =>
      read(() => {
        const found = find(id)
        return found && !found.hidden ? fileOf(found) : null
      }),
    list: async (groupId, { limit, after }) =>
      read(() => {
        const { at, id } = after ?? beforeAll
        return page.all(groupId, at, id, limit)
      }),
    listOfUser: async (userId, after, limit) => read(() => ofUser.all(userId, after ?? '', limit)),

    reserve: async (ids, message, by, at) =>
      read(() => {
        requireMay('write', memberReads.membership(message.groupId, by.userId), by, at)
        const found = ids.map(find)
        requireAttachable(
          found.map((each) => each && { file: each, messageId: each.messageId }),
          { ...message, senderId: by.userId },
        )
        return found.flatMap((each) => (each ? fileOf(each) : []))
      }),
    async remove(id, by, at) {
      const { messageId, change } = await write('files.remove', id, by, at)
      return messageId === null ? { value: null, changes: [] } : changed(messageId, Promise.resolve(change))
    },
    async removeOfUser(userId, limit, at) {
      const { count, changes } = await write('files.removeOfUser', userId, limit, at)
      for (const change of changes) heads.raise(change.groupId, change)
      return { value: count, changes }
    },
    removeOfMessages: (messageIds) => write('files.removeOfMessages', messageIds),
    expire: (before, limit) => write('files.expire', before, limit),
    listGone: async (limit) => read(() => gone.all(limit)),
    forget: (ids) => write('files.forget', ids),
    known: async (ids) => read(() => known.all(JSON.stringify(ids))),
  }
}

const beforeAll: FilePosition = { at: Number.MAX_SAFE_INTEGER, id: '' }
