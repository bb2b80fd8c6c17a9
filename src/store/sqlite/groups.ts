import type { DatabaseSync } from 'node:sqlite'
import { type Access, requireManager } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Change } from '../../domain/change.ts'
import { ChatError, notFound } from '../../domain/errors.ts'
import {
  type Group,
  type GroupName,
  type GroupPatch,
  type GroupSummary,
  requireSeen,
} from '../../domain/group.ts'
import { limits } from '../../domain/limits.ts'
import type { GroupStore } from '../groups.ts'
import type { Written } from '../written.ts'
import { columns, firstNumber, firstText, query } from './engine/columns.ts'
import { createTogether, type Database } from './engine/database.ts'
import type { GroupCache } from './group-cache.ts'
import type { HeadCache } from './head-cache.ts'
import type { LogChange } from './log.ts'
import type { createMemberList } from './members.ts'
import type { Totals } from './stats.ts'

/** A group as its own row has it: the members have rows of their own. */
type GroupRow = Omit<GroupSummary, 'authorizedUserIds'>

const group = columns<GroupRow>({
  id: 'id',
  name: 'name',
  description: 'description',
  ownerId: 'owner_id',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  memberCount: 'member_count',
})

const allMembers =
  '(SELECT json_group_array(user_id ORDER BY position) FROM members WHERE group_id = groups.id)'
const firstMembers = `(SELECT json_group_array(user_id) FROM
  (SELECT user_id FROM members WHERE group_id = groups.id ORDER BY position LIMIT ${limits.listedMembers}))`

export type GroupReads = ReturnType<typeof createGroupReads>

export function createGroupReads(db: DatabaseSync) {
  const together = createTogether(db)
  const membersOf = (row: unknown[]): string[] => JSON.parse(String(row.at(-1)))
  const sql = {
    group: query(db, `SELECT ${group.list}, ${allMembers} FROM groups WHERE id = ?`, (row): Group => {
      const { memberCount: _, ...found } = group.of(row)
      return { ...found, authorizedUserIds: membersOf(row) }
    }),
    groupsOf: query(
      db,
      `SELECT ${group.list}, ${firstMembers} FROM groups JOIN (
         SELECT group_id, group_created_at FROM members WHERE user_id = ?
         ORDER BY group_created_at DESC, group_id DESC LIMIT ? OFFSET ?
       ) ON id = group_id ORDER BY group_created_at DESC, group_id DESC`,
      (row): GroupSummary => ({ ...group.of(row), authorizedUserIds: membersOf(row) }),
    ),
    idsOf: query(
      db,
      'SELECT group_id FROM members WHERE user_id = ? ORDER BY group_created_at DESC, group_id DESC LIMIT ?',
      firstText,
    ),
    namesOf: query(
      db,
      `SELECT id, name FROM groups WHERE id IN (SELECT value FROM json_each(?2))
       AND EXISTS (SELECT 1 FROM members WHERE group_id = groups.id AND user_id = ?1)`,
      ([id, name]: [string, string]): GroupName => ({ id, name }),
    ),
    countOf: query(db, 'SELECT count(*) FROM members WHERE user_id = ?', firstNumber),
  }
  return {
    one: (id: string): Group | null => sql.group.get(id),
    ofUser: (userId: string, page: { offset: number; limit: number }) =>
      together(() => ({
        groups: sql.groupsOf.all(userId, page.limit, page.offset),
        total: sql.countOf.get(userId) ?? 0,
      })),
    idsOfUser: (userId: string, limit: number): string[] => sql.idsOf.all(userId, limit),
    namesOfUser: (userId: string, ids: readonly string[]): GroupName[] =>
      sql.namesOf.all(userId, JSON.stringify(ids)),
  }
}

interface WriteDeps {
  access(groupId: string): Access | null
  members: ReturnType<typeof createMemberList>
  logChange: LogChange
  totals: Totals
}

