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
  const { members, reads, unlessHung } = connection
  const late = createLateWrites<Raised>({
    write: (marks) => unlessHung(reads.bulkWrite([...marks.values()].map(raiseMark), { ordered: false })),
    async missing(marks) {
      const ids = [...marks.keys()]
      const these = { _id: { $in: ids } }
      const batchSize = ids.length + 1
      const [docs, records] = await unlessHung(
        Promise.all([
          reads.find(these, { projection: { mark: 1 }, batchSize }).toArray(),
          members.find(these, { projection: { joined: 1 }, batchSize }).toArray(),
        ]),
      )
      // Who was removed and came back has no mark of before: it was dropped, and is not missing.
      const known = new Map(records.map(({ _id, joined }) => [_id, joined?.seq ?? 0]))
      for (const { _id, mark } of docs) known.set(_id, Math.max(mark.seq, known.get(_id) ?? 0))
      return [...marks].flatMap(([id, { mark }]) => (mark.seq > (known.get(id) ?? 0) ? [id] : []))
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
