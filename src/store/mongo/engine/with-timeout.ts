import { MongoNetworkTimeoutError } from 'mongodb'

/** Rejects with `why()` when the work takes longer than `ms`; whatever becomes of it then. */
export function withTimeout<T>(work: Promise<T>, ms: number, why: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(why()), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** More than all time-outs of one operation together, in milliseconds. */
export const hungMs = 15_000

/**
 * An operation that others wait behind. The driver can wait for good: it writes to a socket that was closed, and then awaits
 * its `drain` (Connection.writeCommand). Then the operation fails as if its connection had.
 */
export const unlessHung = <T>(operation: Promise<T>, ms = hungMs): Promise<T> =>
  withTimeout(operation, ms, () => new MongoNetworkTimeoutError('The driver waited for good.'))
