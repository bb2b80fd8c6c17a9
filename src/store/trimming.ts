import { every } from '../domain/every.ts'
import type { Store } from './store.ts'

const hourMs = 3_600_000

interface Deps {
  store: { log: Pick<Store['log'], 'trim'> }
  now: () => number
  log: Record<'info' | 'warn', (event: string, fields: Record<string, unknown>) => void>
  /** A client that comes back after more days than this is told to fetch again. */
  retentionDays: number
}

/** Drops old changes now and once an hour, never twice at once. */
export function createTrimming({ store, now, log, retentionDays }: Deps): { stop(): void } {
  async function trim(): Promise<void> {
    try {
      const dropped = await store.log.trim(now() - retentionDays * 24 * hourMs)
      if (dropped) log.info('changes_trimmed', { dropped })
    } catch (error) {
      log.warn('trim_failed', { error })
    }
  }

  return { stop: every(hourMs, trim, { atOnce: true }) }
}
