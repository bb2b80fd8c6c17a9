import type { DatabaseSync } from 'node:sqlite'
import type { GroupName, GroupSummary, GroupWithMembers } from '../../domain/group.ts'
import { type GroupListing, isByCreation } from '../../domain/group-list.ts'
import { limits } from '../../domain/limits.ts'
import { firstNumber, query } from './engine/columns.ts'
import { createTogether } from './engine/database.ts'
import { groupRow } from './group-columns.ts'
import { createGroupListReads } from './group-list.ts'
import { createOpenGroupReads } from './open-groups.ts'
import { createMarksRead } from './preferences.ts'

/** Leaves out rows of members whose group is deleted or not made yet, because such rows come and go in steps. */
const isWhole = 'group_id NOT IN (SELECT group_id FROM purge)'

const allMembers =
  '(SELECT json_group_array(user_id ORDER BY position) FROM members WHERE group_id = groups.id)'
const firstMembers = `(SELECT json_group_array(user_id) FROM
  (SELECT user_id FROM members WHERE group_id = groups.id ORDER BY position LIMIT ${limits.listedMembers}))`

export type GroupReads = ReturnType<typeof createGroupReads>

export function createGroupReads(db: DatabaseSync) {
  const together = createTogether(db)
  const membersOf = (row: unknown[]): string[] => JSON.parse(String(row.at(-1)))
  const summaryIn = (row: unknown[]): GroupSummary => ({
    ...groupRow.of(row),
    authorizedUserIds: membersOf(row),
  })
  const sql = {
    whole: query(
      db,
      `SELECT ${groupRow.list}, ${allMembers} FROM groups WHERE id = ?`,
      (row): GroupWithMembers => {
        const { memberCount: _, ...found } = groupRow.of(row)
        return { ...found, authorizedUserIds: membersOf(row) }
      },
    ),
    summary: query(db, `SELECT ${groupRow.list}, ${firstMembers} FROM groups WHERE id = ?`, summaryIn),
    groupsOf: query(
      db,
      `SELECT ${groupRow.list}, ${firstMembers} FROM groups JOIN (
         SELECT group_id, group_created_at FROM members WHERE user_id = ? AND ${isWhole}
         ORDER BY group_created_at DESC, group_id DESC LIMIT ? OFFSET ?
       ) ON id = group_id ORDER BY group_created_at DESC, group_id DESC`,
      summaryIn,
    ),
    summaries: query(
      db,
      `SELECT ${groupRow.list}, ${firstMembers} FROM groups WHERE id IN (SELECT value FROM json_each(?))`,
      summaryIn,
    ),
    namesOf: query(
      db,
      `SELECT id, name FROM groups WHERE id IN (SELECT value FROM json_each(?2))
       AND EXISTS (SELECT 1 FROM members WHERE group_id = groups.id AND user_id = ?1)`,
      ([id, name]: [string, string]): GroupName => ({ id, name }),
    ),
    countOf: query(db, `SELECT count(*) FROM members WHERE user_id = ? AND ${isWhole}`, firstNumber),
  }
  const marksOf = createMarksRead(db)
  const lists = createGroupListReads(db, marksOf, (ids) => sql.summaries.all(JSON.stringify(ids)))
  const open = createOpenGroupReads(db, (ids) => sql.summaries.all(JSON.stringify(ids)))
  const byCreation = (userId: string, { limit, offset }: GroupListing) => ({
    groups: sql.groupsOf.all(userId, limit, offset),
    total: sql.countOf.get(userId) ?? 0,
  })
  return {
    one: (id: string): GroupWithMembers | null => sql.whole.get(id),
    summary: (id: string): GroupSummary | null => sql.summary.get(id),
    ofUser: (userId: string, listing: GroupListing) =>
      together(() => (isByCreation(listing, marksOf(userId)) ? byCreation : lists.page)(userId, listing)),
    open: (userId: string, listing: GroupListing, at: number) => together(() => open(userId, listing, at)),
    idsOfUser: lists.idsByActivity,
    namesOfUser: (userId: string, ids: readonly string[]): GroupName[] =>
      sql.namesOf.all(userId, JSON.stringify(ids)),
  }
}
