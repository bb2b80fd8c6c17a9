import type { DatabaseSync } from 'node:sqlite'
import type { Group } from '../../domain/group.ts'
import { list } from './engine/columns.ts'

/** The group that users join, and when they do. */
export interface Joining extends Pick<Group, 'ownerIds'> {
  readonly groupId: string
  readonly groupCreatedAt: number
  readonly at: number
}

export const joining = ({ id, createdAt, ownerIds }: Group, at: number): Joining => ({
  groupId: id,
  groupCreatedAt: createdAt,
  ownerIds,
  at,
})

export type MemberList = ReturnType<typeof createMemberList>

/** The rows of a group's members, and what its own row says of them. Only inside a transaction. */
export function createMemberList(db: DatabaseSync) {
  const sql = {
    // All members go in one statement, because thousands of statements would hold up those who send.
    set: db.prepare(
      `INSERT INTO members (group_id, user_id, position, group_created_at, role, joined_at)
       SELECT ?1, value, key + ?2, ?3,
         CASE WHEN value IN (SELECT value FROM json_each(?4)) THEN 'owner' ELSE 'member' END, ?5
       FROM json_each(?6) WHERE true
       ON CONFLICT DO UPDATE SET position = excluded.position WHERE position <> excluded.position`,
    ),
    lastPosition: db.prepare('SELECT max(position) AS last FROM members WHERE group_id = ?'),
    removeSome: db.prepare(
      'DELETE FROM members WHERE group_id = ? AND user_id IN (SELECT value FROM json_each(?))',
    ),
    setRole: db.prepare('UPDATE members SET role = ? WHERE group_id = ? AND user_id = ?'),
    cameAndWent: db.prepare(
      'UPDATE groups SET member_count = member_count + ?, owner_ids = ?, updated_at = ? WHERE id = ?',
    ),
    mute: db.prepare('INSERT OR REPLACE INTO mutes (group_id, user_id, until) VALUES (?, ?, ?)'),
    unmute: db.prepare('DELETE FROM mutes WHERE group_id = ? AND user_id = ?'),
  }
  return {
    /** Makes the users members, at these places from `from` on. A user who is one already keeps role and time of joining. */
    set({ groupId, groupCreatedAt, ownerIds, at }: Joining, userIds: readonly string[], from = 0): void {
      sql.set.run(groupId, from, groupCreatedAt, JSON.stringify(ownerIds), at, JSON.stringify(userIds))
    },
    /** Adds the users at the end. The others keep their places, so this costs the same in a large group. */
    append(to: Joining, userIds: readonly string[]): void {
      const last = sql.lastPosition.get(to.groupId)?.last
      this.set(to, userIds, Number(last ?? -1) + 1)
    },
    remove(groupId: string, userIds: readonly string[]): void {
      sql.removeSome.run(groupId, JSON.stringify(userIds))
    },
    setRole: (groupId: string, userId: string, role: string): void =>
      void sql.setRole.run(role, groupId, userId),
    /** To be called when so many members more, or fewer, are in the group, or others own it. */
    cameAndWent(groupId: string, more: number, ownerIds: readonly string[], at: number): void {
      sql.cameAndWent.run(more, list.encode(ownerIds), at, groupId)
    },
    mute(groupId: string, userId: string, until: number | null): void {
      if (until === null) sql.unmute.run(groupId, userId)
      else sql.mute.run(groupId, userId, until)
    },
  }
}
