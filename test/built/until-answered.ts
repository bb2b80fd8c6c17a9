import { setTimeout as sleep } from 'node:timers/promises'

/** What a call may fail with while its service is killed and started again, or cut off. */
const goesByItself = /fetch failed|terminated|socket|answered 503|aborted|^(offline|unavailable) /i

interface Patience {
  /** What comes again; anything else is thrown. */
  again?: RegExp
  /** After so long whatever it was is thrown. */
  withinMs?: number
  pauseMs?: number
}

/** Asks again and again, as a client does. The call is to have a key: it may have been done before. */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  { again = goesByItself, withinMs = Number.POSITIVE_INFINITY, pauseMs = 50 }: Patience = {},
): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      // A ChatError of the client library says by its code what it is.
      const { code = '' } = error as { code?: string }
      if (!again.test(`${code} ${error}`) || performance.now() > end) throw error
      await sleep(pauseMs)
    }
  }
}
