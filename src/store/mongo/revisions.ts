import { ObjectId } from 'mongodb'
import { keptRevisions, revisionsOf } from '../../domain/revision.ts'
import type { RevisionStore } from '../revisions.ts'
import { createdAt, type MessageDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import type { RevisionDoc } from './own-documents.ts'

export interface Revisions extends RevisionStore {
  /** Keeps what a message says. To be called before an edit is tried, which may fail: it is shown only once the message has another version. */
  keep(doc: MessageDoc, at: Date): Promise<void>
  /** Drops what these messages said. */
  wipe(messageIds: readonly string[]): Promise<void>
}

export function createRevisions({ messages, revisions, causal }: Connection): Revisions {
  return {
    async keep({ _id, group_id, content, ver = 1 }, at) {
      const message_id = _id.toHexString()
      const record = { message_id, group_id, ver, content, at }
      await revisions.replaceOne({ _id: `${message_id}:${ver}` }, record, { upsert: true })
      const [oldest] = await revisions
        .find({ message_id }, { sort: { ver: -1 }, skip: keptRevisions, limit: 1, projection: { ver: 1 } })
        .toArray()
      if (oldest) await revisions.deleteMany({ message_id, ver: { $lte: oldest.ver } })
    },

    wipe: async (messageIds) => void (await revisions.deleteMany({ message_id: { $in: [...messageIds] } })),

    async list(messageId) {
      const [doc, docs] = await causal.read((options) =>
        Promise.all([
          messages.findOne({ _id: new ObjectId(messageId) }, options),
          revisions.find({ message_id: messageId }, { ...options, sort: { ver: 1 } }).toArray(),
        ]),
      )
      if (!doc || doc.is_deleted) return []
      return revisionsOf(
        shownRevisions(doc, docs).map(({ content, at }) => ({ content, replacedAt: at.getTime() })),
        createdAt(doc),
      )
    },
  }
}

/** Those of a message's records, in the order of `ver`, that count: an edit that failed left one of what the message says still. */
export const shownRevisions = (
  message: Pick<MessageDoc, 'ver' | 'content'>,
  docs: readonly RevisionDoc[],
): RevisionDoc[] =>
  docs.filter(
    ({ ver, content, is_sure }, index) =>
      is_sure === true || (ver < (message.ver ?? 1) && content !== (docs[index + 1] ?? message).content),
  )
