import type { Keeping } from '../model/types.ts'

/** What the browser keeps, or else what lasts as long as the page: a browser may refuse to keep anything. */
export function browserKeeping(): Keeping {
  try {
    const probe = 'chat-api.probe'
    localStorage.setItem(probe, '')
    localStorage.removeItem(probe)
    return localStorage
  } catch {
    return memoryKeeping()
  }
}

export function memoryKeeping(): Keeping {
  const values = new Map<string, string>()
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }
}

/** What is kept for one user: whoever logs in next in the same browser sees nothing of it. */
export function keepingOf(keeping: Keeping, userId: string): Keeping {
  const own = (key: string): string => `chat-api.of ${userId} ${key}`
  return {
    getItem: (key) => keeping.getItem(own(key)),
    setItem: (key, value) => {
      try {
        keeping.setItem(own(key), value)
      } catch {
        // The browser's room is used up. What was kept before stays, and the page goes on with what it knows.
      }
    },
    removeItem: (key) => keeping.removeItem(own(key)),
  }
}
