import { average, type Counter, type Family, type Histogram, quantile } from './instruments.ts'
import type { Part } from './stretch.ts'

/** Three decimals are enough for any picture. */
export const round = (value: number): number => Math.round(value * 1_000) / 1_000

/** The share from 0 to 1; 0 when there is nothing to have a share of. */
export const share = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round((part / whole) * 1e5) / 1e5

export const percent = (part: number, whole: number): number => round(share(part, whole) * 100)

export const times = (durations: Histogram) => ({
  average_ms: round(average(durations)),
  p95_ms: round(quantile(durations, 0.95)),
  p99_ms: round(quantile(durations, 0.99)),
  max_ms: round(durations.max),
})

/** The times of an endpoint or a store operation in the last minutes; null when it did nothing then. */
export const latelyOf = (part: Part | undefined) =>
  part
    ? {
        count: part.durations.count,
        errors: part.errors,
        error_rate: share(part.errors, part.durations.count),
        ...times(part.durations),
      }
    : null

export const valuesOf = (family: Family<Counter>): Record<string, number> =>
  Object.fromEntries([...family.all].map(([labels, { value }]) => [labels.join(' '), value]))
