import { every } from '../domain/every.ts'
import { type StepwiseDeps, startStepwise, upToLimit } from './stepwise.ts'
import type { Store } from './store.ts'

const hourMs = 3_600_000

interface Deps {
  store: { log: Pick<Store['log'], 'trim'>; letters: Pick<Store['letters'], 'trim'> }
  now: () => number
  log: Record<'info' | 'warn', (event: string, fields: Record<string, unknown>) => void>
  /** A client that comes back after more days than this is told to fetch again. */
  retentionDays: number
}

/** Drops old changes, and dead letters of what is as old, now and once an hour, never twice at once. */
export function createTrimming({ store, now, log, retentionDays }: Deps): { stop(): void } {
  async function trim(): Promise<void> {
    try {
      const before = now() - retentionDays * 24 * hourMs
      await store.letters.trim(before)
      const dropped = await store.log.trim(before)
      if (dropped) log.info('changes_trimmed', { dropped })
    } catch (error) {
      log.warn('trim_failed', { error })
    }
  }

  return { stop: every(hourMs, trim, { atOnce: true }) }
}

/** Entries of the audit that are dropped at once. */
const perStep = 200

interface AuditDeps extends Omit<StepwiseDeps, 'leases'> {
  store: Pick<Store, 'lease'> & { audit: Pick<Store['audit'], 'trim'> }
  now: () => number
  /** For so many days entries of the audit are kept. */
  auditDays: number
}

/** Drops old entries of the audit. */
export function createAuditTrimming({ store, now, auditDays, ...rest }: AuditDeps): { stop(): void } {
  const before = () => now() - auditDays * 24 * hourMs
  return startStepwise(
    { ...rest, leases: store.lease },
    {
      name: 'audit_trimming',
      step: () => upToLimit(perStep, (limit) => store.audit.trim(before(), limit)),
      onDone: (dropped) => rest.log.info('audit_trimmed', { dropped }),
      failed: 'audit_trimming_failed',
    },
  )
}
