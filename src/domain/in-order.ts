/**
 * Lets work that takes different time go on in the order in which it began: work under a key waits for all that began before it under
 * that key. Work that has nothing to do, and nobody to wait for, goes on at once.
 */
export function createOrder(): (key: string, work: (() => Promise<void>) | null) => Promise<void> {
  const last = new Map<string, Promise<void>>()
  return async (key, work) => {
    const before = last.get(key)
    if (!work) return before
    const own = work()
    const done = Promise.allSettled([before, own]).then(() => {
      if (last.get(key) === done) last.delete(key)
    })
    last.set(key, done)
    await before
    await own
  }
}
