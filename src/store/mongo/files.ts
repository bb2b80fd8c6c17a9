import { type Filter, ObjectId } from 'mongodb'
import { requireMay, requireMayDelete } from '../../domain/access.ts'
import { notFound } from '../../domain/errors.ts'
import { requireAttachable, type StoredFile } from '../../domain/file.ts'
import { countUpload, firstHour, requireQuota } from '../../domain/upload-quota.ts'
import type { FileStore } from '../files.ts'
import { makeGone, settleReserved, wipeFiles } from './attached-files.ts'
import type { Edits } from './edits.ts'
import type { Connection } from './engine/connect.ts'
import { isDuplicate } from './engine/failure.ts'
import { type FileDoc, fromFile, toFile } from './file-documents.ts'
import type { Members } from './members.ts'
import type { Totals } from './stats.ts'

interface Deps {
  connection: Connection
  members: Pick<Members, 'check'>
  edits: Pick<Edits, 'dropFiles'>
  totals: Pick<Totals, 'fileCame' | 'fileWent'>
  now: () => number
  /** When a request that begins now has to be done, by performance.now(). */
  deadline: () => number
}

/** A message that was to have files comes within seconds. One that has not come after so many milliseconds never does. */
const reservedMs = 600_000
const there = { gone: { $exists: false } }

/**
 * A message has its files in its own document, and each file's document names the message. Those are two writes: a file is reserved
 * before its message is written, and is the message's own when that is known. Whoever finds an old reservation looks at the message.
 */
