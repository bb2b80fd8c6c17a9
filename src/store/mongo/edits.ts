import { type Filter, ObjectId } from 'mongodb'
import { requireMayDelete, requireMayEdit } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import { changesBy, type MessagePatch } from '../../domain/edit.ts'
import { notFound } from '../../domain/errors.ts'
import type { Message, MessageEdit } from '../../domain/message.ts'
import type { Written } from '../written.ts'
import { isNumbered, type MessageDoc, mentionFields, type NumberedDoc, toMessage } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { majority, readHead } from './log/heads.ts'
import { type Mark, markId, type Pending } from './log/pending.ts'
import type { Members } from './members.ts'
import { deletedPlace } from './read-documents.ts'
import type { Replies } from './replies.ts'
import type { Revisions } from './revisions.ts'
import { toMessages } from './whole-messages.ts'

export interface Edits {
  edit(
    id: string,
    edit: MessageEdit,
    by: Caller,
    at: number,
    keepsRevision: boolean,
    deadline: number,
  ): Promise<Written<Message>>
  delete(id: string, by: Caller, at: number, deadline: number): Promise<Written<Message>>
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
}

/** Edits and deletes: a message is marked with its own `ver` while the entry is not surely logged. */
export function createEdits({ connection, members, pending, replies, revisions }: Deps): Edits {
  const { messages } = connection
  const marked = pending.register<MessageDoc>({
    collection: messages,
    marked: { unlogged: { $gt: 0 } },
    markOf,
    async onLogged(logged) {
      const docs = logged.map(({ doc }) => doc)
      const wiped = docs.filter(({ is_deleted, content }) => is_deleted && !content)
      if (wiped.length) await revisions.wipe(wiped.map(({ _id }) => _id.toHexString()))
      await Promise.all(docs.map(replies.recount))
    },
  })

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
        return set ? { filter: asSeen(doc), set: { ...set, ...(await edited(doc, new Date(at))) } } : null
      },
    })
    const [value] = await toMessages(connection, isNumbered(doc) ? [doc] : [])
    if (!value) throw notFound('message')
    return { value, changes }
  }

  /** What each edit sets, with the mark. */
  async function edited(doc: NumberedDoc, at: Date): Promise<Partial<MessageDoc>> {
    // Every message of ours has a `ver`. Where there is none, somebody has replaced the document.
    const ver = doc.ver === undefined ? await verAfterAll(doc) : doc.ver + 1
    return { updated_at: at, ver, unlogged: ver, unlogged_id: markId() }
  }

  /**
   * Higher than any `ver` that the message ever had, though its document tells nothing of it: each edit raises `ver` by one and
   * logs an entry.
   */
  async function verAfterAll({ group_id, ver = 1 }: NumberedDoc): Promise<number> {
    const { rev } = await readHead(connection, group_id, majority)
    return Math.max(ver, rev + 2) + 1
  }

  return {
    edit: (id, edit, by, at, keepsRevision, deadline) =>
      written(requireMayEdit, id, by, at, deadline, async (doc) => {
        if (doc.is_deleted) throw notFound('message')
        const message = toMessage(doc)
        const changes = changesBy(edit, message)
        if (keepsRevision && changes?.content !== undefined) await revisions.keep(doc, new Date(at))
        return changes && { ...editFields(message, changes), edited_at: new Date(at) }
      }),

    delete: (id, by, at, deadline) =>
      written(requireMayDelete, id, by, at, deadline, (doc) =>
        doc.is_deleted
          ? null
          : {
              content: '',
              is_deleted: true,
              deleted_by: by.userId,
              deleted_place: deletedPlace(doc.group_id, doc.seq),
            },
      ),

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

function markOf(doc: MessageDoc): Mark<MessageDoc> | null {
  if (!doc.unlogged || !isNumbered(doc)) return null
  const { _id, unlogged: ver, unlogged_id: given } = doc
  const id = _id.toHexString()
  const key = `${id}.${given ?? ver}`
  return {
    key,
    groupId: doc.group_id,
    drafts: [
      {
        _id: key,
        type: doc.is_deleted ? 'message_deleted' : 'message_updated',
        deletes: doc.is_deleted ? 1 : 0,
        at: doc.updated_at instanceof Date ? doc.updated_at : _id.getTimestamp(),
        message_id: id,
        message_seq: doc.seq,
        ver,
        ...(doc.is_deleted && { data: doc.deleted_by ? { by: doc.deleted_by } : {} }),
      },
    ],
    filter: { _id, unlogged: ver, ...(given !== undefined && { unlogged_id: given }) },
    fields: ['unlogged', 'unlogged_id'],
  }
}

/** Matches the message while nobody has edited it since this was read. */
const asSeen = ({ _id, ver }: MessageDoc): Filter<MessageDoc> =>
  ({ _id, ver: ver ?? null, unlogged: null, is_deleted: { $ne: true } }) as object as Filter<MessageDoc>
