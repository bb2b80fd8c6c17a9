import { createKeyedLock } from './keyed-lock.ts'

/** Gathers items of one key: those of one turn of the event loop, and where batches go one by one, all that come meanwhile. */
export interface Batches<Item> {
  add(key: string, item: Item): void
}

interface Deps<Item> {
  /** Most items of a batch. */
  most: number
  /** A batch waits until the one before it has ended. */
  isOneByOne: boolean
  /** Settles each of the items, which are of one key and in the order in which they came. */
  run(key: string, items: readonly Item[]): Promise<void>
  /** `run` failed, or hangs. Those of the items that it has not settled yet have to be settled here. */
  onFailed(items: readonly Item[], error: unknown): void
}

export function createBatches<Item>({ most, isOneByOne, run, onFailed }: Deps<Item>): Batches<Item> {
  const lock = createKeyedLock()
  const waiting = new Map<string, Item[]>()

  function start(key: string): void {
    let items: readonly Item[] = []
    const work = async () => {
      const queue = waiting.get(key) ?? []
      items = queue.splice(0, most)
      if (queue.length) start(key)
      else waiting.delete(key)
      await run(key, items)
    }
    const done = isOneByOne ? lock.run(key, work) : work()
    done.catch((error: unknown) => onFailed(items, error))
  }

  return {
    add(key, item) {
      const queue = waiting.get(key)
      if (queue) return void queue.push(item)
      waiting.set(key, [item])
      // All items of this turn of the event loop go together.
      setImmediate(start, key)
    },
  }
}
