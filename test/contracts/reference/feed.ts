import type { Position } from '../../../src/domain/cursor.ts'
import type { FeedStore } from '../../../src/store/feed.ts'
import { type Contents, headOf } from './kept.ts'

/** Tells all groups whose logs have anything in them, each time from the beginning, because a feed may tell a group again. */
export function referenceFeed({ all }: Contents): FeedStore {
  const cursors = new Map<string, string>()
  const reached = new Map<string, Map<string, Position>>()
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
    async positions(consumer, groupIds) {
      const own = reached.get(consumer) ?? new Map<string, Position>()
      const there = new Set(all().map(({ group }) => group.id))
      return new Map([...own].filter(([groupId]) => there.has(groupId) && groupIds.includes(groupId)))
    },
    async reach(consumer, positions) {
      const own = reached.get(consumer) ?? new Map<string, Position>()
      reached.set(consumer, own)
      for (const [groupId, { seq, rev }] of positions) {
        const before = own.get(groupId) ?? { seq: 0, rev: 0 }
        own.set(groupId, { seq: Math.max(seq, before.seq), rev: Math.max(rev, before.rev) })
      }
    },
    async forget(consumer) {
      cursors.delete(consumer)
      reached.delete(consumer)
    },
  }
}
