import type { Message } from '../../domain/message.ts'
import type { NumberedDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { startJob } from './engine/job.ts'
import { type ReadDoc, readRecordId } from './read-documents.ts'

/** What other instances sent is gathered for so many milliseconds, in case one was killed before it wrote its senders' marks. */
const gatherMs = 5_000

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
  let raised = new Map<string, Raised>()
  let underWay = new Map<string, Raised>()
  let seen = new Map<string, Raised>()
  let writing: Promise<void> | undefined

  async function write(): Promise<void> {
    while (raised.size) {
      underWay = raised
      raised = new Map()
      try {
        await unlessHung(reads.bulkWrite([...underWay.values()].map(raiseMark), { ordered: false }))
      } catch (error) {
        for (const each of underWay.values()) add(raised, each)
        throw error
      } finally {
        underWay = new Map()
      }
    }
  }

  function writeAll(): Promise<void> {
    writing ??= write().finally(() => {
      writing = undefined
    })
    return writing
  }

  /** Writes those that other instances have not written themselves. */
  async function flush(): Promise<void> {
    const heard = seen
    seen = new Map()
    try {
      if (heard.size) {
        const ids = [...heard.keys()]
        const once = { projection: { mark: 1 }, batchSize: ids.length + 1 } as const
        const docs = await unlessHung(reads.find({ _id: { $in: ids } }, once).toArray())
        const kept = new Map(docs.map(({ _id, mark }) => [_id, mark.seq]))
        for (const [id, each] of heard) if (each.mark.seq > (kept.get(id) ?? -1)) add(raised, each)
      }
    } catch (error) {
      for (const each of heard.values()) add(seen, each)
      throw error
    } finally {
      await writeAll()
    }
  }

  const job = startJob(gatherMs, flush, onError)
  return {
    sent(docs) {
      for (const { group_id, sender_id, seq, created_at } of docs)
        add(raised, {
          groupId: group_id,
          userId: sender_id,
          mark: { seq, at: created_at ?? new Date() },
        })
      if (!writing) writeAll().catch(onError)
    },

    saw({ groupId, senderId, seq, createdAt }) {
      add(seen, { groupId, userId: senderId, mark: { seq, at: new Date(createdAt) } })
    },

    unwritten(id) {
      const [one, other] = [raised.get(id)?.mark, underWay.get(id)?.mark]
      return one && other ? (one.seq > other.seq ? one : other) : (one ?? other)
    },

    async drop(groupId, userIds, seq) {
      const ids = userIds.map((userId) => readRecordId(groupId, userId))
      if (ids.some((id) => this.unwritten(id))) await writeAll()
      await reads.deleteMany({ _id: { $in: ids }, 'mark.seq': { $lte: seq } })
    },

    written: () => (raised.size || underWay.size ? writeAll() : Promise.resolve()),

    async stop() {
      await job.stop()
      await flush().catch(onError)
    },
  }
}

/** A mark never goes back. */
export const raiseMark = ({ groupId, userId, mark }: Raised) => ({
  updateOne: {
    filter: { _id: readRecordId(groupId, userId) },
    update: { $max: { mark }, $setOnInsert: { group_id: groupId, user_id: userId } },
    upsert: true,
  },
})

function add(all: Map<string, Raised>, each: Raised): void {
  const id = readRecordId(each.groupId, each.userId)
  if ((all.get(id)?.mark.seq ?? -1) < each.mark.seq) all.set(id, each)
}
