import type { AnyBulkWriteOperation, ReadConcernLike } from 'mongodb'
import type { Head } from '../../../domain/change.ts'
import type { HeadDoc } from '../documents.ts'
import type { CausalOptions } from '../engine/causal.ts'
import type { Connection } from '../engine/connect.ts'

/** `local`: as the primary has it, for appending. `majority`: what can't be rolled back, for serving. */
type Concern = { readConcern: ReadConcernLike } & CausalOptions
export const local: Concern = { readConcern: 'local' }
export const majority: Concern = { readConcern: 'majority' }

/** Numbers given out within so many milliseconds are kept together. */
const gatherMs = 20

/**
 * The highest number of each group's messages, kept apart from the messages: whoever deletes the newest of them by hand,
 * their numbers are not given out again. It is raised behind the append, which need not wait for it.
 */
export interface KeptHeads {
  raise(groupId: string, seq: number): void
  /** Writes what is gathered. */
  stop(): Promise<void>
}

export function createKeptHeads({ heads }: Connection, onError: (error: unknown) => void): KeptHeads {
  let gathered = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let writing = Promise.resolve()

  async function write(): Promise<void> {
    timer = undefined
    const some = gathered
    gathered = new Map()
    const raises = [...some].map(
      ([_id, seq]): AnyBulkWriteOperation<HeadDoc> => ({
        updateOne: { filter: { _id }, update: { $max: { seq } }, upsert: true },
      }),
    )
    if (!raises.length) return
    try {
      await heads.bulkWrite(raises, { ordered: false })
    } catch (error) {
      // Two instances may have made the same document, or the database is away: once more, which does no harm.
      onError(error)
      for (const [groupId, seq] of some) raise(groupId, seq)
    }
  }

  function raise(groupId: string, seq: number): void {
    gathered.set(groupId, Math.max(seq, gathered.get(groupId) ?? 0))
    timer ??= setTimeout(() => {
      writing = write()
    }, gatherMs).unref()
  }

  return {
    raise,
    async stop() {
      clearTimeout(timer)
      await writing
      await write()
      clearTimeout(timer)
    },
  }
}

/** The highest number given out: of the messages that are there, and of those that somebody removed. */
export async function lastSeq(
  { messages, heads }: Connection,
  groupId: string,
  concern: Concern,
): Promise<number> {
  const [last, kept] = await Promise.all([
    messages.findOne({ group_id: groupId }, { ...concern, sort: { seq: -1 }, projection: { seq: 1 } }),
    heads.findOne({ _id: groupId }, concern),
  ])
  return Math.max(last?.seq ?? 0, kept?.seq ?? 0)
}

/**
 * The ends of both logs. The changes are read first, so `seq` is not below what the last of them had seen: a
 * change that counts as known never belongs to a message that is still to come.
 */
export async function readHeads(connection: Connection, groupId: string, concern: Concern): Promise<Head> {
  const last = await connection.changes.findOne({ group_id: groupId }, { ...concern, sort: { rev: -1 } })
  const seq = await lastSeq(connection, groupId, concern)
  return { seq, rev: last?.rev ?? 0, deleted: last?.deleted ?? 0 }
}
