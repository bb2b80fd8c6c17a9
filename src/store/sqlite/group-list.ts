import type { DatabaseSync } from 'node:sqlite'
import type { GroupSummary } from '../../domain/group.ts'
import {
  type GroupListing,
  type GroupMarks,
  type ListedGroup,
  pageOfGroups,
} from '../../domain/group-list.ts'
import { query } from './engine/columns.ts'

export type GroupListReads = ReturnType<typeof createGroupListReads>

/** The user's own groups, by the orders that no index has. `summariesOf` reads groups in any order. */
export function createGroupListReads(
  db: DatabaseSync,
  marksOf: (userId: string) => GroupMarks,
  summariesOf: (ids: readonly string[]) => GroupSummary[],
) {
  const all = query(
    db,
    'SELECT id, name, created_at, active_at FROM members JOIN groups ON id = group_id WHERE user_id = ?',
    ([id, name, createdAt, activeAt]: [string, string, number, number]): ListedGroup => ({
      id,
      name,
      createdAt,
      lastMessageAt: activeAt || null,
    }),
  )
  const pageOf = (userId: string, listing: GroupListing) =>
    pageOfGroups(all.all(userId), listing, marksOf(userId))
  return {
    page(userId: string, listing: GroupListing): { groups: GroupSummary[]; total: number } {
      const { ids, total } = pageOf(userId, listing)
      const found = new Map(summariesOf(ids).map((group) => [group.id, group]))
      return { groups: ids.flatMap((id) => found.get(id) ?? []), total }
    },
    idsByActivity: (userId: string, limit: number, hidden: boolean): string[] =>
      pageOf(userId, { sort: 'activity', offset: 0, limit, hidden }).ids,
  }
}
