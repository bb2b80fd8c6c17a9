import { unlessHung } from './limited.ts'

/** What takes its turn ends within this by its own deadline, in milliseconds; what does not, hangs, and the next begins. */
const turnMs = 30_000

/** Lets those that work on the same thing go one after the other, so that they don't meet in the database. */
export interface Turns {
  run<T>(key: string, work: () => Promise<T>): Promise<T>
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return {
    run(key, work) {
      const before = last.get(key) ?? Promise.resolve()
      const begin = () => unlessHung(work(), turnMs)
      const turn = before.then(begin, begin)
      last.set(key, turn)
      const end = () => {
        if (last.get(key) === turn) last.delete(key)
      }
      turn.then(end, end)
      return turn
    },
  }
}
