/** Keeps the last few items and forgets the oldest first. */
export interface Recent<T> {
  add(item: T): void
  /** Newest first. */
  list(): T[]
}

export function createRecent<T>(size: number): Recent<T> {
  const ring: T[] = []
  let next = 0
  return {
    add(item) {
      ring[next] = item
      next = (next + 1) % size
    },
    list: () => [...ring.slice(next), ...ring.slice(0, next)].reverse(),
  }
}
