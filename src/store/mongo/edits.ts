import { type Filter, ObjectId, type WithId } from 'mongodb'
import { requireMayDelete, requireMayEdit, requireMayRestore } from '../../domain/access.ts'
import { type Deed, deletion, restoration } from '../../domain/audit.ts'
import type { Caller } from '../../domain/caller.ts'
import { changesBy, type MessagePatch } from '../../domain/edit.ts'
import { notFound, wiped } from '../../domain/errors.ts'
import type { Message, MessageEdit } from '../../domain/message.ts'
import type { Written } from '../written.ts'
import { hideFiles, wipeFiles } from './attached-files.ts'
import { toDeedDoc } from './audit.ts'
import { isNumbered, type MessageDoc, type NumberedDoc, toMessage } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { majority, readHead } from './log/heads.ts'
import { type Mark, markId, type Pending } from './log/pending.ts'
import type { Members } from './members.ts'
import { mentionFields } from './mentions.ts'
import { dropPin } from './pinned-messages.ts'
import { deletedPlace } from './read-documents.ts'
import type { Replies } from './replies.ts'
import type { Revisions } from './revisions.ts'
import type { Totals } from './stats.ts'
import { toMessages } from './whole-messages.ts'

export interface Edits {
  /** Logs what the message is marked with. */
  settle(doc: MessageDoc, deadline: number): Promise<void>
  /** Drops what lies apart from messages that are wiped. */
  wipeRest(ids: readonly string[]): Promise<void>
  /** The `ver` that the next change gives to the message. */
  nextVer(doc: NumberedDoc): Promise<number>
  edit(
    id: string,
    edit: MessageEdit,
    by: Caller,
    at: number,
    keepsRevision: boolean,
    deadline: number,
  ): Promise<Written<Message>>
  delete(id: string, by: Caller, at: number, keepsText: boolean, deadline: number): Promise<Written<Message>>
  restore(id: string, by: Caller, at: number, deadline: number): Promise<Written<Message>>
  wipe(before: number, limit: number): Promise<number>
  /** Takes files out of a message, which is logged as an edit where that is shown. Does nothing where there is no such message. */
  dropFiles(
    id: string,
    fileIds: readonly string[],
    at: number,
    deadline: number,
  ): Promise<Written<Message | null>>
  /**
   * Logs that a message was replaced by hand by a document of this `ver`, unless somebody else does or it was edited since. A
   * deleted message is left alone: it may have been deleted before, and would be counted twice.
   */
  logReplaced(id: string, ver: number | undefined, deadline: number): Promise<void>
}

interface Deps {
  connection: Connection
  members: Members
  pending: Pending
  replies: Pick<Replies, 'recount'>
  revisions: Pick<Revisions, 'keep' | 'wipe'>
  totals: Pick<Totals, 'messageDeleted' | 'messageRestored'>
}

