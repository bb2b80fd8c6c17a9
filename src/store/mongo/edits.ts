import { type Filter, ObjectId, type UpdateFilter } from 'mongodb'
import { requireSender } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import { notFound } from '../../domain/errors.ts'
import type { Message } from '../../domain/message.ts'
import type { Written } from '../written.ts'
import { isNumbered, type MessageDoc, type NumberedDoc, toMessage } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { unavailable } from './engine/failure.ts'
import { createKeyedLock } from './engine/keyed-lock.ts'
import type { ChangeLog } from './log/changes.ts'
import { majority, readHead } from './log/heads.ts'
import { type Members, markId } from './members.ts'

export interface Edits {
  edit(id: string, content: string, by: Caller, at: number, deadline: number): Promise<Written<Message>>
  delete(id: string, by: Caller, at: number, deadline: number): Promise<Written<Message>>
  /**
   * Logs that a message was replaced by hand by a document of this `ver`, unless somebody else does or it was edited since. A
   * deleted one is left alone: it may have been so before, and would be counted twice.
   */
  logReplaced(id: string, ver: number | undefined, deadline: number): Promise<void>
  /** Logs the edit that the message is marked with, and takes the mark off. */
  log(doc: NumberedDoc, deadline: number): Promise<Written<Message>>
}

interface Deps {
  connection: Connection
  members: Members
  changeLog: ChangeLog
}

/**
 * An edit is two writes: the message, marked with what is not logged yet, and the log's entry. The entry's id
 * is derived from both, so whoever finds the mark can log it, and it is logged once. There is one mark, so
 * one edit comes after the other.
 */
export function createEdits({ connection, members, changeLog }: Deps): Edits {
  const { messages } = connection
  const lock = createKeyedLock()

  /** `wanted` gives what to set, or null when the message is so already. */
  function write(
    id: string,
    by: Caller,
    at: number,
    deadline: number,
    wanted: (doc: NumberedDoc) => Partial<MessageDoc> | null,
  ): Promise<Written<Message>> {
    return lock.run(id, async () => {
      for (;;) {
        const doc = await messages.findOne({ _id: new ObjectId(id) })
        if (!doc || !isNumbered(doc)) throw notFound('message')
        await members.check(doc.group_id, (group) => requireSender(group, toMessage(doc), by))
        const set = wanted(doc)
        if (doc.unlogged) {
          await edits.log(doc, deadline)
          continue
        }
        if (!set) return { value: toMessage(doc), changes: [] }
        // Who asked was told so by now, and may have changed it otherwise since.
        if (performance.now() > deadline) throw unavailable()
        // Every message of ours has one; who replaced the document has taken it away.
        const ver = doc.ver === undefined ? await verAfterAll(doc) : doc.ver + 1
        const update: UpdateFilter<MessageDoc> = {
          $set: { ...set, updated_at: new Date(at), ver, unlogged: ver, unlogged_id: markId() },
        }
        const after = await messages.findOneAndUpdate(asSeen(doc), update, { returnDocument: 'after' })
        if (after && isNumbered(after)) return edits.log(after, deadline)
      }
    })
  }

  /**
   * Higher than any `ver` that the message ever had, though its document tells nothing of it: each edit raises `ver` by one and
   * logs an entry.
   */
  async function verAfterAll({ group_id, ver = 1 }: NumberedDoc): Promise<number> {
    const { rev } = await readHead(connection, group_id, majority)
    return Math.max(ver, rev + 2) + 1
  }

  const edits: Edits = {
    edit: (id, content, by, at, deadline) =>
      write(id, by, at, deadline, (doc) => {
        if (doc.is_deleted) throw notFound('message')
        return doc.content === content ? null : { content }
      }),

    delete: (id, by, at, deadline) =>
      write(id, by, at, deadline, (doc) => (doc.is_deleted ? null : { content: '', is_deleted: true })),

    async logReplaced(id, ver, deadline) {
      const read = () => messages.findOne({ _id: new ObjectId(id), ver: ver ?? null } as Filter<MessageDoc>)
      let doc = await read()
      if (doc?.unlogged && isNumbered(doc)) {
        // An old mark, which came back with the document.
        await edits.log(doc, deadline)
        doc = await read()
      }
      if (!doc || !isNumbered(doc) || doc.unlogged || doc.is_deleted) return
      const next = await verAfterAll(doc)
      const after = await messages.findOneAndUpdate(
        asSeen(doc),
        { $set: { ver: next, unlogged: next, unlogged_id: markId() } },
        { returnDocument: 'after' },
      )
      if (after && isNumbered(after)) await edits.log(after, deadline)
    },

    async log(doc, deadline) {
      const { _id, group_id, seq, unlogged: ver = 1 } = doc
      const id = _id.toHexString()
      const change = await changeLog.append(
        group_id,
        {
          _id: `${id}.${doc.unlogged_id ?? ver}`,
          type: doc.is_deleted ? 'message_deleted' : 'message_updated',
          deletes: doc.is_deleted ? 1 : 0,
          at: doc.updated_at instanceof Date ? doc.updated_at : doc._id.getTimestamp(),
          message_id: id,
          message_seq: seq,
          ver,
        },
        deadline,
      )
      const marked = { _id, unlogged: ver, ...(doc.unlogged_id && { unlogged_id: doc.unlogged_id }) }
      const logged = await messages.findOneAndUpdate(
        marked,
        { $unset: { unlogged: '', unlogged_id: '' } },
        { returnDocument: 'after' },
      )
      const now = logged ?? (await messages.findOne({ _id }))
      return { value: toMessage(now && isNumbered(now) ? now : doc), changes: [change] }
    },
  }
  return edits
}

/** Matches the message while nobody has edited it since this was read. */
const asSeen = ({ _id, ver }: MessageDoc): Filter<MessageDoc> =>
  ({ _id, ver: ver ?? null, unlogged: null, is_deleted: { $ne: true } }) as object as Filter<MessageDoc>
