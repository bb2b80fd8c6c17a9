import { MongoNetworkTimeoutError } from 'mongodb'
import { withTimeout } from '../../../domain/with-timeout.ts'

/** Once a connection broke, what was under way on any of them has so many milliseconds left. */
const graceMs = 500

/**
 * Settles as the operation does, for those that others wait behind. The driver can wait for good: it writes to a socket that
 * is being closed, and then awaits its `drain` (Connection.writeCommand). Such an operation fails as if its connection had, soon
 * after the driver says that a connection broke. One that did not hang, and was only slow, may still be carried out: who asked
 * has to look.
 */
export type UnlessHung = <T>(operation: Promise<T>) => Promise<T>

/** What is needed of MongoClient: it says when it lost a connection. */
interface Driver {
  on(event: 'connectionClosed', heard: (event: { reason: string }) => void): unknown
  on(event: 'connectionPoolCleared', heard: () => void): unknown
}

/** `limitMs`: after so long it hangs, whatever the driver said; more than the driver's own limits together. */
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

/** For a time limit: throws as if the connection had failed. */
export function failHung(): never {
  throw hung()
}