/** Edits, deletes and restores: a message is marked with its own `ver` while the entry is not surely logged. */
export function createEdits({ connection, members, pending, replies, revisions, totals }: Deps): Edits {
  const { messages } = connection
  const marked = pending.register<MessageDoc>({
    collection: messages,
    marked: { unlogged: { $gt: 0 } },
    markOf,
    async onLogged(logged) {
      const docs = logged.map(({ doc }) => doc)
      await hideFiles(connection, docs)
      const wiped = docs.filter((doc) => doc.is_deleted && isWiped(doc))
      if (wiped.length) await wipeRest(wiped.map(({ _id }) => _id.toHexString()))
      await Promise.all(docs.map(replies.recount))
    },
  })

  /** What lies apart from messages that are wiped. */
  async function wipeRest(ids: readonly string[]): Promise<void> {
    await revisions.wipe(ids)
    await wipeFiles(connection, ids)
  }

  async function written(
    requireMayChange: typeof requireMayEdit,
    id: string,
    by: Caller,
    at: number,
    deadline: number,
    /** What to set, or null when the message is so already. */
    wanted: (doc: NumberedDoc) => Promise<Partial<MessageDoc> | null> | Partial<MessageDoc> | null,
  ): Promise<Written<Message>> {
    const { doc, changes } = await marked.write(id, deadline, {
      async read() {
        const found = await messages.findOne({ _id: new ObjectId(id) })
        if (!found || !isNumbered(found)) throw notFound('message')
        await members.check(found.group_id, by.userId, (membership) =>
          requireMayChange(membership, toMessage(found), by, at),
        )
        return found
      },
      async next(doc) {
        const set = isNumbered(doc) && (await wanted(doc))
        if (set && doc.is_deleted) await dropPin(connection, doc)
        const seen = doc.is_deleted ? asDeleted(doc) : asSeen(doc)
        return set ? { filter: seen, set: { ...set, ...(await edited(doc, new Date(at))) } } : null
      },
    })
    const [value] = await toMessages(connection, isNumbered(doc) ? [doc] : [])
    if (!value) throw notFound('message')
    return { value, changes }
  }

  /** What each edit sets, with the mark. */
  async function edited(doc: NumberedDoc, at: Date): Promise<Partial<MessageDoc>> {
    const ver = await nextVer(doc)
    return { updated_at: at, ver, unlogged: ver, unlogged_id: markId() }
  }

  /** Every message of ours has a `ver`. Where there is none, somebody has replaced the document. */
  const nextVer = async (doc: NumberedDoc): Promise<number> =>
    doc.ver === undefined ? verAfterAll(doc) : doc.ver + 1

  /**
   * Higher than any `ver` that the message ever had, though its document tells nothing of it: each edit raises `ver` by one and
   * logs an entry.
   */
  async function verAfterAll({ group_id, ver = 1 }: NumberedDoc): Promise<number> {
    const { rev } = await readHead(connection, group_id, majority)
    return Math.max(ver, rev + 2) + 1
  }

  return {
    wipeRest,
    nextVer,
    settle: async (doc, deadline) => void (await marked.log(doc as WithId<MessageDoc>, deadline)),

    edit: (id, edit, by, at, keepsRevision, deadline) =>
      written(requireMayEdit, id, by, at, deadline, async (doc) => {
        if (doc.is_deleted) throw notFound('message')
        const message = toMessage(doc)
        const changes = changesBy(edit, message)
        if (keepsRevision && changes?.content !== undefined) await revisions.keep(doc, new Date(at))
        return changes && { ...editFields(message, changes), edited_at: new Date(at) }
      }),

    async delete(id, by, at, keepsText, deadline) {
      const deleted = await written(requireMayDelete, id, by, at, deadline, (doc) => {
        if (doc.is_deleted) return null
        const deleted_place = deletedPlace(doc.group_id, doc.seq)
        const deed = asDeed(deletion(toMessage(doc), by, at))
        const set = { is_deleted: true, deleted_by: by.userId, deleted_place, ...deed }
        return keepsText ? { ...set, kept_since: new Date(at) } : { ...set, ...nothing }
      })
      if (deleted.changes.length) totals.messageDeleted()
      return deleted
    },

    async restore(id, by, at, deadline) {
      const restored = await written(requireMayRestore, id, by, at, deadline, (doc) => {
        if (!doc.is_deleted) return null
        if (isWiped(doc)) throw wiped()
        return { is_deleted: false, restores: true, ...asDeed(restoration(toMessage(doc), by, at)) }
      })
      if (restored.changes.length) totals.messageRestored()
      return restored
    },

    async wipe(before, limit) {
      const old = { is_deleted: true, kept_since: { $lt: new Date(before) } }
      const docs = await messages.find(old, { projection: { _id: 1 }, limit }).toArray()
      if (!docs.length) return 0
      // One that was restored meanwhile is not deleted any more.
      const found = { ...old, _id: { $in: docs.map((doc) => doc._id) } }
      await messages.updateMany(found, { $set: nothing })
      // From here on they can't be restored. They are found again until what they said before is gone as well.
      const empty = { content: '', attachments: null }
      const emptied = await messages.find({ ...found, ...empty }, { projection: { _id: 1 } }).toArray()
      const _id = { $in: emptied.map((doc) => doc._id) }
      await wipeRest(emptied.map((doc) => doc._id.toHexString()))
      await messages.updateMany({ _id, is_deleted: true, ...empty }, { $unset: { kept_since: '' } })
      return docs.length
    },

    async dropFiles(id, fileIds, at, deadline) {
      const left = ({ attachments }: MessageDoc) => attachments?.filter((file) => !fileIds.includes(file.id))
      const { doc, changes } = await marked.write(id, deadline, {
        async read() {
          const found = await messages.findOne({ _id: new ObjectId(id) })
          return found ?? { _id: new ObjectId(id), group_id: '', sender_id: '', content: '' }
        },
        async next(doc) {
          const attachments = left(doc)
          if (!isNumbered(doc) || !attachments || attachments.length === doc.attachments?.length) return null
          if (!doc.is_deleted)
            return { filter: asSeen(doc), set: { attachments, ...(await edited(doc, new Date(at))) } }
          // Of a deleted message nothing is told.
          await messages.updateOne(
            { _id: doc._id, is_deleted: true, attachments: doc.attachments ?? null },
            { $set: { attachments } },
          )
          return null
        },
      })
      const [value = null] = await toMessages(connection, [doc].filter(isNumbered))
      return { value, changes }
    },

    async logReplaced(id, ver, deadline) {
      const read = () => messages.findOne({ _id: new ObjectId(id), ver: ver ?? null } as Filter<MessageDoc>)
      let doc = await read()
      if (doc?.unlogged) {
        // The mark is an old one, which came back with the document.
        await marked.log(doc, deadline)
        doc = await read()
      }
      if (!doc || !isNumbered(doc) || doc.unlogged || doc.is_deleted) return
      const next = await verAfterAll(doc)
      const after = await messages.findOneAndUpdate(
        asSeen(doc),
        { $set: { ver: next, unlogged: next, unlogged_id: markId() } },
        { returnDocument: 'after' },
      )
      if (after) await marked.log(after, deadline)
    },
  }
}

