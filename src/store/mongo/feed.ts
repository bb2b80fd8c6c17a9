import { type Filter, ObjectId, Timestamp } from 'mongodb'
import type { Position } from '../../domain/cursor.ts'
import { ChatError } from '../../domain/errors.ts'
import { isId } from '../../domain/text.ts'
import type { FeedPage, FeedStore, Moved } from '../feed.ts'
import type { HeadDoc } from './documents.ts'
import type { CausalOptions } from './engine/causal.ts'
import type { Connection } from './engine/connect.ts'
import { hello } from './engine/hello.ts'
import { majority } from './log/heads.ts'

/**
 * The heads in the order of their stamps. The primary stamps a head with its cluster's time whenever it is raised (log/heads.ts):
 * one clock, which never goes back, whoever the primary is and whatever the instances' clocks say. Of two heads the one with the
 * earlier stamp may be seen later, but not for long: a raise is answered in time, or given up and done again. So heads are read in
 * passes: each goes on until there is nothing more, and the next begins so long before the time at which this one began. What was
 * told with the same head is not told again by this instance, as far as it remembers.
 */

/** After this stamp, or after this group where several have it. */
interface Place {
  stamp: Timestamp
  id: string
}

/** `began`: when the pass did; null before it does. */
interface Cursor {
  at: Place
  began: Timestamp | null
}

interface Deps {
  connection: Connection
  /** For an answer to what raises heads, in milliseconds. */
  socketMs: number
}

/** Cursors handed out last whose readers are spared what they know. */
const rememberedCursors = 16
/** Heads that are remembered for one of them. */
const rememberedHeads = 10_000

interface Told extends Moved {
  stamp: Timestamp
}

export function createFeed({ connection, socketMs }: Deps): FeedStore {
  const { heads, groups, meta, consumed, causal } = connection
  const lateSeconds = Math.ceil((2 * socketMs) / 1_000)
  /** By cursor, and by group. */
  const told = new Map<string, ReadonlyMap<string, Told>>()
  /** Different for each cursor of each process: no other reader's is taken for it. */
  const reader = new ObjectId().toHexString()
  let count = 0

  /** Of what was told up to this cursor that which the next pass finds once more: from its first stamp on. */
  function remember(cursor: string, all: ReadonlyMap<string, Told>, start: Timestamp): string {
    const marked = `${cursor}~${reader}.${++count}`
    const known = new Map([...all].filter(([, { stamp }]) => stamp.greaterThanOrEqual(start)))
    if (known.size <= rememberedHeads) told.set(marked, known)
    if (told.size > rememberedCursors) told.delete(told.keys().next().value as string)
    return marked
  }

  /** Of the groups that are there still. */
  async function living(ids: readonly string[], options: CausalOptions): Promise<Set<string>> {
    const filter = { _id: { $in: ids.filter(isId).map((id) => new ObjectId(id)) } }
    const once = { projection: { _id: 1 }, batchSize: ids.length + 1 }
    const docs = ids.length ? await groups.find(filter, { ...options, ...once }).toArray() : []
    return new Set(docs.map(({ _id }) => _id.toHexString()))
  }

  return {
    read: (after, limit) =>
      causal.read(async (options): Promise<FeedPage> => {
        const { at, began } = parse(after)
        const page = {
          ...majority,
          ...options,
          sort: { moved: 1, _id: 1 },
          limit,
          batchSize: limit + 1,
        } as const
        const docs = await heads.find(beyond(at), page).toArray()
        const last = docs.at(-1)
        const begin = began ?? options.session?.operationTime ?? (await ownTime(connection))
        /** Where the next pass begins. */
        const start = back(begin, lateSeconds)

        const before = told.get(after ?? '') ?? new Map<string, Told>()
        const found = docs.map((doc) => ({ ...movedOf(doc), stamp: doc.moved ?? start }))
        const fresh = found.filter(({ groupId, head }) => !isSame(before.get(groupId)?.head, head))
        const there = await living(
          fresh.map(({ groupId }) => groupId),
          options,
        )
        const moved = fresh.filter(({ groupId, head }) => there.has(groupId) && !isSame(head, nothing))
        const isFresh = new Set(fresh)
        const known = new Map(before)
        for (const each of found)
          if (!isFresh.has(each) || there.has(each.groupId)) known.set(each.groupId, each)

        const hasMore = docs.length === limit
        const next =
          hasMore && last
            ? format({ at: { stamp: last.moved ?? start, id: last._id }, began: begin })
            : format({ at: { stamp: start, id: '' }, began: null })
        return {
          moved: moved.map(({ groupId, head }) => ({ groupId, head })),
          next: remember(next, known, start),
          hasMore,
        }
      }),

    async load(consumer) {
      return (await meta.findOne({ _id: recordOf(consumer) }))?.value ?? null
    },

    async save(consumer, cursor) {
      await meta.updateOne({ _id: recordOf(consumer) }, { $set: { value: cursor } }, { upsert: true })
    },

    async positions(consumer, groupIds) {
      const filter = { _id: { $in: groupIds.map((groupId) => consumedId(consumer, groupId)) } }
      const docs = await consumed.find(filter, { batchSize: groupIds.length + 1 }).toArray()
      return new Map(docs.map(({ group_id, seq, rev }) => [group_id, { seq, rev }]))
    },

    async reach(consumer, positions) {
      const updates = [...positions].map(([groupId, { seq, rev }]) => ({
        updateOne: {
          filter: { _id: consumedId(consumer, groupId) },
          update: { $max: { seq, rev }, $setOnInsert: { consumer, group_id: groupId } },
          upsert: true,
        },
      }))
      if (updates.length) await consumed.bulkWrite(updates, { ordered: false })
    },

    async forget(consumer) {
      await meta.deleteOne({ _id: recordOf(consumer) })
      await consumed.deleteMany({ consumer })
    },
  }
}

