import { withTimeout } from '../../../domain/with-timeout.ts'
import { failHung } from './hang-guard.ts'

/** A batch ends within this by the deadlines of its items, in milliseconds. One that does not hangs, and the next begins. */
const holdMs = 30_000

/** Gathers items of one key. All that come while as many batches are under way as may be go together in the next. */
export interface Batches<Item> {
  add(key: string, item: Item): void
}

interface Deps<Item> {
  /** Most items of a batch. */
  most: number
  /** Most batches of one key that are under way at the same time. With one, each begins when the one before it has ended. */
  atOnce: number
  /** Settles each of the items, which are of one key and in the order in which they came. */
  run(key: string, items: readonly Item[]): Promise<void>
  /** `run` failed, or hangs. Those of the items that it has not settled yet have to be settled here. */
  onFailed(items: readonly Item[], error: unknown): void
}

interface Line<Item> {
  readonly waiting: Item[]
  underWay: number
  isScheduled: boolean
}

export function createBatches<Item>({ most, atOnce, run, onFailed }: Deps<Item>): Batches<Item> {
  const lines = new Map<string, Line<Item>>()

  /** All items of this turn of the event loop go together. */
  function schedule(key: string, line: Line<Item>): void {
    if (line.isScheduled || line.underWay >= atOnce) return
    line.isScheduled = true
    setImmediate(start, key, line)
  }

  async function start(key: string, line: Line<Item>): Promise<void> {
    line.isScheduled = false
    line.underWay++
    const items = line.waiting.splice(0, most)
    if (line.waiting.length) schedule(key, line)
    try {
      await withTimeout(run(key, items), holdMs, failHung)
    } catch (error) {
      onFailed(items, error)
    }
    line.underWay--
    if (line.waiting.length) schedule(key, line)
    else if (!line.underWay && !line.isScheduled) lines.delete(key)
  }

  return {
    add(key, item) {
      const line = lines.get(key) ?? { waiting: [], underWay: 0, isScheduled: false }
      lines.set(key, line)
      line.waiting.push(item)
      schedule(key, line)
    },
  }
}
