import { withTimeout } from '../domain/with-timeout.ts'
import type { GroupStore } from '../store/groups.ts'
import type { StatsStore, StoreStats } from '../store/stats.ts'

/** The store's figures for many viewers: it is asked once at a time, its answers are kept for a moment, and late ones are not awaited. */
export interface StoreFigures {
  /** null when the store does not answer in time. */
  stats(): Promise<StoreStats | null>
  /** The names of these groups, in their order; null for groups that are gone or were not read in time. */
  names(groupIds: readonly string[]): Promise<(string | null)[]>
  /** Looks for what `lastKnown` tells. */
  look(): Promise<void>
  /** As it was known last; null before that. */
  lastKnown(): LastKnown | null
  /** How long it took to answer `stats` the last time, in milliseconds; null while it does not. */
  readonly latencyMs: number | null
}

/** What is told to whoever must not ask the store. */
export type LastKnown = Pick<StoreStats, 'files' | 'erasures'>

const keepMs = 900
const keepNamesMs = 10_000
const timeoutMs = 2_000

/** The part of the store that the figures are read from. */
export interface Figured {
  readonly stats: StatsStore
  readonly groups: Pick<GroupStore, 'readSummary'>
}

export function createStoreFigures(store: Figured, now: () => number): StoreFigures {
  let latencyMs: number | null = null
  let lastKnown: LastKnown | null = null
  let asked: Promise<StoreStats | null> | undefined
  let keptUntil = 0
  /** The names of the groups that were asked for the last time. Others are forgotten, because nobody shows them any more. */
  let names = new Map<string, { name: Promise<string | null>; until: number }>()

  async function ask(): Promise<StoreStats | null> {
    const start = performance.now()
    const stats = await inTime(store.stats.read(now()))
    latencyMs = stats && performance.now() - start
    lastKnown = stats ?? lastKnown
    keptUntil = performance.now() + keepMs
    return stats
  }

  const nameOf = async (id: string) => (await inTime(store.groups.readSummary(id)))?.name ?? null

  return {
    stats() {
      if (!asked || (keptUntil > 0 && performance.now() > keptUntil)) {
        keptUntil = 0
        asked = ask()
      }
      return asked
    },
    names(groupIds) {
      const at = performance.now()
      const fresh = (id: string) => {
        const known = names.get(id)
        return known && at < known.until ? known : { name: nameOf(id), until: at + keepNamesMs }
      }
      names = new Map(groupIds.map((id) => [id, fresh(id)]))
      return Promise.all([...names.values()].map(({ name }) => name))
    },
    async look() {
      lastKnown = (await inTime(store.stats.read(now()))) ?? lastKnown
    },
    lastKnown: () => lastKnown,
    get latencyMs() {
      return latencyMs
    },
  }
}

/** The outcome of the work; null when it is late, or fails, which the store itself reports. */
const inTime = <T>(work: Promise<T>): Promise<T | null> =>
  withTimeout(work, timeoutMs, () => null).catch(() => null)