export const consumedId = (consumer: string, groupId: string): string => `${consumer}:${groupId}`

export const recordOf = (consumer: string): string => `feed:${consumer}`

const beyond = ({ stamp, id }: Place): Filter<HeadDoc> =>
  ({ $or: [{ moved: { $gt: stamp } }, { moved: stamp, _id: { $gt: id } }] }) as Filter<HeadDoc>

const movedOf = ({ _id, seq = 0, changes }: HeadDoc): Moved => ({
  groupId: _id,
  head: { seq, rev: changes?.rev ?? 0 },
})

/** A group that was just made has a head, and nothing has moved. */
const nothing: Position = { seq: 0, rev: 0 }

const isSame = (a: Position | undefined, b: Position): boolean => a?.seq === b.seq && a.rev === b.rev

const back = (stamp: Timestamp, seconds: number): Timestamp =>
  new Timestamp({ t: Math.max(0, stamp.t - seconds), i: 0 })

/** A server that stands alone tells no time of a cluster: its heads are stamped by its own clock. */
async function ownTime(connection: Connection): Promise<Timestamp> {
  const { localTime } = await hello(connection)
  return new Timestamp({ t: Math.floor((localTime?.getTime() ?? 0) / 1_000), i: 0 })
}

const format = ({ at: { stamp, id }, began }: Cursor): string =>
  `${stamp.t}.${stamp.i}.${id}${began ? `/${began.t}.${began.i}` : ''}`

/** The beginning of the feed. */
export const firstCursor = '0.0.'

const pattern = /^(\d{1,10})\.(\d{1,10})\.([0-9a-f]{0,24})(?:\/(\d{1,10})\.(\d{1,10}))?(?:~[0-9a-f.]{1,64})?$/

function parse(cursor: string | null): Cursor {
  const match = pattern.exec(cursor ?? firstCursor)
  if (!match) throw new ChatError('malformed', 'This is no cursor of the feed.')
  const [, t, i, id = '', beganT, beganI] = match
  const stampOf = (t: string | undefined, i: string | undefined) =>
    new Timestamp({ t: Number(t), i: Number(i) })
  return { at: { stamp: stampOf(t, i), id }, began: beganT === undefined ? null : stampOf(beganT, beganI) }
}
