import { toChatError, unavailable } from './failure.ts'
import { withTimeout } from './with-timeout.ts'

/**
 * Stands before every operation of the store: limits its time, names its errors, and shuts when the store
 * closes.
 */
export interface Guard {
  /** `limitMs`: after it the caller is told `unavailable`, whatever becomes of the operation. */
  pass<A extends unknown[], R>(
    operation: (...args: A) => Promise<R>,
    limitMs?: number,
  ): (...args: A) => Promise<R>
  /** Nothing enters any more. Resolves when all that entered has left, or been told `unavailable`. */
  shut(): Promise<void>
}

export function createGuard(): Guard {
  const inside = new Set<Promise<unknown>>()
  let isShut = false

  return {
    pass: (operation, limitMs) =>
      async function passed(...args) {
        if (isShut) throw unavailable()
        const entered = operation(...args)
        const work = limitMs === undefined ? entered : withTimeout(entered, limitMs, unavailable)
        inside.add(work)
        try {
          return await work
        } catch (error) {
          throw toChatError(error)
        } finally {
          inside.delete(work)
        }
      },

    async shut() {
      isShut = true
      await Promise.allSettled(inside)
    },
  }
}
