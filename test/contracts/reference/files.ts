import { requireMay, requireMayDelete } from '../../../src/domain/access.ts'
import { notFound } from '../../../src/domain/errors.ts'
import { requireAttachable, type StoredFile } from '../../../src/domain/file.ts'
import type { Send } from '../../../src/domain/message.ts'
import { countUpload, firstHour, requireQuota } from '../../../src/domain/upload-quota.ts'
import type { FileStore } from '../../../src/store/files.ts'
import { type Contents, type KeptFile, logChange } from './kept.ts'

const present = (files: Contents['files'], ids: readonly string[]) =>
  ids.map((id) => {
    const found = files.get(id)
    return found && !found.gone ? found : null
  })

/** Ties its files to a message. Throws invalid. */
export function attach(files: Contents['files'], send: Send): void {
  const found = present(
    files,
    send.attachments.map(({ id }) => id),
  )
  requireAttachable(found, send)
  for (const each of found) if (each) each.messageId = send.id
}

const newestFirst = (a: StoredFile, b: StoredFile) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)

export function referenceFiles(contents: Contents): FileStore {
  const { files, uploads, membership, need, findMessage, dropFiles } = contents
  const all = () => [...files.values()].filter(({ gone }) => !gone)
  const isShown = ({ messageId }: KeptFile) =>
    messageId === null || findMessage(messageId)?.isDeleted === false

  function drop(kept: KeptFile, at: number) {
    kept.gone = true
    const { id, groupId } = kept.file
    const message = kept.messageId === null ? undefined : findMessage(kept.messageId)
    if (!message) return { value: null, changes: [] }
    const group = need(groupId)
    const without = (of: readonly StoredFile[]) => of.filter((file) => file.id !== id)
    const text = group.texts.get(message.id)
    if (text) text.message = { ...text.message, attachments: without(text.message.attachments) }
    if (message.isDeleted) return { value: null, changes: [] }
    const { seq, ver } = message
    const value = { ...message, attachments: without(message.attachments), updatedAt: at, ver: ver + 1 }
    group.messages[seq - 1] = value
    const about = { messageId: message.id, messageSeq: seq, ver: ver + 1 }
    return { value, changes: [logChange(group, { type: 'message_updated', at, ...about })] }
  }

  return {
    async add(file, by, perDay) {
      const { groupId, uploadedBy, size, createdAt } = file
      requireMay('write', membership(groupId, by.userId), by, createdAt)
      const before = uploads.get(uploadedBy) ?? []
      requireQuota(before, size, perDay, createdAt)
      uploads.set(uploadedBy, countUpload(before, size, createdAt))
      files.set(file.id, { file, messageId: null, gone: false })
      return { value: file, changes: [] }
    },
    uploaded: async (userId, at) => (uploads.get(userId) ?? []).filter(({ hour }) => hour >= firstHour(at)),
    async read(id) {
      const [found] = present(files, [id])
      return found && isShown(found) ? found.file : null
    },
    list: async (groupId, { limit, after }) =>
      all()
        .filter((each) => each.file.groupId === groupId && each.messageId !== null && isShown(each))
        .map(({ file }) => file)
        .sort(newestFirst)
        .filter((file) => !after || newestFirst({ ...file, createdAt: after.at, id: after.id }, file) < 0)
        .slice(0, limit),
    listOfUser: async (userId, after, limit) =>
      all()
        .map(({ file }) => file)
        .filter(({ id, uploadedBy }) => uploadedBy === userId && id > (after ?? ''))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit),
    async reserve(ids, message, by, at) {
      requireMay('write', membership(message.groupId, by.userId), by, at)
      const found = present(files, ids)
      requireAttachable(found, { ...message, senderId: by.userId })
      return found.flatMap((each) => (each ? [each.file] : []))
    },
    async remove(id, by, at) {
      const [found] = present(files, [id])
      const standing = found && membership(found.file.groupId, by.userId)
      if (!found || !standing) throw notFound('file')
      requireMayDelete(standing, { senderId: found.file.uploadedBy }, by, at)
      if (!isShown(found)) throw notFound('file')
      return drop(found, at)
    },
    async removeOfUser(userId, limit, at) {
      uploads.delete(userId)
      const mine = all()
        .filter(({ file }) => file.uploadedBy === userId)
        .sort((a, b) => (a.file.id < b.file.id ? -1 : 1))
        .slice(0, limit)
      return { value: mine.length, changes: mine.flatMap((each) => drop(each, at).changes) }
    },
    removeOfMessages: async (messageIds) => dropFiles(messageIds),
    async expire(before, limit) {
      const old = all()
        .filter(({ file, messageId }) => messageId === null && file.createdAt < before)
        .slice(0, limit)
      for (const each of old) each.gone = true
      return old.length
    },
    listGone: async (limit) =>
      [...files.values()]
        .filter(({ gone }) => gone)
        .map(({ file }) => file.id)
        .slice(0, limit),
    async forget(ids) {
      for (const id of ids) if (files.get(id)?.gone) files.delete(id)
    },
    known: async (ids) => ids.filter((id) => files.has(id)),
  }
}
