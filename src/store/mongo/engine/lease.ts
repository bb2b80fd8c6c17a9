import type { Connection } from './connect.ts'
import { isDuplicate } from './failure.ts'

/** One of the instances has it at a time, and keeps it by asking again. */
export interface Lease {
  /** Takes it, or keeps it. To be called each few seconds. */
  take(): Promise<boolean>
  release(): Promise<void>
}

/**
 * A holder raises `n` with each call; one whose `n` stands still for `expireMs` is gone. So no two clocks are
 * compared. Two may believe they hold it after a long pause: what is done under it must be safe even then.
 */
export function createLease({ meta }: Connection, name: string, instanceId: string, expireMs: number): Lease {
  let seen: { n: number; at: number } | undefined

  async function takeOver(holder: string | null, n: number): Promise<boolean> {
    const { matchedCount } = await meta.updateOne(
      { _id: name, holder, n },
      { $set: { holder: instanceId, n: n + 1 } },
    )
    return matchedCount === 1
  }

  return {
    async take() {
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
      if (holder === instanceId || holder === null) return takeOver(holder, n)
      const now = performance.now()
      if (seen?.n !== n) seen = { n, at: now }
      return now - seen.at >= expireMs && takeOver(holder, n)
    },

    async release() {
      await meta.updateOne({ _id: name, holder: instanceId }, { $set: { holder: null } })
    },
  }
}
