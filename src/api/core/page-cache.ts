/**
 * Answered pages of history, as bytes. A page is the same as long as its group's cursor is, because every change of a
 * group moves its cursor: so the cursor is part of the key, and nothing ever has to be forgotten but for room. To be
 * used only on a store that nobody else writes to, where that is so.
 */
export interface PageCache {
  get(key: string): Buffer | undefined
  set(key: string, page: Buffer): void
}

/** `maxBytes`: of all pages and keys together; the page used longest ago goes first. */
export function createPageCache(maxBytes: number): PageCache {
  const pages = new Map<string, Buffer>()
  let held = 0

  return {
    get(key) {
      const page = pages.get(key)
      if (page === undefined) return undefined
      pages.delete(key)
      pages.set(key, page)
      return page
    },

    set(key, page) {
      if (pages.has(key)) return
      pages.set(key, page)
      held += key.length + page.length
      for (const [oldestKey, oldest] of pages) {
        if (held <= maxBytes) break
        pages.delete(oldestKey)
        held -= oldestKey.length + oldest.length
      }
    },
  }
}
