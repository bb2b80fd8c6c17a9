/** A map of bounded size: the entry that was used longest ago makes room for a new one. */
export interface BoundedMap<V> {
  readonly size: number
  /** The value of the key. This counts as a use of the entry. */
  get(key: string): V | undefined
  /** The value of the key. This does not count as a use. */
  peek(key: string): V | undefined
  /** Sets the value of the key, which counts as a use. An entry that is heavier than all the room is not kept. */
  set(key: string, value: V): void
  delete(key: string): void
  clear(): void
}

/**
 * `most`: how many entries there may be, or how much they may weigh together. An entry's weight must stay the same for as
 * long as it is in the map.
 */
export function createBoundedMap<V extends {}>(
  most: number,
  weigh?: (value: V, key: string) => number,
): BoundedMap<V> {
  /** All entries, the one used longest ago first. */
  const entries = new Map<string, V>()
  /** The weight of all entries together; 0 where they are only counted. */
  let weight = 0

  function remove(key: string): void {
    if (weigh) {
      const value = entries.get(key)
      if (value !== undefined) weight -= weigh(value, key)
    }
    entries.delete(key)
  }

  return {
    get size() {
      return entries.size
    },

    get(key) {
      const value = entries.get(key)
      if (value === undefined) return undefined
      entries.delete(key)
      entries.set(key, value)
      return value
    },

    peek: (key) => entries.get(key),

    set(key, value) {
      remove(key)
      if (weigh) {
        const added = weigh(value, key)
        // An entry that is too heavy by itself would drive out all others, and then have to go.
        if (added > most) return
        weight += added
      }
      entries.set(key, value)
      if ((weigh ? weight : entries.size) <= most) return
      for (const oldest of entries.keys()) {
        remove(oldest)
        if ((weigh ? weight : entries.size) <= most) return
      }
    },

    delete: remove,

    clear() {
      entries.clear()
      weight = 0
    },
  }
}
