import { readdir, readFile } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'
import { monitorEventLoopDelay, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { createFamily, createHistogram, type Family, type Histogram, observe } from './instruments.ts'

/** What the process uses of its machine. */
export interface Runtime {
  memory(): Memory
  /** The share of one core since the last `rollWindow`, where 1 is all of it. It can be more, because there are threads. */
  cpuShare(): number
  /** Seconds since the process began, user and system. */
  cpuSeconds(): number
  /** How late the event loop was, in milliseconds, since the last `rollWindow`; in the first second after one, before it. */
  loopDelay(): Delay
  /** How many files are open; null where the system does not tell. */
  openFiles(): { count: number; limit: number } | null
  /** A whole stretch has been measured since the start, which itself takes the CPU for a moment. */
  readonly isSettled: boolean
  /** To be called when the start is over: what the start used is not counted. */
  settle(): void
  /** Pauses of garbage collection, by kind. */
  readonly gc: Family<Histogram>
  /** Ends a stretch of measuring and begins the next. Resolves when the open files are counted. */
  rollWindow(): Promise<void>
  stop(): void
}

/** Bytes; null where the system does not tell. */
export interface Memory {
  resident: number | null
  heapUsed: number
  heapLimit: number
  /** The memory that the process may use: that of its container, or of the machine. */
  total: number | null
  /** The memory that is free now. */
  available: number | null
}

export interface Delay {
  p50: number
  p99: number
  max: number
}

/**
 * The delay is sampled at this interval, in milliseconds. Node counts the interval in, so it is subtracted. Because the samples are
 * taken at set times, they say what a request at any moment would have waited. Each sample wakes an idle process.
 */
const resolution = 100
const nano = 1e6
type GcEntry = PerformanceEntry & { readonly detail: { readonly kind: number } }
const gcKinds: Readonly<Record<number, string>> = {
  1: 'minor',
  2: 'minor_mark_sweep',
  4: 'major',
  8: 'incremental',
  16: 'weak_callbacks',
}

export function createRuntime(): Runtime {
  const loop = monitorEventLoopDelay({ resolution })
  loop.enable()
  const gc = createFamily(1, createHistogram)
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as GcEntry[])
      observe(gc.of(gcKinds[entry.detail.kind] ?? 'other'), entry.duration)
  })
  observer.observe({ entryTypes: ['gc'] })

  let lastDelay: Delay = { p50: 0, p99: 0, max: 0 }
  let isStarted = false
  let isSettled = false
  let files: { count: number; limit: number } | null = null
  const count = async () => {
    files = await countFiles(files?.limit)
  }
  count()
  let turnedAt = performance.now()
  let cpuAtTurn = process.cpuUsage()
  let lastCpu = 0

  const late = (ns: number) => Math.max(0, ns / nano - resolution)
  const delayNow = (): Delay =>
    loop.count === 0
      ? { p50: 0, p99: 0, max: 0 }
      : { p50: late(loop.percentile(50)), p99: late(loop.percentile(99)), max: late(loop.max) }

  function cpuNow(): number {
    const { user, system } = process.cpuUsage(cpuAtTurn)
    return (user + system) / 1_000 / (performance.now() - turnedAt)
  }
  function beginStretch(): void {
    loop.reset()
    cpuAtTurn = process.cpuUsage()
    turnedAt = performance.now()
  }
  const isYoung = () => performance.now() - turnedAt < 1_000

  return {
    memory() {
      const { used_heap_size, heap_size_limit } = getHeapStatistics()
      const machine = readable(totalmem)
      const constrained = readable(() => process.constrainedMemory())
      const isConstrained = constrained !== null && (machine === null || constrained < machine)
      return {
        resident: readable(() => process.memoryUsage.rss()),
        heapUsed: used_heap_size,
        heapLimit: heap_size_limit,
        total: isConstrained ? constrained : machine,
        available: readable(isConstrained ? () => process.availableMemory() : freemem),
      }
    },
    cpuShare: () => (isYoung() ? lastCpu : cpuNow()),
    cpuSeconds() {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    },
    loopDelay: () => (isYoung() ? lastDelay : delayNow()),
    openFiles: () => files,
    get isSettled() {
      return isSettled
    },
    settle() {
      isStarted = true
      beginStretch()
    },
    gc,
    async rollWindow() {
      lastDelay = delayNow()
      lastCpu = cpuNow()
      isSettled = isStarted
      beginStretch()
      await count()
    },
    stop() {
      loop.disable()
      observer.disconnect()
    },
  }
}

/** Reads a figure of Node, which without /proc throws for some figures and answers 0 for others. */
function readable(read: () => number): number | null {
  try {
    const value = read()
    return value > 0 ? value : null
  } catch {
    return null
  }
}

/** Counts the open files by Linux's /proc; null on other systems. */
async function countFiles(known: number | undefined): Promise<{ count: number; limit: number } | null> {
  try {
    const { length: count } = await readdir('/proc/self/fd')
    return { count, limit: known ?? (await fileLimit()) }
  } catch {
    return null
  }
}

/** How many files the process may have open; Infinity when nobody limits it. */
export async function fileLimit(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8')
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY)
}
