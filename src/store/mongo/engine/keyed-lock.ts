import { withTimeout } from '../../../domain/with-timeout.ts'
import { failHung } from './hang-guard.ts'

/** What takes its turn ends within this by its own deadline, in milliseconds; what does not, hangs, and the next begins. */
const holdMs = 30_000

/** Lets those that work on the same thing go one after the other, so that they don't meet in the database. */
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
