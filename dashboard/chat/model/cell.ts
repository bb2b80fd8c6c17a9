/** A value that changes, and tells who listens. */
export interface Cell<T> {
  readonly value: T
  /** Runs with the value at once, and with each new one, until the signal is aborted. */
  listen(run: (value: T) => void, signal?: AbortSignal): void
}

/** A cell that its owner sets. */
export interface SettableCell<T> extends Cell<T> {
  /** Tells nobody where it is the same value. */
  set(value: T): void
}

export function createCell<T>(first: T): SettableCell<T> {
  let value = first
  const listeners = new Set<(value: T) => void>()
  return {
    get value() {
      return value
    },
    listen(run, signal) {
      if (signal?.aborted) return
      // Each call of `listen` is one listener, though the same function may be given twice.
      const listener = (next: T): void => run(next)
      listeners.add(listener)
      signal?.addEventListener('abort', () => listeners.delete(listener), { once: true })
      run(value)
    },
    set(next) {
      if (Object.is(next, value)) return
      value = next
      for (const listener of [...listeners]) if (listeners.has(listener)) listener(next)
    },
  }
}
