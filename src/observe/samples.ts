import { round } from './numbers.ts'

/**
 * One moment of a picture. `at` in milliseconds since 1970; requests, errors and deliveries a second; times in ms;
 * memory in MB; CPU in percent. null is what could not be read.
 */
export interface Sample {
  at: number
  requests: number
  errors: number
  p50: number
  p95: number
  p99: number
  deliveries: number
  connections: number
  loop_p99: number
  loop_max: number
  resident: number | null
  heap: number
  cpu: number
}

/** Columns of the same length, as a picture wants them. */
export type Samples = { readonly [Name in keyof Sample]: Sample[Name][] }

const columns: readonly (keyof Sample)[] = [
  'at',
  'requests',
  'errors',
  'p50',
  'p95',
  'p99',
  'deliveries',
  'connections',
  'loop_p99',
  'loop_max',
  'resident',
  'heap',
  'cpu',
]

/** The last `size` samples. */
export function createSamples(size: number): {
  add(sample: Sample): void
  /** The samples taken after this moment, oldest first. */
  since(after: number): Samples
} {
  // The numbers are kept in typed arrays, where a day of them takes 150 kB. NaN stands for null.
  const rings = columns.map((name) => [name, new Float64Array(size)] as const)
  const times = rings[0]?.[1] ?? new Float64Array(size)
  /** How many samples were ever taken. */
  let taken = 0

  return {
    add(sample) {
      for (const [name, ring] of rings) ring[taken % size] = sample[name] ?? Number.NaN
      taken++
    },
    since(after) {
      const first = Math.max(0, taken - size)
      const kept = Array.from({ length: taken - first }, (_, i) => (first + i) % size)
      const wanted = kept.filter((i) => (times[i] as number) > after)
      return Object.fromEntries(
        rings.map(([name, ring]) => [
          name,
          wanted.map((i) => {
            const value = ring[i] as number
            return Number.isNaN(value) ? null : round(value)
          }),
        ]),
      ) as unknown as Samples
    },
  }
}
