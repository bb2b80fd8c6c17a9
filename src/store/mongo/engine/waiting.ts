import { whyAway } from './absence.ts'
import type { OnWaiting } from './retry.ts'

/** Logs the wait for a database that is away at the start: one line, at once and then each minute. */
export interface Waiting {
  readonly onWaiting: OnWaiting
  /** To be called when the database answers. */
  ended(): void
}

interface Deps {
  log: { info: Line; warn: Line }
  /** In milliseconds; never goes back. */
  clock: () => number
}
type Line = (event: string, fields: Record<string, unknown>) => void

const repeatMs = 60_000

export function createWaiting({ log, clock }: Deps): Waiting {
  let since: number | null = null
  let toldAt = 0

  const waitedS = (from: number): number => Math.round((clock() - from) / 1_000)

  return {
    onWaiting({ cause, message }) {
      const first = since === null
      since ??= clock()
      if (!first && clock() - toldAt < repeatMs) return
      toldAt = clock()
      log.warn('database_away', {
        reason: `${cause === undefined ? message : whyAway(cause)} It is tried again until it does.`,
        waited_s: waitedS(since),
      })
    },
    ended() {
      if (since !== null) log.info('database_answers', { waited_s: waitedS(since) })
    },
  }
}
