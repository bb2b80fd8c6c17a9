import { setTimeout as sleep } from 'node:timers/promises'
import { ChatError } from '../../../domain/errors.ts'
import { toChatError } from './failure.ts'

/** Is called each time that the database did not answer, which is asked again after so many milliseconds. */
export type OnWaiting = (error: ChatError, retryInMs: number) => void

/**
 * Does the work as soon as the database answers. Rejects when aborted, and with every error that is not the database's
 * absence.
 */
export async function whenAvailable<T>(
  work: () => Promise<T>,
  onWaiting: OnWaiting,
  signal?: AbortSignal,
): Promise<T> {
  for (let pause = 250; ; pause = Math.min(pause * 2, 5_000)) {
    signal?.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      const failure = toChatError(error)
      if (!(failure instanceof ChatError)) throw error
      onWaiting(failure, pause)
      await sleep(pause, undefined, signal && { signal })
    }
  }
}

/** Rejects with the signal's reason when that comes first. */
export function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return work
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const give = () => reject(signal.reason)
  if (signal.aborted) give()
  signal.addEventListener('abort', give, { once: true })
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give))
  return promise
}
