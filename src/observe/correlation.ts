import { AsyncLocalStorage } from 'node:async_hooks'

/** Tells which request or socket a piece of work is done for, in all the functions and promises that the work uses. */
export interface Correlation {
  run<T>(id: string, work: () => T): T
  /** The id; undefined for work that is done for no request or socket. */
  current(): string | undefined
}

export function createCorrelation(): Correlation {
  const storage = new AsyncLocalStorage<string>()
  return { run: (id, work) => storage.run(id, work), current: () => storage.getStore() }
}

/** Keeps nothing and costs nothing, for a service that does not log store operations. */
export const noCorrelation: Correlation = { run: (_id, work) => work(), current: () => undefined }
