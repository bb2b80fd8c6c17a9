import { type Counter, count, createHistogram, type Histogram } from './instruments.ts'

export interface Endpoint {
  readonly durations: Histogram
  /** Answers by status. */
  readonly statuses: Map<number, Counter>
  errors: number
  clientErrors: number
}

/** What one endpoint or store operation did in a stretch of time. */
export interface Part {
  readonly durations: Histogram
  errors: number
}

/** What happened in one stretch of time. */
export interface Stretch {
  readonly startedAt: number
  readonly durations: Histogram
  errors: number
  slow: number
  verySlow: number
  /** How many events were told, and how many deliveries to listeners that took. */
  events: number
  deliveries: number
  readonly endpoints: Map<Endpoint, Part>
  readonly operations: Map<string, Part>
  /** How much was added to each counter that is shown with its last minutes. */
  readonly counts: Map<Counter, number>
}

export const createStretch = (startedAt: number): Stretch => ({
  startedAt,
  durations: createHistogram(),
  errors: 0,
  slow: 0,
  verySlow: 0,
  events: 0,
  deliveries: 0,
  endpoints: new Map(),
  operations: new Map(),
  counts: new Map(),
})

/** `bucket` is the histogram's index for this duration. */
export function record<Key>(
  parts: Map<Key, Part>,
  key: Key,
  bucket: number,
  durationMs: number,
  isError: boolean,
): void {
  let part = parts.get(key)
  if (!part) {
    part = { durations: createHistogram(), errors: 0 }
    parts.set(key, part)
  }
  count(part.durations, bucket, durationMs)
  if (isError) part.errors++
}

/** Adds one to the counter, and to what it got in this stretch. */
export function tally({ counts }: Stretch, counter: Counter): void {
  counter.value++
  counts.set(counter, (counts.get(counter) ?? 0) + 1)
}
