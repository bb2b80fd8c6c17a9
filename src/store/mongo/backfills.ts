import { ObjectId } from 'mongodb'
import type { BackfillStep } from '../backfill.ts'
import { updatedAt } from './documents.ts'
import { type Backfill, createBackfillSteps } from './engine/backfill.ts'
import type { Connection } from './engine/connect.ts'
import { indexSteps } from './engine/indexes.ts'
import { numberOldGroups } from './group-numbers.ts'
import { stampHeads } from './log/heads.ts'

/**
 * What is still to be done to databases of earlier versions, beside the service. Never change one that was released: add another.
 * `patient` is for what may take long.
 */
export const backfillSteps = (connection: Connection, patient: Connection): BackfillStep[] => [
  ...createBackfillSteps(connection, [
    stampOldHeads(connection),
    numberOldGroups(connection),
    stampKeptTexts(connection),
  ]),
  ...indexSteps(patient),
]

const headsPerPortion = 200
const messagesPerPortion = 1_000

/** Heads that were kept before there was a feed have no stamp, and would never be told. */
function stampOldHeads(connection: Connection): Backfill {
  return {
    name: 'stamp_heads',
    async portion(after) {
      const docs = await connection.heads
        .find(
          { _id: { $gt: after ?? '' } },
          { projection: { moved: 1 }, sort: { _id: 1 }, limit: headsPerPortion },
        )
        .toArray()
      const ids = docs.filter(({ moved }) => !moved).map(({ _id }) => _id)
      if (ids.length) await stampHeads(connection, ids)
      const last = docs.length === headsPerPortion ? docs.at(-1) : undefined
      return { next: last?._id ?? null, count: ids.length }
    },
  }
}

/** The older service kept the texts of deleted messages and did not say since when: since their last time that we know. */
function stampKeptTexts({ messages }: Connection): Backfill {
  return {
    name: 'stamp_kept_texts',
    async portion(after) {
      const docs = await messages
        .find(
          { _id: { $gt: new ObjectId(after ?? '0'.repeat(24)) } },
          {
            projection: { is_deleted: 1, kept_since: 1, created_at: 1, updated_at: 1 },
            sort: { _id: 1 },
            limit: messagesPerPortion,
          },
        )
        .toArray()
      const stamps = docs
        .filter(({ is_deleted, kept_since }) => is_deleted && !kept_since)
        .map((doc) => ({
          updateOne: {
            filter: { _id: doc._id, is_deleted: true, kept_since: null, content: { $gt: '' } } as object,
            update: { $set: { kept_since: new Date(updatedAt(doc)) } },
          },
        }))
      if (stamps.length) await messages.bulkWrite(stamps, { ordered: false })
      const last = docs.length === messagesPerPortion ? docs.at(-1) : undefined
      return { next: last?._id.toHexString() ?? null, count: stamps.length }
    },
  }
}
