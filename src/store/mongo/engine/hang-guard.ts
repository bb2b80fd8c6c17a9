import { MongoNetworkTimeoutError } from 'mongodb'
import { withTimeout } from '../../../domain/with-timeout.ts'

/** When a connection breaks, the operations that are under way on any of them have so many milliseconds left. */
const graceMs = 500

/**
 * Settles as the operation does. It is for operations that others wait behind, because the driver can wait for good: it
 * writes to a socket that is being closed, and then awaits its `drain` (Connection.writeCommand). Such an operation
 * fails as if its connection had, soon after the driver says that a connection broke. An operation that was only slow
 * may still be carried out, so its caller has to look.
 */
export type UnlessHung = <T>(operation: Promise<T>) => Promise<T>

/** The part of MongoClient that is needed: it tells when it lost a connection. */
interface Driver {
  on(event: 'connectionClosed', heard: (event: { reason: string }) => void): unknown
  on(event: 'connectionPoolCleared', heard: () => void): unknown
}

/** After `limitMs` an operation counts as hanging in any case, so that must be more than the driver's own limits together. */
export function guardFromHanging(driver: Driver, limitMs: number): UnlessHung {
  /** Ends each of the operations that are under way. */
  const underWay = new Set<() => void>()

  function onBroken(): void {
    const then = [...underWay]
    if (!then.length) return
    setTimeout(() => {
      for (const end of then) end()
    }, graceMs)
  }
  driver.on('connectionClosed', ({ reason }) => reason === 'error' && onBroken())
  driver.on('connectionPoolCleared', onBroken)

  return function unlessHung(operation) {
    const { promise, reject } = Promise.withResolvers<never>()
    const end = () => reject(hung())
    underWay.add(end)
    return withTimeout(Promise.race([operation, promise]), limitMs, failHung).finally(() =>
      underWay.delete(end),
    )
  }
}

const hung = (): Error => new MongoNetworkTimeoutError('The driver waited for good.')

/** Throws as if the connection had failed, for a time limit that has passed. */
export function failHung(): never {
  throw hung()
}
