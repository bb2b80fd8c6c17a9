import { createBoundedMap } from '../../domain/bounded-map.ts'
import type { People } from '../../domain/person.ts'
import type { MessagePage } from './message-page.ts'

/**
 * Answered pages of history. Every change of a group moves its cursor, and the cursor is part of the key, so a kept page is
 * never wrong and is dropped only to make room. That holds only on a store that nobody else writes to. What people are called changes
 * without a cursor: a page is not given any more when one of its senders is called otherwise since.
 */
export interface PageCache {
  get(key: string): MessagePage | undefined
  set(key: string, page: MessagePage): void
}

/** `maxBytes`: of all pages and keys together; the page used longest ago goes first. */
export function createPageCache(maxBytes: number, people: Omit<People, 'of'>): PageCache {
  const pages = createBoundedMap<MessagePage>(maxBytes, ({ size }, key) => key.length + size)
  return {
    get(key) {
      const page = pages.get(key)
      if (!page || page.namesAt === people.version) return page
      if (people.changedSince(page.namesAt, page.senders)) return undefined
      page.namesAt = people.version
      return page
    },
    set: pages.set,
  }
}
