import { AsyncLocalStorage } from 'node:async_hooks'

/** Which request or socket a piece of work is done for, however deep down and however late it is looked for. */
export interface Correlation {
  run<T>(id: string, work: () => T): T
  /** undefined: the work is nobody's in particular. */
  current(): string | undefined
}

export function createCorrelation(): Correlation {
  const storage = new AsyncLocalStorage<string>()
  return { run: (id, work) => storage.run(id, work), current: () => storage.getStore() }
}

/** Costs nothing, for when nobody will look. */
export const noCorrelation: Correlation = { run: (_id, work) => work(), current: () => undefined }
