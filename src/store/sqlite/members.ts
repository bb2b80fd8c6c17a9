import type { DatabaseSync } from 'node:sqlite'
import type { Access } from '../../domain/access.ts'

/** Reads who may do what in a group, as it is inside the transaction. */
export function createAccess(db: DatabaseSync): (groupId: string) => Access | null {
  const owner = db.prepare('SELECT owner_id AS ownerId FROM groups WHERE id = ?')
  const member = db.prepare('SELECT 1 FROM members WHERE group_id = ? AND user_id = ?')
  return (groupId) => {
    const row = owner.get(groupId) as Pick<Access, 'ownerId'> | undefined
    return row
      ? { ownerId: row.ownerId, isMember: (userId) => member.get(groupId, userId) !== undefined }
      : null
  }
}

/** The writes of a group's list of members. Only inside a transaction. */
export function createMemberList(db: DatabaseSync) {
  const sql = {
    // All in one statement: thousands of them would hold up who sends.
    set: db.prepare(
      `INSERT INTO members (group_id, user_id, position, group_created_at)
       SELECT ?1, value, key + ?2, ?3 FROM json_each(?4) WHERE true
       ON CONFLICT DO UPDATE SET position = excluded.position WHERE position <> excluded.position`,
    ),
    lastPosition: db.prepare('SELECT max(position) AS last FROM members WHERE group_id = ?'),
    removeSome: db.prepare(
      'DELETE FROM members WHERE group_id = ? AND user_id IN (SELECT value FROM json_each(?))',
    ),
  }
  return {
    /** They are the members, at these places from `from` on. */
    set(groupId: string, createdAt: number, userIds: readonly string[], from = 0): void {
      sql.set.run(groupId, from, createdAt, JSON.stringify(userIds))
    },
    /** Who stays keeps the place: one who comes last costs the same in a large group. */
    append(groupId: string, createdAt: number, userIds: readonly string[]): void {
      const last = sql.lastPosition.get(groupId)?.last
      this.set(groupId, createdAt, userIds, Number(last ?? -1) + 1)
    },
    remove(groupId: string, userIds: readonly string[]): void {
      sql.removeSome.run(groupId, JSON.stringify(userIds))
    },
  }
}
