import type { DatabaseSync } from 'node:sqlite'
import type { Group } from '../../domain/group.ts'
import type { Member, MembersAmong, Membership, Role } from '../../domain/member.ts'
import type { MemberStore } from '../members.ts'
import { columns, firstText, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'
import type { MembershipCache } from './membership-cache.ts'

/** A group's own row, without the counts. */
const group = columns<Group>({
  id: 'id',
  name: 'name',
  description: 'description',
  ownerId: 'owner_id',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
})

type MemberRow = [userId: string, role: Role, joinedAt: number]
const memberOf = ([userId, role, joinedAt]: MemberRow): Member => ({ userId, role, joinedAt })

/** Beyond so many users, going through all members takes less time than a look-up for each. */
const mostLookUps = 500

export type MemberReads = ReturnType<typeof createMemberReads>

export function createMemberReads(db: DatabaseSync) {
  const sql = {
    group: query(db, `SELECT ${group.list} FROM groups WHERE id = ?`, group.of),
    member: query(
      db, // A member who came before joining was recorded counts as joined with the group.
      `SELECT user_id, role, coalesce(joined_at, group_created_at) FROM members
       WHERE group_id = ? AND user_id = ?`,
      memberOf,
    ),
    some: query(
      db,
      'SELECT user_id FROM members WHERE group_id = ? AND user_id IN (SELECT value FROM json_each(?))',
      firstText,
    ),
    all: query(db, 'SELECT user_id FROM members WHERE group_id = ?', firstText),
  }
  return {
    group: (groupId: string): Group | null => sql.group.get(groupId),
    member: (groupId: string, userId: string): Member | null => sql.member.get(groupId, userId),
    membership(groupId: string, userId: string): Membership | null {
      const found = sql.group.get(groupId)
      return found && { group: found, member: sql.member.get(groupId, userId) }
    },
    among(groupId: string, userIds: readonly string[]): MembersAmong | null {
      const found = sql.group.get(groupId)
      if (!found) return null
      const asked = new Set(userIds)
      const members =
        asked.size <= mostLookUps
          ? sql.some.all(groupId, JSON.stringify([...asked]))
          : sql.all.all(groupId).filter((userId) => asked.has(userId))
      return { group: found, userIds: new Set(members) }
    },
  }
}

/** The group that users join, and when they do. */
interface Joining {
  readonly groupId: string
  readonly groupCreatedAt: number
  readonly ownerId: string | null
  readonly at: number
}

/** The writes of a group's list of members. Only inside a transaction. */
export function createMemberList(db: DatabaseSync) {
  const sql = {
    // All members go in one statement, because thousands of statements would hold up those who send.
    set: db.prepare(
      `INSERT INTO members (group_id, user_id, position, group_created_at, role, joined_at)
       SELECT ?1, value, key + ?2, ?3, CASE value WHEN ?4 THEN 'owner' ELSE 'member' END, ?5
       FROM json_each(?6) WHERE true
       ON CONFLICT DO UPDATE SET position = excluded.position WHERE position <> excluded.position`,
    ),
    lastPosition: db.prepare('SELECT max(position) AS last FROM members WHERE group_id = ?'),
    removeSome: db.prepare(
      'DELETE FROM members WHERE group_id = ? AND user_id IN (SELECT value FROM json_each(?))',
    ),
  }
  return {
    /** Makes the users members, at these places from `from` on. A user who is one already keeps role and time of joining. */
    set({ groupId, groupCreatedAt, ownerId, at }: Joining, userIds: readonly string[], from = 0): void {
      sql.set.run(groupId, from, groupCreatedAt, ownerId, at, JSON.stringify(userIds))
    },
    /** Adds the users at the end. The others keep their places, so this costs the same in a large group. */
    append(joining: Joining, userIds: readonly string[]): void {
      const last = sql.lastPosition.get(joining.groupId)?.last
      this.set(joining, userIds, Number(last ?? -1) + 1)
    },
    remove(groupId: string, userIds: readonly string[]): void {
      sql.removeSome.run(groupId, JSON.stringify(userIds))
    },
  }
}

interface StoreDeps {
  database: Pick<Database<never>, 'read'>
  reads: MemberReads
  cache: MembershipCache
}

export function createMemberStore({ database: { read }, reads, cache }: StoreDeps): MemberStore {
  const among = async (groupId: string, userIds: readonly string[]) =>
    read(() => reads.among(groupId, userIds))
  return {
    read: async (groupId, userId) => read(() => cache.get(groupId, userId, reads)),
    among,
    // Nobody else writes to the file, so a read is never older than its call.
    confirm: among,
  }
}
