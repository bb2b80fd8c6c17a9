import { setTimeout as sleep } from 'node:timers/promises'
import { withTimeout } from '../domain/with-timeout.ts'
import { holdLease, type LeaseStore, leaseTimes } from './lease.ts'

/** Work on what is in the store already, once, beside the service: an index, a column to fill, numbers to give. */
export interface BackfillStep {
  /** Its name for good: what was kept of it is found by it. */
  readonly name: string
  isDone(): Promise<boolean>
  /** Does some more of it, so little that nobody's sends notice, and keeps durably how far it came. */
  portion(): Promise<Portion>
}

export interface Portion {
  readonly isDone: boolean
  /** How many records were dealt with. */
  readonly count: number
}

interface Deps {
  steps: readonly BackfillStep[]
  leases: LeaseStore
  log: Record<'info' | 'warn', (event: string, fields: Record<string, unknown>) => void>
  /** Counts milliseconds and never goes back. */
  clock?: () => number
  /** Resolves after so many milliseconds, or when it is aborted. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
  /** Of a step that is done in less than so many milliseconds, as each is in a new database, nothing is told. */
  quietMs?: number
}

/** Portions take a fifth of the time, and the next comes after a second at the latest. */
const pausesPerPortion = 4
const pauseMs = { min: 20, max: 1_000 }
const retryMs = { first: 1_000, last: 300_000 }
const progressEveryMs = 60_000
/** What a database takes its time for, such as an index, is not waited for at the end. */
const stopMs = 1_000

const waitFor = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)

/**
 * Does all steps that are not done, one after the other, and one instance at a time. Nothing waits for it. A step that fails is
 * tried again, later each time, and holds up no other; one that was cut short goes on at the next start, where it was.
 */
export function startBackfill(deps: Deps): { stop(): Promise<void> } {
  const { log, clock = () => performance.now(), wait = waitFor, quietMs = 1_000 } = deps
  const stopping = new AbortController()
  const { signal } = stopping
  const lease = holdLease(deps.leases, 'backfill', clock)
  let askedAt = Number.NEGATIVE_INFINITY
  let failures = 0
  /** Those that were told of. */
  const begun = new Set<BackfillStep>()

  async function isHeld(): Promise<boolean> {
    if (clock() - askedAt >= leaseTimes.askEveryMs) {
      askedAt = clock()
      await lease.ask()
    }
    return lease.isHeld()
  }

  function tellBegin(step: BackfillStep): void {
    if (!begun.has(step)) log.info('backfill_started', { step: step.name })
    begun.add(step)
  }

  /** As `runOn`, told of when it takes its time. */
  async function run(step: BackfillStep): Promise<boolean> {
    if (quietMs === 0) tellBegin(step)
    const timer = setTimeout(tellBegin, quietMs, step).unref()
    try {
      return await runOn(step)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Resolves to false when another instance has taken over. */
  async function runOn(step: BackfillStep): Promise<boolean> {
    const startedAt = clock()
    let toldAt = startedAt
    let count = 0
    while (!signal.aborted) {
      if (!(await isHeld())) return false
      const began = clock()
      const portion = await step.portion()
      count += portion.count
      failures = 0
      const now = clock()
      if (portion.isDone) {
        const took_ms = Math.round(now - startedAt)
        if (begun.has(step)) log.info('backfill_finished', { step: step.name, count, took_ms })
        return true
      }
      if (now - toldAt >= progressEveryMs) {
        toldAt = now
        log.info('backfill_progress', { step: step.name, count })
      }
      await wait(Math.min(Math.max(pausesPerPortion * (now - began), pauseMs.min), pauseMs.max), signal)
    }
    return false
  }

  async function runAll(): Promise<void> {
    while (!signal.aborted) {
      let isOpen = false
      let retryInMs = 0
      for (const step of deps.steps) {
        if (signal.aborted) return
        try {
          if (await step.isDone()) continue
          // Another instance is at work: it may be done, or gone, by the next look.
          if (!(await isHeld()) || !(await run(step))) isOpen = true
        } catch (error) {
          if (signal.aborted) return
          retryInMs = Math.min(retryMs.first * 2 ** failures, retryMs.last)
          log.warn('backfill_failed', { step: step.name, error, retry_in_ms: retryInMs })
        }
      }
      if (!isOpen && !retryInMs) return
      if (retryInMs) failures++
      await wait(retryInMs || leaseTimes.askEveryMs, signal)
    }
  }

  const running = runAll()
    .then(() => (askedAt === Number.NEGATIVE_INFINITY ? undefined : lease.release()))
    // The store is away: the lease ends by itself.
    .catch(() => undefined)
  return {
    async stop() {
      stopping.abort()
      await withTimeout(running, stopMs, () => undefined)
    },
  }
}
