import { type Filter, ObjectId } from 'mongodb'
import type { GroupDoc } from './documents.ts'
import type { Backfill } from './engine/backfill.ts'
import type { Connection } from './engine/connect.ts'
import { takeNumbers } from './engine/counter.ts'

/** The numbers of groups: 1, 2, 3, ..., none twice, whoever makes groups where. One that nobody used stays unused. */
export interface GroupNumbers {
  /** Takes so many in a row. Resolves to the first of them. */
  take(count: number): Promise<number>
  /**
   * Numbers some of the groups that have no number: an instance of the version before made them, or the older service, or
   * somebody by hand.
   */
  numberSome(): Promise<void>
}

const groupsAtOnce = 500
/** The record of the last number that was given. */
export const counter = 'group_number'

type Collections = Pick<Connection, 'groups' | 'rosters' | 'meta'>

export function createGroupNumbers(connection: Collections): GroupNumbers {
  return {
    take: (count) => takeNumbers(connection, counter, count),

    async numberSome() {
      const without = { number: null, ver: { $exists: true }, _id: { $type: 'objectId' } } as object
      const docs = await connection.groups
        .find(without, { projection: { _id: 1 }, limit: groupsAtOnce })
        .toArray()
      await give(
        connection,
        docs.map(({ _id }) => _id),
      )
    },
  }
}

/** Numbers the groups that were made before groups had numbers, the oldest first. */
export const numberOldGroups = (connection: Collections): Backfill => ({
  name: 'number_groups',
  async portion(after) {
    const filter = { _id: { $type: 'objectId', ...(after && { $gt: new ObjectId(after) }) } }
    const docs = await connection.groups
      .find(filter as Filter<GroupDoc>, { projection: { number: 1 }, sort: { _id: 1 }, limit: groupsAtOnce })
      .toArray()
    const ids = docs.filter(({ number }) => typeof number !== 'number').map(({ _id }) => _id)
    await give(connection, ids)
    const last = docs.length === groupsAtOnce ? docs.at(-1) : undefined
    return { next: last?._id.toHexString() ?? null, count: ids.length }
  },
})

/** A group that has a number keeps it, also where somebody replaced its document. */
async function give(connection: Collections, ids: readonly ObjectId[]): Promise<void> {
  if (!ids.length) return
  const { groups, rosters } = connection
  const names = ids.map((id) => id.toHexString())
  const kept = await keptNumbers(connection, names)
  const numbers = new Map(kept.map(({ _id, number }) => [_id, number]))
  const fresh = names.filter((name) => !numbers.has(name))
  const first = fresh.length ? await takeNumbers(connection, counter, fresh.length) : 0
  for (const [i, name] of fresh.entries()) numbers.set(name, first + i)
  const withNumber = (_id: unknown, number: number | undefined) => ({
    updateOne: { filter: { _id, number: null } as object, update: { $set: { number: number as number } } },
  })
  // The roster comes first: of two who number a group at once, one writes there, and both take what it has.
  if (fresh.length)
    await rosters.bulkWrite(
      fresh.map((name) => withNumber(name, numbers.get(name))),
      { ordered: false },
    )
  for (const { _id, number } of await keptNumbers(connection, fresh)) numbers.set(_id, number)
  await groups.bulkWrite(
    ids.map((_id) => withNumber(_id, numbers.get(_id.toHexString()))),
    { ordered: false },
  )
}

const keptNumbers = ({ rosters }: Collections, names: readonly string[]) =>
  rosters
    .find({ _id: { $in: [...names] }, number: { $exists: true } }, { projection: { number: 1 } })
    .toArray()
