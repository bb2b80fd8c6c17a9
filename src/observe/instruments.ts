/**
 * Counters and histograms as plain numbers. A family has fixed label names and takes a bounded number of label sets, so
 * that nothing a client sends can make it grow.
 */

export interface Counter {
  value: number
}

/** Times in milliseconds, counted by size. */
export interface Histogram {
  /** How many times fell between the bound before and the bound of this index; the last count is of those beyond all bounds. */
  readonly counts: Float64Array
  count: number
  sum: number
  max: number
}

export interface Family<T> {
  /** The instrument with these label values, which are in the order of the label names. */
  of(...values: string[]): T
  readonly all: Iterable<readonly [values: readonly string[], T]>
}

/** The bounds in milliseconds. Each is at most 1.5 times the one before, so that a percentile is off by a fifth at the worst. */
export const bounds: readonly number[] = [
  0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700,
  1000, 1500, 2000, 3000, 5000, 7000, 10000, 20000, 30000, 60000,
]

/** A family has so many label sets at most. Further ones are counted under `other`. */
const maxLabelSets = 500

export const createCounter = (): Counter => ({ value: 0 })

export const createHistogram = (): Histogram => ({
  counts: new Float64Array(bounds.length + 1),
  count: 0,
  sum: 0,
  max: 0,
})

export const observe = (histogram: Histogram, ms: number): void => count(histogram, bucketOf(ms), ms)

/** The index in `counts` for so many milliseconds. It is found once for all histograms that count the same time. */
export function bucketOf(ms: number): number {
  let low = 0
  let high = bounds.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ms <= (bounds[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}

export function count(histogram: Histogram, bucket: number, ms: number): void {
  histogram.counts[bucket] = (histogram.counts[bucket] as number) + 1
  histogram.count++
  histogram.sum += ms
  if (ms > histogram.max) histogram.max = ms
}

/** Adds the counts of the other histogram to `into`. */
export function merge(into: Histogram, { counts, count, sum, max }: Histogram): void {
  for (let i = 0; i < counts.length; i++) into.counts[i] = (into.counts[i] as number) + (counts[i] as number)
  into.count += count
  into.sum += sum
  into.max = Math.max(into.max, max)
}

/** The time in milliseconds that a share `q` of all times is below. Between two bounds it is estimated. 0 when there are no times. */
export function quantile({ counts, count, max }: Omit<Histogram, 'sum'>, q: number): number {
  if (count === 0) return 0
  const rank = q * count
  let below = 0
  for (let i = 0; i < bounds.length; i++) {
    const here = counts[i] as number
    if (here > 0 && below + here >= rank) {
      const from = i === 0 ? 0 : (bounds[i - 1] as number)
      return Math.min(max, from + ((rank - below) / here) * ((bounds[i] as number) - from))
    }
    below += here
  }
  return max
}

export const average = ({ sum, count }: { sum: number; count: number }): number =>
  count === 0 ? 0 : sum / count

type Node<T> = Map<string, Node<T> | T>

/** `labels` is how many label names the family has. */
export function createFamily<T>(labels: number, create: () => T): Family<T> {
  const all: [string[], T][] = []
  const root: Node<T> = new Map()

  function add(values: string[]): T {
    const kept = all.length < maxLabelSets ? values : new Array<string>(labels).fill('other')
    if (kept !== values && all.length > maxLabelSets) return (all.at(-1) as [string[], T])[1]
    let node = root
    for (const value of kept.slice(0, -1)) {
      const next = (node.get(value) as Node<T> | undefined) ?? new Map()
      node.set(value, next)
      node = next
    }
    const made = create()
    node.set(kept.at(-1) as string, made)
    all.push([kept, made])
    return made
  }

  return {
    of(...values) {
      let node: Node<T> | T | undefined = root
      for (const value of values) node = (node as Node<T> | undefined)?.get(value)
      return (node as T | undefined) ?? add(values)
    },
    all,
  }
}
