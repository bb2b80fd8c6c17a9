import type { AnyBulkWriteOperation, Filter, ObjectId, UpdateFilter } from 'mongodb'
import type { Change } from '../../domain/change.ts'
import { isNumbered, type MessageDoc, type NumberedDoc } from './documents.ts'
import { asSeen, type Edits, nothing } from './edits.ts'
import type { Connection } from './engine/connect.ts'
import { unavailable } from './engine/failure.ts'
import type { ChangeDraft, ChangeLog } from './log/changes.ts'
import { deletedPlace } from './read-documents.ts'
import type { Replies } from './replies.ts'
import type { Totals } from './stats.ts'

/**
 * Removes many messages of one group at once, and says so in one entry of its log. First the messages are emptied, and those that were
 * not deleted bear a mark; then the entry is logged, under an id of the caller's; then the mark goes. Who does the same again after a
 * crash finds the marks, and logs the entry once.
 */
export interface Removals {
  /**
   * Resolves to the entry that is logged under the draft's id, now or before; null when no message had to be deleted, so that there is
   * nothing to tell. `settle` is to be called when the caller has dealt with what the entry tells.
   */
  remove(
    docs: readonly NumberedDoc[],
    draft: (removed: readonly NumberedDoc[]) => ChangeDraft,
    deadline: number,
  ): Promise<Change | null>
  /** Ends the removal of messages that the entry tells of. */
  settle(ids: readonly ObjectId[], update?: UpdateFilter<MessageDoc>): Promise<void>
}

interface Deps {
  connection: Connection
  changeLog: Pick<ChangeLog, 'append'>
  edits: Pick<Edits, 'settle' | 'nextVer' | 'wipeRest'>
  replies: Pick<Replies, 'recount'>
  totals: Pick<Totals, 'messageDeleted'>
}

export function createRemovals(deps: Deps): Removals {
  const { connection, changeLog, edits, replies, totals } = deps
  const { messages, reactions } = connection

  async function emptying(doc: NumberedDoc, at: Date): Promise<AnyBulkWriteOperation<MessageDoc>> {
    const { _id, group_id, seq } = doc
    const $unset = { kept_since: '', deleted_by: '' } as const
    if (doc.is_deleted)
      return { updateOne: { filter: { _id, is_deleted: true }, update: { $set: nothing, $unset } } }
    const $set = {
      ...nothing,
      is_deleted: true,
      is_removed: true as const,
      updated_at: at,
      ver: await edits.nextVer(doc),
      deleted_place: deletedPlace(group_id, seq),
    }
    return { updateOne: { filter: asSeen(doc), update: { $set, $unset } } }
  }

  /** Resolves to the messages as they are when all of them are empty. */
  async function empty(docs: readonly NumberedDoc[], at: Date, deadline: number): Promise<NumberedDoc[]> {
    const filter = { _id: { $in: docs.map(({ _id }) => _id) } }
    for (let left = docs; left.length; ) {
      if (performance.now() > deadline) throw unavailable()
      for (const doc of left) if (doc.unlogged) await edits.settle(doc, deadline)
      await messages.bulkWrite(await Promise.all(left.map((doc) => emptying(doc, at))), { ordered: false })
      left = await numbered({ ...filter, $or: [{ is_deleted: { $ne: true } }, { content: { $ne: '' } }] })
    }
    return numbered(filter)
  }

  const numbered = async (filter: Filter<MessageDoc>): Promise<NumberedDoc[]> =>
    (await messages.find(filter).sort({ seq: 1 }).toArray()).filter(isNumbered)

  return {
    async remove(docs, draft, deadline) {
      const emptied = await empty(docs, draft([]).at, deadline)
      const ids = emptied.map(({ _id }) => _id.toHexString())
      await edits.wipeRest(ids)
      await reactions.deleteMany({ message_id: { $in: ids } })
      for (const doc of emptied) await replies.recount(doc)
      const removed = emptied.filter(({ is_removed }) => is_removed)
      const groupId = emptied[0]?.group_id
      if (!removed.length || groupId === undefined) return null
      return changeLog.append(groupId, { ...draft(removed), deletes: removed.length }, deadline)
    },

    async settle(ids, update) {
      const _id = { $in: [...ids] }
      const { modifiedCount } = await messages.updateMany(
        { _id, is_removed: true },
        { $unset: { is_removed: '' } },
      )
      if (modifiedCount) totals.messageDeleted(modifiedCount)
      if (update) await messages.updateMany({ _id }, update)
    },
  }
}
