import type { DatabaseSync } from 'node:sqlite'
import { type Access, requireManager } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import { ChatError, notFound } from '../../domain/errors.ts'
import { type Group, type GroupPatch, requireSeen } from '../../domain/group.ts'
import type { Written } from '../written.ts'
import type { ChangeLog } from './change-log.ts'
import type { Reads } from './reads.ts'
import type { Totals } from './totals.ts'

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

interface GroupWriteDeps {
  reads: Reads
  access: ReturnType<typeof createAccess>
  logChange: ChangeLog
  totals: Totals
}

/** The writes of groups. Each throws its ChatError before it writes anything. */
export function createGroupWrites(db: DatabaseSync, { reads, access, logChange, totals }: GroupWriteDeps) {
  const sql = {
    taken: db.prepare('SELECT 1 FROM groups WHERE id = ?1 UNION ALL SELECT 1 FROM purge WHERE group_id = ?1'),
    insert: db.prepare(
      `INSERT INTO groups (id, name, description, owner_id, created_at, updated_at, member_count)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    update: db.prepare(
      'UPDATE groups SET name = ?, description = ?, updated_at = ?, member_count = ? WHERE id = ?',
    ),
    delete: db.prepare('DELETE FROM groups WHERE id = ?'),
    purgeLater: db.prepare('INSERT INTO purge (group_id) VALUES (?)'),
    // All in one statement: thousands of them would hold up who sends.
    setMembers: db.prepare(
      `INSERT INTO members (group_id, user_id, position, group_created_at)
       SELECT ?1, value, key + ?2, ?3 FROM json_each(?4) WHERE true
       ON CONFLICT DO UPDATE SET position = excluded.position WHERE position <> excluded.position`,
    ),
    lastPosition: db.prepare('SELECT max(position) AS last FROM members WHERE group_id = ?'),
    removeSome: db.prepare(
      'DELETE FROM members WHERE group_id = ? AND user_id IN (SELECT value FROM json_each(?))',
    ),
    removeMembers: db.prepare('DELETE FROM members WHERE group_id = ?'),
  }

  const setMembers = ({ id, createdAt }: Group, userIds: readonly string[], from = 0) =>
    sql.setMembers.run(id, from, createdAt, JSON.stringify(userIds))

  return {
    createGroup(given: Group): void {
      if (sql.taken.get(given.id)) throw new ChatError('conflict', 'There is a group with this id already.')
      const group = { ...given, authorizedUserIds: distinct(given.authorizedUserIds) }
      const { id, name, description, ownerId, createdAt, updatedAt } = group
      sql.insert.run(id, name, description, ownerId, createdAt, updatedAt, group.authorizedUserIds.length)
      setMembers(group, group.authorizedUserIds)
      totals.groupMade(createdAt)
    },

    updateGroup(id: string, patch: GroupPatch, by: Caller, at: number): Written<Group> {
      requireManager(access(id), by)
      const before = reads.group(id)
      if (before === null) throw notFound('group')
      requireSeen(before, patch)
      const { ifTag: _, ...wanted } = { ...before, ...patch }
      const group = { ...wanted, authorizedUserIds: distinct(wanted.authorizedUserIds), updatedAt: at }

      const renamed = group.name !== before.name || group.description !== before.description
      const added = without(group.authorizedUserIds, before.authorizedUserIds)
      const removed = without(before.authorizedUserIds, group.authorizedUserIds)
      const reordered = group.authorizedUserIds.some((userId, i) => userId !== before.authorizedUserIds[i])
      if (!renamed && !reordered && removed.length === 0) return { value: before, changes: [] }

      sql.update.run(group.name, group.description, at, group.authorizedUserIds.length, id)
      if (removed.length) sql.removeSome.run(id, JSON.stringify(removed))
      // Who stays keeps the place: one who comes last costs the same in a large group.
      const kept = without(before.authorizedUserIds, removed)
      const isAppended = [...kept, ...added].every((userId, i) => userId === group.authorizedUserIds[i])
      if (isAppended && added.length) {
        const last = sql.lastPosition.get(id)?.last
        setMembers(group, added, Number(last ?? -1) + 1)
      } else if (!isAppended) setMembers(group, group.authorizedUserIds)
      const changes = [
        ...(renamed ? [logChange(id, { type: 'group_updated', at })] : []),
        ...added.map((userId) => logChange(id, { type: 'member_added', userId, at })),
        ...removed.map((userId) => logChange(id, { type: 'member_removed', userId, at })),
      ]
      return { value: group, changes }
    },

    deleteGroup(id: string, by: Caller): void {
      requireManager(access(id), by)
      const head = reads.head(id)
      if (head) totals.groupGone(head.seq, head.deleted)
      sql.delete.run(id)
      sql.removeMembers.run(id)
      sql.purgeLater.run(id)
    },
  }
}

const distinct = (ids: readonly string[]): string[] => [...new Set(ids)]

function without(ids: readonly string[], others: readonly string[]): string[] {
  const left = new Set(others)
  return ids.filter((id) => !left.has(id))
}
