import type { Filter } from 'mongodb'
import { type Budget, missingMs } from '../../domain/budget.ts'
import type { AttemptStore } from '../attempts.ts'
import type { AttemptDoc } from './account-documents.ts'
import type { Connection } from './engine/connect.ts'
import { isDuplicate } from './engine/failure.ts'

/** Who is faster decides, so it is soon decided. */
const mostTries = 10

/** Of each key so many times are kept as its budget has attempts, so that the first of them tells whether one more may be made. */
export function createAttempts({ attempts, causal }: Connection): AttemptStore {
  /** Counts an attempt against one budget, if that has room. */
  async function count({ key, most, windowMs }: Budget, at: number): Promise<boolean> {
    const hasRoom = [{ [`times.${most - 1}`]: { $exists: false } }, { 'times.0': { $lte: at - windowMs } }]
    try {
      await attempts.updateOne(
        { _id: key, $or: hasRoom } as Filter<AttemptDoc>,
        {
          $push: { times: { $each: [at], $slice: -most } },
          $max: { until: new Date(Math.ceil(at + windowMs)) },
        },
        { upsert: true },
      )
      return true
    } catch (error) {
      // The document is there and has no room, or somebody else has just made it.
      if (isDuplicate(error)) return false
      throw error
    }
  }

  async function takeOne(budget: Budget, at: number): Promise<number> {
    for (let tries = 1; ; tries++) {
      if (await count(budget, at)) return 0
      const doc = await attempts.findOne({ _id: budget.key })
      const missing = missingMs(budget, doc?.times ?? [], at)
      if (missing > 0 || tries === mostTries) return Math.max(1, missing)
    }
  }

  async function refund(keys: readonly string[], at: number): Promise<void> {
    await Promise.all(keys.map((key) => attempts.updateOne({ _id: key }, { $pull: { times: at } })))
  }

  return {
    async take(budgets, at) {
      const missing = await Promise.all(budgets.map((budget) => takeOne(budget, at)))
      const most = Math.max(0, ...missing)
      const counted = budgets.filter((_, i) => missing[i] === 0)
      if (most > 0)
        await refund(
          counted.map(({ key }) => key),
          at,
        )
      return most
    },

    refund,

    async remember(key, until) {
      await attempts.updateOne({ _id: key }, { $max: { until: new Date(until) } }, { upsert: true })
    },

    async isRemembered(key, at) {
      const filter = { _id: key, until: { $gt: new Date(at) } }
      return (await causal.read((options) => attempts.findOne(filter, options))) !== null
    },
  }
}
