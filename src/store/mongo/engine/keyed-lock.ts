import { withTimeout } from '../../../domain/with-timeout.ts'
import { failHung } from './hang-guard.ts'

/** Work ends by its own deadline within so many milliseconds. Work that does not hangs, and the next begins. */
const holdMs = 30_000

/** Does work with the same key one after the other, so that it does not meet in the database. */
export interface KeyedLock {
  run<T>(key: string, work: () => Promise<T>): Promise<T>
}

export function createKeyedLock(): KeyedLock {
  const last = new Map<string, Promise<unknown>>()
  return {
    run(key, work) {
      const before = last.get(key) ?? Promise.resolve()
      const begin = () => withTimeout(work(), holdMs, failHung)
      const held = before.then(begin, begin)
      last.set(key, held)
      const end = () => {
        if (last.get(key) === held) last.delete(key)
      }
      held.then(end, end)
      return held
    },
  }
}
