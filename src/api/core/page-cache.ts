import { createBoundedMap } from '../../domain/bounded-map.ts'

/**
 * Answered pages of history, as bytes. Every change of a group moves its cursor, and the cursor is part of the key, so a kept page is
 * never wrong and is dropped only to make room. That holds only on a store that nobody else writes to.
 */
export interface PageCache {
  get(key: string): Buffer | undefined
  set(key: string, page: Buffer): void
}

/** `maxBytes`: of all pages and keys together; the page used longest ago goes first. */
export const createPageCache = (maxBytes: number): PageCache =>
  createBoundedMap<Buffer>(maxBytes, (page, key) => key.length + page.length)
