import { every } from '../domain/every.ts'
import { holdLease, leaseTimes } from './lease.ts'
import type { Store } from './store.ts'

const hourMs = 3_600_000
/** So many are wiped at once, so that sends get their turn in between. */
const perStep = 200

interface Deps {
  store: Pick<Store, 'lease'> & { messages: Pick<Store['messages'], 'wipe'> }
  now: () => number
  /** Counts milliseconds and never goes back. */
  clock: () => number
  log: Record<'info' | 'warn', (event: string, fields: Record<string, unknown>) => void>
  /** For so many milliseconds a deleted message's text is kept; null for good. */
  keptMs: number | null
}

/** Wipes the texts of messages that were deleted long enough ago, now and once an hour, one instance at a time. */
export function createWiping({ store, now, clock, log, keptMs }: Deps): { stop(): void } {
  if (keptMs === null) return { stop: () => undefined }
  let isStopped = false

  async function wipe(before: number): Promise<number> {
    const lease = holdLease(store.lease, 'wiping', clock)
    let wiped = 0
    try {
      let askedAt = clock()
      await lease.ask()
      while (!isStopped && lease.isHeld()) {
        const count = await store.messages.wipe(before, perStep)
        wiped += count
        if (count < perStep) break
        if (clock() - askedAt < leaseTimes.askEveryMs) continue
        askedAt = clock()
        await lease.ask()
      }
    } finally {
      if (lease.isHeld()) await lease.release()
    }
    return wiped
  }

  async function run(): Promise<void> {
    try {
      const wiped = await wipe(now() - (keptMs ?? 0))
      if (wiped) log.info('deleted_texts_wiped', { wiped })
    } catch (error) {
      log.warn('wiping_failed', { error })
    }
  }

  const stop = every(hourMs, run, { atOnce: true })
  return {
    stop() {
      isStopped = true
      stop()
    },
  }
}
