import type { Message } from '../../domain/message.ts'
import type { NumberedDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { createLateWrites } from './engine/late-writes.ts'
import { type ReadDoc, readRecordId } from './read-documents.ts'

type Mark = ReadDoc['mark']

/** A mark on its way to the database. */
interface Raised {
  readonly groupId: string
  readonly userId: string
  readonly mark: Mark
}

/**
 * How far senders have read: up to their own messages. The marks are written after the sends, those of many together, so that no
 * send waits for a second write. This instance knows them at once; when it is killed before they are written, those who heard of
 * the messages write them.
 */
export interface ReadMarks {
  /** The messages were sent here. */
  sent(docs: readonly NumberedDoc[]): void
  /** The message was sent by another instance. */
  saw(message: Message): void
  /** The mark of this record as far as it is not written yet. */
  unwritten(recordId: string): Mark | undefined
  /** Drops the marks up to `seq` of users who are members no more. */
  drop(groupId: string, userIds: readonly string[], seq: number): Promise<void>
  /** Resolves when the marks that were raised before are written. Throws when they can't be. */
  written(): Promise<void>
  /** Resolves when all marks are written, or can't be. */
  stop(): Promise<void>
}

export function createReadMarks(connection: Connection, onError: (error: unknown) => void): ReadMarks {
  const { reads, unlessHung } = connection
  const late = createLateWrites<Raised>({
    write: (marks) => unlessHung(reads.bulkWrite([...marks.values()].map(raiseMark), { ordered: false })),
    async missing(marks) {
      const ids = [...marks.keys()]
      const once = { projection: { mark: 1 }, batchSize: ids.length + 1 } as const
      const docs = await unlessHung(reads.find({ _id: { $in: ids } }, once).toArray())
      const kept = new Map(docs.map(({ _id, mark }) => [_id, mark.seq]))
      return [...marks].flatMap(([id, { mark }]) => (mark.seq > (kept.get(id) ?? -1) ? [id] : []))
    },
    merge: (before, each) => (before && before.mark.seq >= each.mark.seq ? before : each),
    onError,
  })
  const keyed = (each: Raised) => [readRecordId(each.groupId, each.userId), each] as const

  return {
    sent: (docs) =>
      late.raise(
        docs.map(({ group_id, sender_id, seq, created_at }) =>
          keyed({ groupId: group_id, userId: sender_id, mark: { seq, at: created_at ?? new Date() } }),
        ),
      ),

    saw: ({ groupId, senderId, seq, createdAt }) =>
      late.saw(...keyed({ groupId, userId: senderId, mark: { seq, at: new Date(createdAt) } })),

    unwritten: (id) =>
      late
        .unwritten(id)
        .map(({ mark }) => mark)
        .reduce<Mark | undefined>(laterMark, undefined),

    async drop(groupId, userIds, seq) {
      const ids = userIds.map((userId) => readRecordId(groupId, userId))
      if (ids.some((id) => late.unwritten(id).length)) await late.written()
      await reads.deleteMany({ _id: { $in: ids }, 'mark.seq': { $lte: seq } })
    },

    written: late.written,
    stop: late.stop,
  }
}

export const laterMark = (one: Mark | undefined, other: Mark | undefined): Mark | undefined =>
  one && other && one.seq > other.seq ? one : (other ?? one)

/** A mark never goes back. */
export const raiseMark = ({ groupId, userId, mark }: Raised) => ({
  updateOne: {
    filter: { _id: readRecordId(groupId, userId) },
    update: { $max: { mark }, $setOnInsert: { group_id: groupId, user_id: userId } },
    upsert: true,
  },
})
