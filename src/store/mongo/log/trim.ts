import { type AnyBulkWriteOperation, ObjectId } from 'mongodb'
import type { ChangeDoc } from '../documents.ts'
import type { Connection } from '../engine/connect.ts'

/** So many groups are looked at together. */
const groupsAtOnce = 500

/** A group's entries that are old enough to be dropped. */
interface Old {
  _id: string
  first: number
  last: number
  count: number
}

/**
 * Drops the entries made before a time, except each group's last one. They are found by an index alone. Most groups have only
 * their last entry left, which is found for many groups at once.
 */
export function createTrim({ groups, changes }: Connection): (before: number) => Promise<number> {
  /** The last `rev` that may be dropped: it is below the first entry that is to stay, and below the group's last one. */
  async function endOf(groupId: string, before: Date): Promise<number> {
    const of = { group_id: groupId }
    const kept =
      (await changes.findOne({ ...of, at: { $gte: before } }, { sort: { rev: 1 } })) ??
      (await changes.findOne(of, { sort: { rev: -1 } }))
    return kept ? kept.rev - 1 : 0
  }

  /** The last `rev` that may be dropped, of those groups that have something to drop. */
  async function endsOf(some: readonly Old[], before: Date): Promise<Map<string, number>> {
    const around = some.flatMap(({ _id, first, last }) => [`${_id}:${first - 1}`, `${_id}:${last + 1}`])
    const neighbours = await changes.find({ slot: { $in: around } }, { projection: { slot: 1 } }).toArray()
    const slots = new Set(neighbours.map(({ slot }) => slot))
    const ends = new Map<string, number>()
    for (const { _id, first, last, count } of some) {
      // Clocks differ, so a young entry may be among the old ones, or before them.
      const isPlain = count === last - first + 1 && !slots.has(`${_id}:${first - 1}`)
      const end = !isPlain ? await endOf(_id, before) : slots.has(`${_id}:${last + 1}`) ? last : last - 1
      if (end >= first) ends.set(_id, end)
    }
    return ends
  }

  async function drop(ends: ReadonlyMap<string, number>): Promise<number> {
    if (!ends.size) return 0
    // The start of the log is moved before entries are dropped, so that a reader in between hears that its place is gone.
    await groups.bulkWrite(
      [...ends].map(([groupId, rev]) => ({
        updateOne: { filter: { _id: new ObjectId(groupId) }, update: { $max: { log_start: rev } } },
      })),
      { ordered: false },
    )
    const deletes = [...ends].map(([group_id, rev]): AnyBulkWriteOperation<ChangeDoc> => {
      return { deleteMany: { filter: { group_id, rev: { $lte: rev } } } }
    })
    return (await changes.bulkWrite(deletes, { ordered: false })).deletedCount
  }

  return async function trim(before) {
    const date = new Date(before)
    const old = changes.aggregate<Old>([
      { $match: { at: { $lt: date } } },
      {
        $group: { _id: '$group_id', first: { $min: '$rev' }, last: { $max: '$rev' }, count: { $sum: 1 } },
      },
    ])
    let dropped = 0
    let some: Old[] = []
    for await (const group of old) {
      some.push(group)
      if (some.length < groupsAtOnce) continue
      dropped += await drop(await endsOf(some, date))
      some = []
    }
    return dropped + (await drop(await endsOf(some, date)))
  }
}
