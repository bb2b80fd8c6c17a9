import type { Store, StoreStats } from '../store/store.ts'

/** The store's figures for many viewers: asked at most once at a time, for a moment kept, never waited for too long. */
export interface StoreFigures {
  /** null when the store does not answer in time. */
  stats(): Promise<StoreStats | null>
  /** How long it took to answer the last time, in milliseconds; null while it does not. */
  readonly latencyMs: number | null
}

const keepMs = 900
const timeoutMs = 2_000

export function createStoreFigures(store: Pick<Store, 'stats'>, now: () => number): StoreFigures {
  let latencyMs: number | null = null
  let asked: Promise<StoreStats | null> | undefined
  let keptUntil = 0

  async function ask(): Promise<StoreStats | null> {
    const start = performance.now()
    const { promise: late, resolve } = Promise.withResolvers<null>()
    const timer = setTimeout(resolve, timeoutMs, null)
    const stats = await Promise.race([store.stats(now()).catch(() => null), late])
    clearTimeout(timer)
    latencyMs = stats && performance.now() - start
    keptUntil = performance.now() + keepMs
    return stats
  }

  return {
    stats() {
      if (!asked || (keptUntil > 0 && performance.now() > keptUntil)) {
        keptUntil = 0
        asked = ask()
      }
      return asked
    },
    get latencyMs() {
      return latencyMs
    },
  }
}
