import { type LeaseStore, leaseTimes } from '../lease.ts'
import type { Connection } from './engine/connect.ts'
import { isDuplicate } from './engine/failure.ts'

/** The record of this one is older than those of the others. */
export const adopterLease = 'adopter'

interface Deps {
  connection: Pick<Connection, 'meta'>
  /** Different for each process. */
  instanceId: string
  /** Counts milliseconds and never goes back. */
  clock: () => number
}

/**
 * Leases by the names of their records. A holder raises `n` with each call; one whose `n` stands still for `expireMs` is gone.
 * So no two clocks are compared.
 */
export function createLeases({ connection, instanceId, clock }: Deps): LeaseStore {
  const { meta } = connection
  /** What was last seen of the leases of others, and since when. */
  const seen = new Map<string, { n: number; at: number }>()

  async function takeOver(_id: string, holder: string | null, n: number): Promise<boolean> {
    const { matchedCount } = await meta.updateOne(
      { _id, holder, n },
      { $set: { holder: instanceId, n: n + 1 } },
    )
    return matchedCount === 1
  }

  return {
    async take(name) {
      const lease = await meta.findOne({ _id: name })
      if (!lease) {
        try {
          await meta.insertOne({ _id: name, holder: instanceId, n: 1 })
          return true
        } catch (error) {
          if (isDuplicate(error)) return false
          throw error
        }
      }
      const { holder = null, n = 0 } = lease
      if (holder === instanceId || holder === null) return takeOver(name, holder, n)
      const now = clock()
      const before = seen.get(name)
      const since = before?.n === n ? before.at : now
      seen.set(name, { n, at: since })
      return now - since >= leaseTimes.expireMs && takeOver(name, holder, n)
    },

    async release(name) {
      await meta.updateOne({ _id: name, holder: instanceId }, { $set: { holder: null } })
    },
  }
}

/** Leases by their own names: no record is taken for another thing's. */
export const createLeaseStore = ({ take, release }: LeaseStore): LeaseStore => ({
  take: (name) => take(`lease:${name}`),
  release: (name) => release(`lease:${name}`),
})
