import type { BackfillStep } from '../backfill.ts'
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
  ...createBackfillSteps(connection, [stampOldHeads(connection), numberOldGroups(connection)]),
  ...indexSteps(patient),
]

const headsPerPortion = 200

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