export function createFiles({ connection, members, edits, totals, now, deadline }: Deps): FileStore {
  const { files, messages, uploads, causal } = connection

  const find = async (ids: readonly string[]): Promise<(FileDoc | null)[]> => {
    const filter = { _id: { $in: ids.map((id) => new ObjectId(id)) }, ...there }
    const docs = await causal.read((options) => files.find(filter, options).toArray())
    return ids.map((id) => docs.find(({ _id }) => _id.toHexString() === id) ?? null)
  }

  /** Throws rate_limited. */
  async function count(userId: string, size: number, perDay: number, at: number): Promise<void> {
    for (;;) {
      const doc = await uploads.findOne({ _id: userId })
      const before = doc?.hours ?? []
      requireQuota(before, size, perDay, at)
      const set = { hours: countUpload(before, size, at), at: new Date(at) }
      try {
        if (!doc) return void (await uploads.insertOne({ _id: userId, ver: 1, ...set }))
        const { ver } = doc
        const { matchedCount } = await uploads.updateOne(
          { _id: userId, ver },
          { $set: { ver: ver + 1, ...set } },
        )
        if (matchedCount) return
      } catch (error) {
        // Another upload of the same user was counted first.
        if (!isDuplicate(error)) throw error
      }
    }
  }

  /** Whether a file that has a message is shown, as the message says. */
  async function isShown({ _id, message_id, reserved_at }: FileDoc): Promise<boolean> {
    if (message_id === undefined) return true
    const projection = { is_deleted: 1, 'attachments.id': 1 }
    const doc = await causal.read((options) =>
      messages.findOne({ _id: new ObjectId(message_id) }, { ...options, projection }),
    )
    if (doc?.attachments?.some(({ id }) => id === _id.toHexString())) return !doc.is_deleted
    return reserved_at !== undefined
  }

  async function settleOld(limit: number): Promise<void> {
    const old = await files.find({ reserved_at: { $lt: new Date(now() - reservedMs) } }, { limit }).toArray()
    for (const [messageId, of] of Map.groupBy(old, ({ message_id = '' }) => message_id)) {
      const doc = await messages.findOne({ _id: new ObjectId(messageId) })
      const ids = of.map(({ _id }) => _id.toHexString())
      await settleReserved(connection, messageId, ids, doc, new Date(now()))
    }
  }

  async function drop({ _id, message_id }: FileDoc, at: number) {
    await files.updateOne({ _id, ...there }, makeGone)
    // If this process ends here, `forget` goes on.
    return message_id === undefined ? null : edits.dropFiles(message_id, [_id.toHexString()], at, deadline())
  }

  return {
    async add(file, by, perDay) {
      const { groupId, uploadedBy, size, createdAt } = file
      await members.check(groupId, by.userId, (membership) => requireMay('write', membership, by, createdAt))
      await count(uploadedBy, size, perDay, createdAt)
      await files.insertOne(fromFile(file))
      totals.fileCame(size)
      return { value: file, changes: [] }
    },

    async uploaded(userId, at) {
      const doc = await uploads.findOne({ _id: userId })
      return (doc?.hours ?? []).filter(({ hour }) => hour >= firstHour(at))
    },

    async read(id) {
      const [doc] = await find([id])
      return doc && (await isShown(doc)) ? toFile(doc) : null
    },

    async list(groupId, { limit, after }) {
      const filter: Filter<FileDoc> = {
        group_id: groupId,
        message_id: { $exists: true },
        reserved_at: { $exists: false },
        hidden: { $exists: false },
        ...there,
        ...(after && {
          $or: [
            { created_at: { $lt: new Date(after.at) } },
            { created_at: new Date(after.at), _id: { $lt: new ObjectId(after.id) } },
          ],
        }),
      }
      const docs = await causal.read((options) =>
        files.find(filter, { ...options, sort: { created_at: -1, _id: -1 }, limit }).toArray(),
      )
      return docs.map(toFile)
    },

    async listOfUser(userId, after, limit) {
      const filter = {
        uploaded_by: userId,
        ...there,
        ...(after !== null && { _id: { $gt: new ObjectId(after) } }),
      }
      const docs = await causal.read((options) =>
        files.find(filter, { ...options, sort: { _id: 1 }, limit }).toArray(),
      )
      return docs.map(toFile)
    },

    async reserve(ids, message, by, at) {
      await members.check(message.groupId, by.userId, (membership) => requireMay('write', membership, by, at))
      const attaching = { ...message, senderId: by.userId }
      const attachable = (docs: readonly (FileDoc | null)[]) =>
        docs.map((doc) => doc && { file: toFile(doc), messageId: doc.message_id ?? null })
      const docs = await find(ids)
      requireAttachable(attachable(docs), attaching)
      const unsent = docs.flatMap((doc) => (doc && doc.message_id === undefined ? [doc._id] : []))
      if (unsent.length) {
        await files.updateMany(
          { _id: { $in: unsent }, unsent_since: { $exists: true }, ...there },
          { $set: { message_id: message.id, reserved_at: new Date(at) }, $unset: { unsent_since: '' } },
        )
        try {
          // Somebody else may have been faster.
          requireAttachable(
            attachable(await find(ids)).map((each) => (each?.messageId === null ? null : each)),
            attaching,
          )
        } catch (error) {
          await settleReserved(connection, message.id, ids, null, new Date(at))
          throw error
        }
      }
      return docs.flatMap((doc): StoredFile[] => (doc ? [toFile(doc)] : []))
    },

    async remove(id, by, at) {
      const [doc] = await find([id])
      if (!doc) throw notFound('file')
      await members.check(doc.group_id, by.userId, (membership) =>
        requireMayDelete(membership, { senderId: doc.uploaded_by }, by, at),
      )
      if (!(await isShown(doc))) throw notFound('file')
      const dropped = await drop(doc, at)
      return dropped?.changes.length ? dropped : { value: null, changes: [] }
    },

    async removeOfUser(userId, limit, at) {
      await uploads.deleteOne({ _id: userId })
      const docs = await files.find({ uploaded_by: userId, ...there }, { sort: { _id: 1 }, limit }).toArray()
      const dropped = []
      for (const doc of docs) dropped.push(await drop(doc, at))
      return { value: docs.length, changes: dropped.flatMap((each) => each?.changes ?? []) }
    },

    removeOfMessages: (messageIds) => wipeFiles(connection, messageIds),

    async expire(before, limit) {
      await settleOld(limit)
      const old = { unsent_since: { $lt: new Date(before) }, ...there }
      const docs = await files.find(old, { limit, projection: { _id: 1 } }).toArray()
      if (!docs.length) return 0
      // One that was reserved meanwhile is not without a message any more.
      await files.updateMany({ ...old, _id: { $in: docs.map(({ _id }) => _id) } }, makeGone)
      return docs.length
    },

    async listGone(limit) {
      const docs = await files.find({ gone: true }, { limit, projection: { _id: 1 } }).toArray()
      return docs.map(({ _id }) => _id.toHexString())
    },

    async forget(ids) {
      const docs = await files.find({ _id: { $in: ids.map((id) => new ObjectId(id)) }, gone: true }).toArray()
      for (const [messageId, of] of Map.groupBy(docs, ({ message_id }) => message_id)) {
        if (messageId === undefined) continue
        const gone = of.map(({ _id }) => _id.toHexString())
        await edits.dropFiles(messageId, gone, now(), deadline())
      }
      const deleted = await Promise.all(docs.map(({ _id }) => files.deleteOne({ _id, gone: true })))
      for (const [index, { size }] of docs.entries()) if (deleted[index]?.deletedCount) totals.fileWent(size)
    },

    async known(ids) {
      const _id = { $in: ids.map((id) => new ObjectId(id)) }
      const docs = await files.find({ _id }, { projection: { _id: 1 } }).toArray()
      return docs.map((doc) => doc._id.toHexString())
    },
  }
}
