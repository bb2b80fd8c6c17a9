import { type Counter, createHistogram, merge, quantile } from './instruments.ts'
import type { Metrics } from './metrics.ts'
import type { Runtime } from './runtime.ts'
import { createSamples, type Sample, type Samples } from './samples.ts'
import type { Endpoint, Part, Stretch } from './stretch.ts'

/** The last day in samples for the dashboard's pictures, and the last minutes in full for its tables. */
export interface History {
  /** Ends the present stretch and begins the next. To be called every `stepMs`. */
  step(): Promise<void>
  /** What happened in about the last `ms`, the stretch under way included; at most `windowMs`. */
  window(ms: number): Window
  /** What each endpoint and store operation did, and each tally got, in the last `windowMs`. */
  recently(): Recently
  /** Samples of the range that were taken after `after` (milliseconds since 1970), oldest first. */
  since(after: number, range?: Range): Samples
}

export interface Window {
  readonly seconds: number
  readonly durations: Stretch['durations']
  readonly errors: number
  readonly slow: number
  readonly verySlow: number
  readonly events: number
  readonly deliveries: number
}

export interface Recently {
  readonly endpoints: ReadonlyMap<Endpoint, Part>
  readonly operations: ReadonlyMap<string, Part>
  readonly counts: ReadonlyMap<Counter, number>
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** What a picture may show, in milliseconds. The longer ones have a sample a minute. */
export const ranges = { '15m': 15 * minuteMs, '1h': hourMs, '6h': 6 * hourMs, '24h': 24 * hourMs } as const
export type Range = keyof typeof ranges

export const stepMs = 10_000
/** What "lately" means on the dashboard, and the most that `window` knows of. */
export const windowMs = 300_000
const stepsPerMinute = minuteMs / stepMs
const MB = 1_000_000

interface Deps {
  metrics: Metrics
  runtime: Runtime
  connections(): number
  now: () => number
  /** The clock of the metrics, which never goes back. */
  clock?: () => number
}

export function createHistory({ metrics, runtime, connections, now, clock = now }: Deps): History {
  const stretches: Stretch[] = []
  const fine = createSamples(hourMs / stepMs)
  const coarse = createSamples(ranges['24h'] / minuteMs)
  /** What the process used of its machine in each step of the minute under way. */
  let minute: Taken[] = []

  const taken = (): Taken => {
    const { p99, max } = runtime.loopDelay()
    const { resident, heapUsed } = runtime.memory()
    return {
      connections: connections(),
      loop_p99: p99,
      loop_max: max,
      resident: resident === null ? null : resident / MB,
      heap: heapUsed / MB,
      cpu: runtime.cpuShare() * 100,
    }
  }

  return {
    async step() {
      const at = now()
      const until = clock()
      const ended = metrics.rollWindow()
      stretches.push(ended)
      if (stretches.length > windowMs / stepMs) stretches.shift()
      const process = taken()
      fine.add({ at, ...served([ended], until), ...process })
      minute.push(process)
      if (minute.length === stepsPerMinute) {
        coarse.add({ at, ...served(stretches.slice(-stepsPerMinute), until), ...worst(minute) })
        minute = []
      }
      await runtime.rollWindow()
    },

    window(ms) {
      const from = clock() - ms
      // A stretch that began a moment before the window counts as well, so that the window is rather longer than shorter.
      const within = [...stretches.filter(({ startedAt }) => startedAt > from - stepMs), metrics.stretch]
      return sum(within, clock())
    },

    recently() {
      const from = clock() - windowMs
      const within = [...stretches.filter(({ startedAt }) => startedAt > from - stepMs), metrics.stretch]
      return {
        endpoints: merged(within.map(({ endpoints }) => endpoints)),
        operations: merged(within.map(({ operations }) => operations)),
        counts: added(within.map(({ counts }) => counts)),
      }
    },

    since(after, range = '1h') {
      const from = Math.max(after, now() - ranges[range])
      return (ranges[range] > hourMs ? coarse : fine).since(from)
    },
  }
}

/** What the process uses of its machine at one moment. */
type Taken = Pick<Sample, 'connections' | 'loop_p99' | 'loop_max' | 'resident' | 'heap' | 'cpu'>

function served(stretches: readonly Stretch[], at: number) {
  const { durations, errors, deliveries, seconds } = sum(stretches, at)
  return {
    requests: durations.count / seconds,
    errors: errors / seconds,
    p50: quantile(durations, 0.5),
    p95: quantile(durations, 0.95),
    p99: quantile(durations, 0.99),
    deliveries: deliveries / seconds,
  }
}

/** The highest figures of a minute, so that no peak is lost. Of the CPU it is the mean, which is what the minute used. */
function worst(moments: readonly Taken[]): Taken {
  const most = (read: (moment: Taken) => number): number => Math.max(...moments.map(read))
  const resident = moments.map((moment) => moment.resident).filter((value) => value !== null)
  return {
    connections: most((moment) => moment.connections),
    loop_p99: most((moment) => moment.loop_p99),
    loop_max: most((moment) => moment.loop_max),
    resident: resident.length > 0 ? Math.max(...resident) : null,
    heap: most((moment) => moment.heap),
    cpu: moments.reduce((total, { cpu }) => total + cpu, 0) / moments.length,
  }
}

function sum(stretches: readonly Stretch[], until: number): Window {
  const durations = createHistogram()
  const sums = { errors: 0, slow: 0, verySlow: 0, events: 0, deliveries: 0 }
  for (const stretch of stretches) {
    merge(durations, stretch.durations)
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += stretch[name]
  }
  const startedAt = stretches[0]?.startedAt ?? until
  return { ...sums, durations, seconds: Math.max(1, until - startedAt) / 1_000 }
}

function merged<Key>(all: readonly ReadonlyMap<Key, Part>[]): Map<Key, Part> {
  const sums = new Map<Key, Part>()
  for (const parts of all)
    for (const [key, { durations, errors }] of parts) {
      const part = sums.get(key) ?? { durations: createHistogram(), errors: 0 }
      merge(part.durations, durations)
      part.errors += errors
      sums.set(key, part)
    }
  return sums
}

function added<Key>(all: readonly ReadonlyMap<Key, number>[]): Map<Key, number> {
  const sums = new Map<Key, number>()
  for (const counts of all) for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count)
  return sums
}
