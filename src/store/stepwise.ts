import { setTimeout as sleep } from 'node:timers/promises'
import { every } from '../domain/every.ts'
import type { Portion } from './backfill.ts'
import { holdLease, type LeaseStore, leaseTimes } from './lease.ts'

export interface StepwiseDeps {
  leases: LeaseStore
  /** Counts milliseconds and never goes back. */
  clock: () => number
  log: Record<'info' | 'warn', (event: string, fields: Record<string, unknown>) => void>
}

/** Work that comes again and again, and may be much: what has become too old. */
export interface StepwiseWork {
  /** Of its lease. */
  readonly name: string
  /** How often it comes; once an hour unless given. */
  readonly everyMs?: number
  /** Whether there may be something to do, which is asked before the lease. */
  isDue?(): Promise<boolean>
  /** Does some of it, so little that nobody's sends notice. */
  step(): Promise<Portion>
  /** Is told how much was done, if anything. */
  onDone(count: number): void
  /** What the log says when it failed; it is tried again the next time. */
  readonly failed: string
}

const hourMs = 3_600_000
/** Steps take a fifth of the time at most. */
const pausesPerStep = 4
const pauseMs = { min: 10, max: 1_000 }

export interface Stepwise {
  /** Does the work soon. */
  wake(): void
  stop(): void
}

/** Does the work now and again and again, step by step, one instance at a time. */
export function startStepwise({ leases, clock, log }: StepwiseDeps, work: StepwiseWork): Stepwise {
  const stopping = new AbortController()
  const { signal } = stopping
  let running: Promise<void> | undefined
  let isWoken = false
  const wait = (ms: number) => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)

  async function doAll(): Promise<number> {
    const lease = holdLease(leases, work.name, clock)
    let count = 0
    try {
      let askedAt = clock()
      // Whoever has it may be dead: then it is free by the time of the second answer, and what that one left goes on.
      if (!(await lease.ask())) {
        await wait(leaseTimes.expireMs)
        askedAt = clock()
        if (!signal.aborted) await lease.ask()
      }
      while (!signal.aborted && lease.isHeld()) {
        const began = clock()
        const portion = await work.step()
        count += portion.count
        if (portion.isDone) break
        await wait(Math.min(Math.max(pausesPerStep * (clock() - began), pauseMs.min), pauseMs.max))
        if (clock() - askedAt < leaseTimes.askEveryMs) continue
        askedAt = clock()
        await lease.ask()
      }
    } finally {
      if (lease.isHeld()) await lease.release()
    }
    return count
  }

  async function doOnce(): Promise<void> {
    try {
      if (work.isDue && !(await work.isDue())) return
      const count = await doAll()
      if (count) work.onDone(count)
    } catch (error) {
      log.warn(work.failed, { error })
    }
  }

  function run(): void {
    running ??= doOnce().finally(() => {
      running = undefined
      if (isWoken) wake()
    })
  }

  function wake(): void {
    isWoken = running !== undefined
    if (!signal.aborted) run()
  }

  const stop = every(work.everyMs ?? hourMs, run, { atOnce: true })
  return {
    wake,
    stop() {
      stopping.abort()
      stop()
    },
  }
}

/** The portion of work that resolves to how many it dealt with: fewer than `limit`, and there are no more. */
export async function upToLimit(limit: number, work: (limit: number) => Promise<number>): Promise<Portion> {
  const count = await work(limit)
  return { count, isDone: count < limit }
}