/** The writes of groups. Each throws its ChatError before it writes anything. */
export function createGroupWrites(db: DatabaseSync, { access, members, logChange, totals }: WriteDeps) {
  const reads = createGroupReads(db)
  const sql = {
    taken: db.prepare('SELECT 1 FROM groups WHERE id = ?1 UNION ALL SELECT 1 FROM purge WHERE group_id = ?1'),
    insert: db.prepare(`INSERT INTO groups ${group.insert}`),
    update: db.prepare(
      'UPDATE groups SET name = ?, description = ?, updated_at = ?, member_count = ? WHERE id = ?',
    ),
    delete: db.prepare('DELETE FROM groups WHERE id = ? RETURNING seq, deleted'),
    purgeLater: db.prepare('INSERT INTO purge (group_id) VALUES (?)'),
  }

  return {
    'groups.create'(given: Group): void {
      if (sql.taken.get(given.id)) throw new ChatError('conflict', 'There is a group with this id already.')
      const userIds = distinct(given.authorizedUserIds)
      sql.insert.run(...group.values({ ...given, memberCount: userIds.length }))
      members.set(given.id, given.createdAt, userIds)
      totals.groupMade(given.createdAt)
    },

    'groups.update'(id: string, patch: GroupPatch, by: Caller, at: number): Written<Group> {
      requireManager(access(id), by)
      const before = reads.one(id)
      if (before === null) throw notFound('group')
      requireSeen(before, patch)
      const { ifTag: _, ...wanted } = { ...before, ...patch }
      const after = { ...wanted, authorizedUserIds: distinct(wanted.authorizedUserIds), updatedAt: at }

      const renamed = after.name !== before.name || after.description !== before.description
      const added = without(after.authorizedUserIds, before.authorizedUserIds)
      const removed = without(before.authorizedUserIds, after.authorizedUserIds)
      const reordered = after.authorizedUserIds.some((userId, i) => userId !== before.authorizedUserIds[i])
      if (!renamed && !reordered && removed.length === 0) return { value: before, changes: [] }

      sql.update.run(after.name, after.description, at, after.authorizedUserIds.length, id)
      if (removed.length) members.remove(id, removed)
      const kept = without(before.authorizedUserIds, removed)
      const isAppended = [...kept, ...added].every((userId, i) => userId === after.authorizedUserIds[i])
      if (!isAppended) members.set(id, after.createdAt, after.authorizedUserIds)
      else if (added.length) members.append(id, after.createdAt, added)
      const changes: Change[] = [
        ...(renamed ? [logChange(id, { type: 'group_updated', at })] : []),
        ...added.map((userId) => logChange(id, { type: 'member_added', at, data: { user_id: userId } })),
        ...removed.map((userId) => logChange(id, { type: 'member_removed', at, data: { user_id: userId } })),
      ]
      return { value: after, changes }
    },

    'groups.delete'(id: string, by: Caller): void {
      requireManager(access(id), by)
      const gone = sql.delete.get(id) as { seq: number; deleted: number } | undefined
      if (gone) totals.groupGone(gone.seq, gone.deleted)
      members.removeAll(id)
      sql.purgeLater.run(id)
    },
  }
}

const distinct = (ids: readonly string[]): string[] => [...new Set(ids)]

function without(ids: readonly string[], others: readonly string[]): string[] {
  const left = new Set(others)
  return ids.filter((id) => !left.has(id))
}

interface StoreDeps {
  database: Database
  reads: GroupReads
  groups: GroupCache
  heads: HeadCache
}

export function createGroupStore({ database, reads, groups, heads }: StoreDeps): GroupStore {
  const { read, write } = database
  const readOne = async (id: string) => read(() => groups.get(id, reads.one))

  /** Whatever came of it, the group is read again before the writer is answered. */
  const changing = <T>(id: string, written: Promise<T>): Promise<T> =>
    written.finally(() => groups.forget(id))

  return {
    async create(given) {
      await write('groups.create', given)
      return { value: given, changes: [] }
    },
    read: readOne,
    confirm: readOne,
    list: async (userId, page) => read(() => reads.ofUser(userId, page)),
    listIds: async (userId, limit) => read(() => reads.idsOfUser(userId, limit)),
    listNames: async (userId, ids) => read(() => reads.namesOfUser(userId, ids)),
    async update(id, patch, by, at) {
      const written = await changing(id, write('groups.update', id, patch, by, at))
      for (const change of written.changes) heads.raise(id, change)
      return written
    },
    async delete(id, by) {
      await changing(id, write('groups.delete', id, by)).finally(() => heads.forget(id))
      return { value: null, changes: [] }
    },
  }
}
