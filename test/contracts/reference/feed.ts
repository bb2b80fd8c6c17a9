import type { FeedStore } from '../../../src/store/feed.ts'
import { type Contents, headOf } from './kept.ts'

/** Tells all groups whose logs have anything in them, each time from the beginning, because a feed may tell a group again. */
export function referenceFeed({ all }: Contents): FeedStore {
  const cursors = new Map<string, string>()
  return {
    async read(after, limit) {
      const from = Number(after ?? 0)
      const moved = all().flatMap((kept) => {
        const { seq, rev } = headOf(kept)
        return seq + rev > 0 ? [{ groupId: kept.group.id, head: { seq, rev } }] : []
      })
      const end = from + limit
      const hasMore = moved.length > end
      return { moved: moved.slice(from, end), next: hasMore ? `${end}` : '0', hasMore }
    },
    load: async (consumer) => cursors.get(consumer) ?? null,
    save: async (consumer, cursor) => void cursors.set(consumer, cursor),
  }
}
