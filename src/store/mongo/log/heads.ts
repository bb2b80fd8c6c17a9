import type { AnyBulkWriteOperation, ReadConcernLike } from 'mongodb'
import type { Head } from '../../../domain/change.ts'
import type { HeadDoc } from '../documents.ts'
import type { CausalOptions } from '../engine/causal.ts'
import type { Connection } from '../engine/connect.ts'
import { createLateWrites } from '../engine/late-writes.ts'

/** `local` reads what the primary has, for appending. `majority` reads what can't be rolled back, for serving. */
export type Concern = { readConcern: ReadConcernLike } & CausalOptions
export const local: Concern = { readConcern: 'local' }
export const majority: Concern = { readConcern: 'majority' }

/** How far a group's logs have ever gone, as far as they are named. `deleted` belongs to the entry at `rev`. */
export interface Ends {
  seq?: number
  changes?: { rev: number; deleted: number }
  /** The last message and when it was sent, in a form that `$max` compares as a whole. */
  last?: { seq: number; at: Date }
}

/**
 * The ends of each group's logs, kept apart from the logs, so that numbers never start again, whoever deletes what by
 * hand. A head is written after the append. Written before or beside it, it would leave a hole wherever the insert
 * meets another's number, or the process is killed; and if the answer waited for it, each send would cost a second way
 * to a majority. So a head may be missing for milliseconds. When an instance is killed in that time, those who heard of
 * the entry keep its head, or else the next start (missed-heads.ts). A number can be used again only where no other
 * instance ran, and its message is deleted by hand before that start.
 */
export interface KeptHeads {
  /** Raises the head at once. Heads that are raised while the last write is under way are written together. */
  raise(groupId: string, ends: Ends): void
  /** Raises the head within a few seconds, if the other instance that wrote the entry has not done so itself. */
  saw(groupId: string, ends: Ends): void
  /** The last message of the group, as far as its head is not written yet. */
  lastOf(groupId: string): Ends['last']
  /** Resolves when all heads are written, or can't be. */
  stop(): Promise<void>
}

export function createKeptHeads(connection: Connection, onError: (error: unknown) => void): KeptHeads {
  const { heads, unlessHung } = connection
  const late = createLateWrites<Ends>({
    write: (ends) => unlessHung(heads.bulkWrite([...ends].map(raiseOf), { ordered: false })),
    missing: (ends) => behind(connection, ends),
    merge: endsOf,
    onError,
  })
  return {
    raise: (groupId, ends) => late.raise([[groupId, ends]]),
    saw: late.saw,
    lastOf: (groupId) =>
      [...late.unwritten(groupId), late.heard(groupId)].map((ends) => ends?.last).reduce(laterOf, undefined),
    stop: late.stop,
  }
}

/** The groups whose kept heads are behind these ends. The others, which are nearly all, need no write. */
async function behind(connection: Connection, ends: ReadonlyMap<string, Ends>): Promise<string[]> {
  const ids = [...ends.keys()]
  const once = { ...majority, batchSize: ids.length + 1 }
  const docs = await connection.unlessHung(connection.heads.find({ _id: { $in: ids } }, once).toArray())
  const kept = new Map(docs.map((doc) => [doc._id, doc]))
  return [...ends].flatMap(([groupId, each]) => (covers(kept.get(groupId) ?? {}, each) ? [] : [groupId]))
}

const covers = (kept: Ends, { seq, changes, last }: Ends): boolean =>
  (seq === undefined || (kept.seq ?? -1) >= seq) &&
  (last === undefined || (kept.last?.seq ?? -1) >= last.seq) &&
  (changes === undefined || (kept.changes !== undefined && !isHigher(changes, kept.changes)))

/** Compares as `$max` does. */
const isHigher = (a: Required<Ends>['changes'], b: Required<Ends>['changes']): boolean =>
  a.rev > b.rev || (a.rev === b.rev && a.deleted > b.deleted)

/** Raises a group's head, durably, before it resolves. */
export async function raiseHead({ heads }: Connection, groupId: string, ends: Ends): Promise<void> {
  await heads.bulkWrite([raiseOf([groupId, ends])])
}

/** The feed (../feed.ts) tells groups in the order of their stamps. */
const stamped = { $currentDate: { moved: { $type: 'timestamp' } } } as const

export const raiseOf = ([_id, $max]: [string, Ends]): AnyBulkWriteOperation<HeadDoc> => ({
  // When two make the document at once, the server tries the second again.
  updateOne: { filter: { _id }, update: { $max, ...stamped }, upsert: true },
})

/** Stamps those of these heads that have no stamp. */
export async function stampHeads({ heads }: Connection, groupIds: readonly string[]): Promise<void> {
  await heads.updateMany({ _id: { $in: [...groupIds] }, moved: null } as object, stamped)
}

const laterOf = (one: Ends['last'], other: Ends['last']): Ends['last'] =>
  one && other && one.seq >= other.seq ? one : (other ?? one)

/** The higher of each of the ends. */
function endsOf(before: Ends = {}, { seq, changes, last }: Ends): Ends {
  const ends = { ...before }
  if (seq !== undefined) ends.seq = Math.max(seq, ends.seq ?? 0)
  const later = laterOf(ends.last, last)
  if (later) ends.last = later
  if (changes && !(ends.changes && ends.changes.rev >= changes.rev)) ends.changes = changes
  return ends
}

/** Kept heads tell only of what can't be rolled back, so they are read as the primary has them. */
const readKept = (
  { heads }: Connection,
  groupId: string,
  { session }: CausalOptions,
): Promise<HeadDoc | null> => heads.findOne({ _id: groupId }, { ...local, ...(session && { session }) })

/** The last number of a group's messages, whether or not that message is still there. */
export async function lastSeq(connection: Connection, groupId: string, concern: Concern): Promise<number> {
  const [last, kept] = await Promise.all([
    lastMessage(connection, groupId, concern),
    readKept(connection, groupId, concern),
  ])
  return Math.max(last, kept?.seq ?? 0)
}

async function lastMessage({ messages }: Connection, groupId: string, concern: Concern): Promise<number> {
  const last = await messages.findOne(
    { group_id: groupId },
    { ...concern, sort: { seq: -1 }, projection: { seq: 1 } },
  )
  return last?.seq ?? 0
}

/**
 * The ends of both logs. The changes are read first, so that `seq` is not below the one that the last of them names: a reader
 * that knows a change knows all messages before it. `readConcern` is for the changes only, because the message that a change
 * names must not be rolled back.
 */
export async function readHead(connection: Connection, groupId: string, concern: Concern): Promise<Head> {
  const [last, kept] = await Promise.all([
    connection.changes.findOne({ group_id: groupId }, { ...concern, sort: { rev: -1 } }),
    readKept(connection, groupId, concern),
  ])
  const seq = Math.max(await lastMessage(connection, groupId, { ...concern, ...majority }), kept?.seq ?? 0)
  const end = last ?? { rev: 0, deleted: 0 }
  const { rev, deleted } = kept?.changes && kept.changes.rev > end.rev ? kept.changes : end
  return { seq, rev, deleted }
}
