import { createBoundedMap } from '../../domain/bounded-map.ts'

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
export const createPageCache = (maxBytes: number): PageCache =>
  createBoundedMap<Buffer>(maxBytes, (page, key) => key.length + page.length)
