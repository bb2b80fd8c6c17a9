import type { Keeping } from './types.ts'

/** Keeps in the browser; in memory, for as long as the page is open, where the browser refuses it or has no room left. */
export function createKeeping(storage: () => Keeping): Keeping {
  const own = new Map<string, string>()
  const tried = <T>(run: (storage: Keeping) => T): T | undefined => {
    try {
      return run(storage())
    } catch {
      return undefined
    }
  }
  return {
    getItem: (key) => own.get(key) ?? tried((storage) => storage.getItem(key)) ?? null,
    setItem(key, value) {
      const isKept = tried((storage) => {
        storage.setItem(key, value)
        return true
      })
      if (isKept) own.delete(key)
      else own.set(key, value)
    },
    removeItem(key) {
      own.delete(key)
      tried((storage) => storage.removeItem(key))
    },
  }
}
