import { createBoundedMap } from '../../domain/bounded-map.ts'
import type { MessagePage } from './message-page.ts'

/**
 * Answered pages of history. Every change of a group moves its cursor, and the cursor is part of the key, so a kept page is
 * never wrong and is dropped only to make room. That holds only on a store that nobody else writes to.
 */
export interface PageCache {
  get(key: string): MessagePage | undefined
  set(key: string, page: MessagePage): void
}

/** `maxBytes`: of all pages and keys together; the page used longest ago goes first. */
export const createPageCache = (maxBytes: number): PageCache =>
  createBoundedMap<MessagePage>(maxBytes, ({ size }, key) => key.length + size)
