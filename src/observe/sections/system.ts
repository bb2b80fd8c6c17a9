import type { Family, Histogram } from '../instruments.ts'
import { percent, round } from '../numbers.ts'
import type { Runtime } from '../runtime.ts'

const MB = 1_000_000

const inMB = (bytes: number | null): number | null => (bytes === null ? null : round(bytes / MB))
const percentOf = (part: number | null, whole: number | null): number | null =>
  part === null || whole === null ? null : percent(part, whole)

/** Figures that the system does not tell are null. */
export function systemOf(runtime: Runtime) {
  const { resident, heapUsed, heapLimit, total, available } = runtime.memory()
  const files = runtime.openFiles()
  const gc = sumOf(runtime.gc)
  const { p50, p99, max } = runtime.loopDelay()
  const used = total === null || available === null ? null : total - available
  return {
    process_memory: { mb: inMB(resident), percent: percentOf(resident, total) },
    heap: {
      used_mb: round(heapUsed / MB),
      limit_mb: round(heapLimit / MB),
      percent: percent(heapUsed, heapLimit),
    },
    cpu_percent: round(runtime.cpuShare() * 100),
    event_loop_delay_ms: { p50: round(p50), p99: round(p99), max: round(max) },
    system_memory: {
      used_mb: inMB(used),
      total_mb: inMB(total),
      percent: percentOf(used, total),
    },
    open_files: files && {
      count: files.count,
      limit: Number.isFinite(files.limit) ? files.limit : null,
      percent: percent(files.count, files.limit),
    },
    gc: { pauses: gc.count, total_ms: round(gc.sum), max_ms: round(gc.max) },
    pid: process.pid,
    node: process.version,
  }
}

function sumOf(family: Family<Histogram>): { count: number; sum: number; max: number } {
  const sums = { count: 0, sum: 0, max: 0 }
  for (const [, { count, sum, max }] of family.all) {
    sums.count += count
    sums.sum += sum
    sums.max = Math.max(sums.max, max)
  }
  return sums
}
