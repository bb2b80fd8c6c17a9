import type { DatabaseSync } from 'node:sqlite'
import type { Group } from '../../domain/group.ts'
import type { MembersAmong, Membership, Role } from '../../domain/member.ts'
import { createBlockedInChat } from './blocks.ts'
import { firstNumber, firstText, query } from './engine/columns.ts'
import { group } from './group-columns.ts'

/** What a user is to a group that is there. */
export type Standing = Omit<Membership, 'group'>

type StandingRow = [
  role: Role | null,
  joinedAt: number | null,
  mutedUntil: number | null,
  isBanned: 0 | 1,
  bannedUntil: number | null,
]

type UntilRow = [userId: string, until: number | null]

/** Beyond so many users, going through all rows of the group takes less time than a look-up for each. */
const mostLookUps = 500

export type MemberReads = ReturnType<typeof createMemberReads>

export function createMemberReads(db: DatabaseSync) {
  const untilOf = ([userId, until]: UntilRow): UntilRow => [userId, until]
  const isBlockedIn = createBlockedInChat(db)
  const sql = {
    group: query(db, `SELECT ${group.list} FROM groups WHERE id = ?`, group.of),
    count: query(db, 'SELECT member_count FROM groups WHERE id = ?', firstNumber),
    standing: query(
      db, // A member who came before joining was recorded counts as joined with the group.
      `SELECT role, coalesce(joined_at, group_created_at), mutes.until, bans.user_id IS NOT NULL, bans.until
       FROM (SELECT ?1 AS group_id, ?2 AS user_id) AS asked
       LEFT JOIN members USING (group_id, user_id)
       LEFT JOIN mutes USING (group_id, user_id)
       LEFT JOIN bans USING (group_id, user_id)`,
      (row: StandingRow) => row,
    ),
    some: query(
      db,
      'SELECT user_id FROM members WHERE group_id = ? AND user_id IN (SELECT value FROM json_each(?))',
      firstText,
    ),
    all: query(db, 'SELECT user_id FROM members WHERE group_id = ?', firstText),
    someBans: query(
      db,
      'SELECT user_id, until FROM bans WHERE group_id = ? AND user_id IN (SELECT value FROM json_each(?))',
      untilOf,
    ),
    allBans: query(db, 'SELECT user_id, until FROM bans WHERE group_id = ?', untilOf),
    someMutes: query(
      db,
      'SELECT user_id, until FROM mutes WHERE group_id = ? AND user_id IN (SELECT value FROM json_each(?))',
      untilOf,
    ),
    sharing: query(
      db,
      `SELECT value FROM json_each(?2) WHERE EXISTS (
         SELECT 1 FROM members AS own
         JOIN members AS other ON other.group_id = own.group_id AND other.user_id = value
         JOIN groups ON groups.id = own.group_id
         WHERE own.user_id = ?1
       )`,
      firstText,
    ),
    heir: query(
      db,
      `SELECT user_id FROM members WHERE group_id = ? AND role = ? AND user_id <> ?
       ORDER BY position LIMIT 1`,
      firstText,
    ),
  }

  function standing(groupId: string, userId: string): Standing {
    const row = sql.standing.get(groupId, userId)
    if (!row) return { member: null, mutedUntil: null, ban: null }
    const [role, joinedAt, mutedUntil, isBanned, until] = row
    const member = role !== null && joinedAt !== null ? { userId, role, joinedAt, mutedUntil } : null
    return { member, mutedUntil, ban: isBanned ? { until } : null }
  }

  /** Whether somebody is blocked is not kept with a membership, because it holds at once. */
  function withBlock(membership: Membership, userId: string): Membership {
    const { group } = membership
    return group.kind === 'direct' && isBlockedIn(group.id, userId)
      ? { ...membership, isBlocked: true }
      : membership
  }

  return {
    standing,
    group: (groupId: string): Group | null => sql.group.get(groupId),
    count: (groupId: string): number => sql.count.get(groupId) ?? 0,
    membership(groupId: string, userId: string): Membership | null {
      const found = sql.group.get(groupId)
      return found && withBlock({ group: found, ...standing(groupId, userId) }, userId)
    },
    withBlock,
    among(groupId: string, userIds: readonly string[]): MembersAmong | null {
      const found = sql.group.get(groupId)
      if (!found) return null
      const asked = new Set(userIds)
      if (asked.size <= mostLookUps) {
        const ids = JSON.stringify([...asked])
        return {
          group: found,
          userIds: new Set(sql.some.all(groupId, ids)),
          bannedUntil: new Map(sql.someBans.all(groupId, ids)),
        }
      }
      return {
        group: found,
        userIds: new Set(sql.all.all(groupId).filter((userId) => asked.has(userId))),
        bannedUntil: new Map(sql.allBans.all(groupId).filter(([userId]) => asked.has(userId))),
      }
    },
    sharing: (userId: string, others: readonly string[]): ReadonlySet<string> =>
      new Set(sql.sharing.all(userId, JSON.stringify(others))),
    /** Until when those of these users who are muted are so. */
    mutesAmong: (groupId: string, userIds: readonly string[]): ReadonlyMap<string, number | null> =>
      new Map(sql.someMutes.all(groupId, JSON.stringify(userIds))),
    /** Who owns the group when its last owner leaves: the first admin, else the first member. */
    heir: (groupId: string, leaving: string): string | null =>
      sql.heir.get(groupId, 'admin', leaving) ?? sql.heir.get(groupId, 'member', leaving),
  }
}