const editFields = (
  message: Message,
  { content, mentions, metadata }: MessagePatch,
): Partial<MessageDoc> => ({
  ...(content !== undefined && { content }),
  ...(mentions && { mentions, mentioned: [], ...mentionFields({ ...message, mentions }) }),
  ...(metadata && { metadata: JSON.stringify(metadata) }),
})

const asDeed = (deed: Deed | null) => deed && { unlogged_deed: toDeedDoc(deed) }

function markOf(doc: MessageDoc): Mark<MessageDoc> | null {
  if (!doc.unlogged || !isNumbered(doc)) return null
  const { _id, unlogged: ver, unlogged_id: given, unlogged_deed: deed } = doc
  const id = _id.toHexString()
  const key = `${id}.${given ?? ver}`
  return {
    key,
    groupId: doc.group_id,
    drafts: [
      {
        _id: key,
        type: doc.is_deleted ? 'message_deleted' : 'message_updated',
        deletes: doc.is_deleted ? 1 : doc.restores ? -1 : 0,
        at: doc.updated_at instanceof Date ? doc.updated_at : _id.getTimestamp(),
        message_id: id,
        message_seq: doc.seq,
        ver,
        ...(doc.is_deleted && { data: doc.deleted_by ? { by: doc.deleted_by } : {} }),
      },
    ],
    ...(deed && { deeds: [{ _id: key, ...deed }] }),
    filter: { _id, unlogged: ver, ...(given !== undefined && { unlogged_id: given }) },
    fields: ['unlogged', 'unlogged_id', 'unlogged_deed', ...(doc.restores ? wasDeleted : [])],
  }
}

/** What a message says once it is wiped. */
export const nothing = {
  ...{ content: '', mentions: [], mention_all: false, mentioned: [] },
  ...{ metadata: '{}', attachments: null },
}

/** True when nothing is kept of what a deleted message said. A message whose files were removed one by one has an empty list. */
export const isWiped = ({ content, attachments }: Pick<MessageDoc, 'content' | 'attachments'>): boolean =>
  !content && !attachments

/** What a message bears no more once its restore is logged. */
const wasDeleted = ['restores', 'kept_since', 'deleted_by', 'deleted_place'] as const

/** Matches the message while nobody has edited it since this was read. */
export const asSeen = ({ _id, ver }: MessageDoc): Filter<MessageDoc> =>
  ({ _id, ver: ver ?? null, unlogged: null, is_deleted: { $ne: true } }) as object as Filter<MessageDoc>

/** Matches the deleted message while nobody has restored it since this was read, or wiped its text. */
const asDeleted = ({ _id, ver, kept_since, content, attachments }: MessageDoc): Filter<MessageDoc> =>
  ({
    _id,
    ver: ver ?? null,
    unlogged: null,
    is_deleted: true,
    kept_since: kept_since ?? null,
    content: content ?? null,
    attachments: attachments ? { $ne: null } : null,
  }) as object as Filter<MessageDoc>
