import type { DatabaseSync } from 'node:sqlite'
import { requireMay } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Change } from '../../domain/change.ts'
import { ChatError, notFound } from '../../domain/errors.ts'
import {
  type Group,
  type GroupName,
  type GroupPatch,
  type GroupSummary,
  type GroupWithMembers,
  requireSeen,
} from '../../domain/group.ts'
import { type GroupListing, isByCreation } from '../../domain/group-list.ts'
import { limits } from '../../domain/limits.ts'
import { difference, distinct } from '../../domain/user-list.ts'
import type { GroupStore } from '../groups.ts'
import type { Written } from '../written.ts'
import type { LogChange } from './changes.ts'
import { columns, firstNumber, query } from './engine/columns.ts'
import { createTogether, type Database } from './engine/database.ts'
import type { Moves } from './feed.ts'
import { createGroupListReads } from './group-list.ts'
import type { HeadCache } from './head-cache.ts'
import type { createMemberList, MemberReads } from './members.ts'
import type { MembershipCache } from './membership-cache.ts'
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
    ...group.of(row),
    authorizedUserIds: membersOf(row),
  })
  const sql = {
    whole: query(
      db,
      `SELECT ${group.list}, ${allMembers} FROM groups WHERE id = ?`,
      (row): GroupWithMembers => {
        const { memberCount: _, ...found } = group.of(row)
        return { ...found, authorizedUserIds: membersOf(row) }
      },
    ),
    summary: query(db, `SELECT ${group.list}, ${firstMembers} FROM groups WHERE id = ?`, summaryIn),
    groupsOf: query(
      db,
      `SELECT ${group.list}, ${firstMembers} FROM groups JOIN (
         SELECT group_id, group_created_at FROM members WHERE user_id = ? AND ${isWhole}
         ORDER BY group_created_at DESC, group_id DESC LIMIT ? OFFSET ?
       ) ON id = group_id ORDER BY group_created_at DESC, group_id DESC`,
      summaryIn,
    ),
    summaries: query(
      db,
      `SELECT ${group.list}, ${firstMembers} FROM groups WHERE id IN (SELECT value FROM json_each(?))`,
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
  const lists = createGroupListReads(db, (ids) => sql.summaries.all(JSON.stringify(ids)))
  const byCreation = (userId: string, { limit, offset }: GroupListing) => ({
    groups: sql.groupsOf.all(userId, limit, offset),
    total: sql.countOf.get(userId) ?? 0,
  })
  return {
    one: (id: string): GroupWithMembers | null => sql.whole.get(id),
    summary: (id: string): GroupSummary | null => sql.summary.get(id),
    ofUser: (userId: string, listing: GroupListing) =>
      together(() => (isByCreation(listing) ? byCreation : lists.page)(userId, listing)),
    idsOfUser: lists.idsByActivity,
    namesOfUser: (userId: string, ids: readonly string[]): GroupName[] =>
      sql.namesOf.all(userId, JSON.stringify(ids)),
  }
}

interface WriteDeps {
  memberReads: MemberReads
  members: ReturnType<typeof createMemberList>
  logChange: LogChange
  moves: Moves
  totals: Totals
}

/** The writes of groups. Each throws its ChatError before it writes anything. */
export function createGroupWrites(
  db: DatabaseSync,
  { memberReads, members, logChange, moves, totals }: WriteDeps,
) {
  const reads = createGroupReads(db)
  const sql = {
    taken: db.prepare('SELECT 1 FROM groups WHERE id = ?1 UNION ALL SELECT 1 FROM purge WHERE group_id = ?1'),
    insert: db.prepare(`INSERT INTO groups ${group.insert}`),
    update: db.prepare(
      'UPDATE groups SET name = ?, description = ?, updated_at = ?, member_count = ? WHERE id = ?',
    ),
    delete: db.prepare('DELETE FROM groups WHERE id = ? RETURNING seq, deleted'),
    purgeLater: db.prepare('INSERT INTO purge (group_id) VALUES (?)'),
    beginDraft: db.prepare('INSERT INTO purge (group_id, is_draft) VALUES (?, 1)'),
    endDraft: db.prepare('DELETE FROM purge WHERE group_id = ? AND is_draft = 1'),
    dropDraft: db.prepare('UPDATE purge SET is_draft = 0 WHERE group_id = ?'),
  }

  const requireFree = (id: string): void => {
    if (sql.taken.get(id)) throw new ChatError('conflict', 'There is a group with this id already.')
  }

  const requireManager = (id: string, by: Caller): void =>
    requireMay('manage', memberReads.membership(id, by.userId), by)

  const insert = (row: GroupRow): void => {
    sql.insert.run(...group.values(row))
    totals.groupMade(row.createdAt)
  }

  return {
    'groups.create'(row: GroupRow, userIds: readonly string[]): void {
      requireFree(row.id)
      insert(row)
      members.set(joining(row, row.createdAt), userIds)
    },

    /** A group of many members is made in steps, so that sends get their turn in between; nobody sees it before it is whole. */
    'groups.beginDraft'(id: string): void {
      requireFree(id)
      sql.beginDraft.run(id)
    },
    'groups.addToDraft'(row: GroupRow, userIds: readonly string[], from: number): void {
      members.set(joining(row, row.createdAt), userIds, from)
    },
    'groups.endDraft'(row: GroupRow): void {
      sql.endDraft.run(row.id)
      insert(row)
    },
    /** The group will never be whole, so what there is of it is purged. */
    'groups.dropDraft': (id: string): void => void sql.dropDraft.run(id),

    /** The patch's members are distinct. */
    'groups.update'(id: string, patch: GroupPatch, by: Caller, at: number): Written<GroupWithMembers> {
      requireManager(id, by)
      const before = reads.one(id)
      if (before === null) throw notFound('group')
      requireSeen(before, patch)
      const { ifTag: _, ...wanted } = { ...before, ...patch }
      const after = { ...wanted, updatedAt: at }

      const renamed = after.name !== before.name || after.description !== before.description
      const lists = difference(before.authorizedUserIds, after.authorizedUserIds)
      const { added, removed } = lists
      if (!renamed && lists.isSame) return { value: before, changes: [] }

      sql.update.run(after.name, after.description, at, after.authorizedUserIds.length, id)
      if (removed.length) members.remove(id, removed)
      if (!lists.isAppended) members.set(joining(after, at), after.authorizedUserIds)
      else if (added.length) members.append(joining(after, at), added)
      const changes: Change[] = [
        ...(renamed ? [logChange(id, { type: 'group_updated', at })] : []),
        ...added.map((userId) => logChange(id, { type: 'member_added', at, data: { user_id: userId } })),
        ...removed.map((userId) => logChange(id, { type: 'member_removed', at, data: { user_id: userId } })),
      ]
      return { value: after, changes }
    },

    'groups.delete'(id: string, by: Caller): void {
      requireManager(id, by)
      const gone = sql.delete.get(id) as { seq: number; deleted: number } | undefined
      if (gone) totals.groupGone(gone.seq, gone.deleted)
      moves.keepLast()
      sql.purgeLater.run(id)
    },
  }
}

const joining = ({ id, createdAt, ownerId }: Group, at: number) => ({
  groupId: id,
  groupCreatedAt: createdAt,
  ownerId,
  at,
})

/** One job of the writer adds so many members to a new group, which is some 2 ms of work. */
export const membersPerStep = 200

interface StoreDeps {
  database: Database<ReturnType<typeof createGroupWrites>>
  reads: GroupReads
  memberships: MembershipCache
  heads: HeadCache
}

export function createGroupStore({ database, reads, memberships, heads }: StoreDeps): GroupStore {
  const { read, write } = database

  async function createInSteps(row: GroupRow, userIds: readonly string[]): Promise<void> {
    await write('groups.beginDraft', row.id)
    try {
      for (let from = 0; from < userIds.length; from += membersPerStep) {
        const some = userIds.slice(from, from + membersPerStep)
        await write('groups.addToDraft', row, some, from)
      }
      await write('groups.endDraft', row)
    } catch (error) {
      // If not even this can be written, the next start drops the draft.
      await write('groups.dropDraft', row.id).catch(() => undefined)
      throw error
    }
  }

  /** Drops what is kept of the group before the caller is answered, whatever came of the write. */
  const changing = <T>(id: string, written: Promise<T>): Promise<T> =>
    written.finally(() => memberships.forget(id))

  return {
    async create(given) {
      const { authorizedUserIds, ...rest } = given
      const userIds = distinct(authorizedUserIds)
      const row = { ...rest, memberCount: userIds.length }
      if (userIds.length <= membersPerStep) await write('groups.create', row, userIds)
      else await createInSteps(row, userIds)
      return { value: given, changes: [] }
    },
    read: async (id) => read(() => reads.one(id)),
    readSummary: async (id) => read(() => reads.summary(id)),
    list: async (userId, listing) => read(() => reads.ofUser(userId, listing)),
    listIds: async (userId, limit) => read(() => reads.idsOfUser(userId, limit)),
    listNames: async (userId, ids) => read(() => reads.namesOfUser(userId, ids)),
    async update(id, patch, by, at) {
      const { authorizedUserIds } = patch
      const distinctly = authorizedUserIds
        ? { ...patch, authorizedUserIds: distinct(authorizedUserIds) }
        : patch
      const written = await changing(id, write('groups.update', id, distinctly, by, at))
      for (const change of written.changes) heads.raise(id, change)
      return written
    },
    async delete(id, by) {
      await changing(id, write('groups.delete', id, by)).finally(() => heads.forget(id))
      return { value: null, changes: [] }
    },
  }
}
