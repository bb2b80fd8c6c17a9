import { createHistogram, quantile } from './instruments.ts'
import type { Metrics, Stretch } from './metrics.ts'
import { round } from './numbers.ts'
import type { Runtime } from './runtime.ts'

/** The last hour as pictures need it, and the last minutes as a person on call needs them. */
export interface History {
  /** Ends a stretch: to be called every `stepMs`. */
  step(): Promise<void>
  /** What happened in about the last `ms`, the stretch under way included; at most `windowMs`. */
  window(ms: number): Window
  /** Samples taken after `after` (milliseconds since 1970), oldest first, by what they measure. */
  since(after: number): Record<Column, number[]>
}

export type Window = Omit<Stretch, 'startedAt'> & { readonly seconds: number }

/** `at` in milliseconds since 1970; requests, errors and deliveries a second; times in ms; memory in MB; CPU in percent. */
const columns = [
  ...(['at', 'requests', 'errors', 'p50', 'p95', 'p99', 'deliveries', 'connections'] as const),
  ...(['loop_p99', 'loop_max', 'resident', 'heap', 'cpu'] as const),
]
export type Column = (typeof columns)[number]

export const stepMs = 10_000
/** What "lately" means on the dashboard, and the most that `window` knows of. */
export const windowMs = 300_000
const samples = 360
const MB = 1_000_000

interface Deps {
  metrics: Metrics
  runtime: Runtime
  connections(): number
  now: () => number
}

export function createHistory({ metrics, runtime, connections, now }: Deps): History {
  const stretches: Stretch[] = []
  const ring = Object.fromEntries(columns.map((name) => [name, new Float64Array(samples)])) as Record<
    Column,
    Float64Array
  >
  /** Samples ever taken. */
  let taken = 0

  function sample(stretch: Stretch, at: number): Record<Column, number> {
    const { durations, errors, deliveries } = stretch
    const seconds = Math.max(1, at - stretch.startedAt) / 1_000
    const { p99, max } = runtime.loopDelay()
    const { resident, heapUsed } = runtime.memory()
    return {
      at,
      requests: durations.count / seconds,
      errors: errors / seconds,
      p50: quantile(durations, 0.5),
      p95: quantile(durations, 0.95),
      p99: quantile(durations, 0.99),
      deliveries: deliveries / seconds,
      connections: connections(),
      loop_p99: p99,
      loop_max: max,
      resident: resident / MB,
      heap: heapUsed / MB,
      cpu: runtime.cpuShare() * 100,
    }
  }

  return {
    async step() {
      const at = now()
      const ended = metrics.rollWindow()
      stretches.push(ended)
      if (stretches.length > windowMs / stepMs) stretches.shift()
      const values = sample(ended, at)
      for (const name of columns) ring[name][taken % samples] = values[name]
      taken++
      await runtime.rollWindow()
    },

    window(ms) {
      const from = now() - ms
      // A stretch that began a moment before counts whole: a window is a little longer rather than shorter.
      const within = [...stretches.filter(({ startedAt }) => startedAt > from - stepMs), metrics.stretch]
      const durations = createHistogram()
      const sums = { errors: 0, slow: 0, verySlow: 0, events: 0, deliveries: 0 }
      for (const stretch of within) {
        stretch.durations.counts.forEach((count, i) => {
          durations.counts[i] = (durations.counts[i] as number) + count
        })
        durations.count += stretch.durations.count
        durations.sum += stretch.durations.sum
        durations.max = Math.max(durations.max, stretch.durations.max)
        for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += stretch[name]
      }
      const startedAt = within[0]?.startedAt ?? now()
      return { ...sums, durations, seconds: Math.max(1, (now() - startedAt) / 1_000) }
    },

    since(after) {
      const first = Math.max(0, taken - samples)
      const kept = Array.from({ length: taken - first }, (_, i) => (first + i) % samples)
      const wanted = kept.filter((i) => (ring.at[i] as number) > after)
      return Object.fromEntries(
        columns.map((name) => [name, wanted.map((i) => round(ring[name][i] as number))]),
      ) as Record<Column, number[]>
    },
  }
}
