import type { DatabaseSync } from 'node:sqlite'
import type { GroupSummary } from '../../domain/group.ts'
import { type GroupListing, isByCreation, type ListedGroup, pageOfGroups } from '../../domain/group-list.ts'
import { firstNumber, firstText, query } from './engine/columns.ts'

/** So many open groups are looked at for a list that no index has, the newest. */
const mostListed = 10_000

/** The open groups that the user ?1 is not banned from at ?2. An index of open groups has them in the order of creation. */
const isOpen = `visibility = 'open' AND NOT EXISTS (
  SELECT 1 FROM bans WHERE group_id = groups.id AND user_id = ?1 AND (until IS NULL OR until > ?2)
)`
const newestFirst = 'ORDER BY created_at DESC, id DESC'

/** `summariesOf` reads groups in any order. */
export function createOpenGroupReads(
  db: DatabaseSync,
  summariesOf: (ids: readonly string[]) => GroupSummary[],
) {
  const sql = {
    page: query(db, `SELECT id FROM groups WHERE ${isOpen} ${newestFirst} LIMIT ?3 OFFSET ?4`, firstText),
    count: query(db, `SELECT count(*) FROM groups WHERE ${isOpen}`, firstNumber),
    all: query(
      db,
      `SELECT id, name, created_at, active_at FROM groups WHERE ${isOpen} ${newestFirst} LIMIT ${mostListed}`,
      ([id, name, createdAt, activeAt]: [string, string, number, number]): ListedGroup => ({
        id,
        name,
        createdAt,
        lastMessageAt: activeAt || null,
      }),
    ),
  }

  function idsOf(userId: string, listing: GroupListing, at: number): { ids: string[]; total: number } {
    if (!isByCreation(listing)) return pageOfGroups(sql.all.all(userId, at), listing)
    const { limit, offset } = listing
    return { ids: sql.page.all(userId, at, limit, offset), total: sql.count.get(userId, at) ?? 0 }
  }

  return (userId: string, listing: GroupListing, at: number): { groups: GroupSummary[]; total: number } => {
    const { ids, total } = idsOf(userId, listing, at)
    const found = new Map(summariesOf(ids).map((group) => [group.id, group]))
    return { groups: ids.flatMap((id) => found.get(id) ?? []), total }
  }
}
