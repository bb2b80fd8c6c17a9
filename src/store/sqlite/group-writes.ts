import type { DatabaseSync } from 'node:sqlite'
import { requireMay } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Change } from '../../domain/change.ts'
import { memberData } from '../../domain/changes.ts'
import { ChatError, notFound } from '../../domain/errors.ts'
import {
  type GroupPatch,
  type GroupWithMembers,
  isForOwners,
  isToldApart,
  requireRoom,
  requireSeen,
} from '../../domain/group.ts'
import { newMember, ownersWithout, requireNoneBanned } from '../../domain/member-changes.ts'
import type { Naming } from '../../domain/naming.ts'
import { difference } from '../../domain/user-list.ts'
import type { Written } from '../written.ts'
import type { LogChange } from './changes.ts'
import { type GroupRow, group, groupRow } from './group-columns.ts'
import type { EndGroup } from './group-end.ts'
import type { GroupNumbers } from './group-numbers.ts'
import { createGroupReads } from './group-reads.ts'
import { joining, type MemberList } from './member-list.ts'
import type { MemberReads } from './member-reads.ts'
import type { NameWrites } from './names.ts'
import type { Totals } from './stats.ts'

interface WriteDeps {
  memberReads: MemberReads
  members: MemberList
  numbers: GroupNumbers
  names: NameWrites
  logChange: LogChange
  totals: Totals
  endGroup: EndGroup
}

/** The writes of groups. Each throws its ChatError before it writes anything. */
export function createGroupWrites(db: DatabaseSync, deps: WriteDeps) {
  const { memberReads, members, numbers, names, logChange, totals, endGroup } = deps
  const reads = createGroupReads(db)
  const sql = {
    taken: db.prepare('SELECT 1 FROM groups WHERE id = ?1 UNION ALL SELECT 1 FROM purge WHERE group_id = ?1'),
    insert: db.prepare(`INSERT INTO groups ${groupRow.insert}`),
    update: db.prepare(`UPDATE groups SET ${group.set} WHERE id = ?`),
    beginDraft: db.prepare('INSERT INTO purge (group_id, is_draft) VALUES (?, 1)'),
    endDraft: db.prepare('DELETE FROM purge WHERE group_id = ? AND is_draft = 1'),
    dropDraft: db.prepare('UPDATE purge SET is_draft = 0 WHERE group_id = ?'),
  }

  const requireFree = (id: string): void => {
    if (sql.taken.get(id)) throw new ChatError('conflict', 'There is a group with this id already.')
  }

  /** Returns the group's number. */
  const insert = (row: GroupRow, naming: Naming | null): number => {
    const number = numbers.next()
    if (naming) names.give(naming, row.id)
    sql.insert.run(...groupRow.values({ ...row, number }))
    totals.groupMade(row.createdAt)
    return number
  }

  return {
    /** Returns the group's number. */
    'groups.create'(
      row: GroupRow,
      userIds: readonly string[],
      maxMembers: number,
      naming: Naming | null = null,
    ): number {
      requireFree(row.id)
      if (naming) names.requireNext(naming)
      requireRoom(0, userIds.length, maxMembers)
      const number = insert(row, naming)
      members.set(joining(row, row.createdAt), userIds)
      return number
    },

    /** A group of many members is made in steps, so that sends get their turn in between; nobody sees it before it is whole. */
    'groups.beginDraft'(id: string, memberCount: number, maxMembers: number): void {
      requireFree(id)
      requireRoom(0, memberCount, maxMembers)
      sql.beginDraft.run(id)
    },
    'groups.addToDraft'(row: GroupRow, userIds: readonly string[], from: number): void {
      members.set(joining(row, row.createdAt), userIds, from)
    },
    /** Returns the group's number. */
    'groups.endDraft'(row: GroupRow, naming: Naming | null = null): number {
      if (naming) names.requireNext(naming)
      sql.endDraft.run(row.id)
      return insert(row, naming)
    },
    /** The group will never be whole, so what there is of it is purged. */
    'groups.dropDraft': (id: string): void => void sql.dropDraft.run(id),

    /** The patch's members are distinct. */
    'groups.update'(
      id: string,
      patch: GroupPatch,
      by: Caller,
      at: number,
      maxMembers: number,
    ): Written<GroupWithMembers> {
      const action = isForOwners(patch) ? 'manage' : 'describe'
      requireMay(action, memberReads.membership(id, by.userId), by, at)
      const before = reads.one(id)
      if (before === null) throw notFound('group')
      requireSeen(before, patch)
      const { ifTag: _, ...wanted } = { ...before, ...patch }
      const lists = difference(before.authorizedUserIds, wanted.authorizedUserIds)
      const { added, removed } = lists
      requireNoneBanned(added, memberReads.among(id, added)?.bannedUntil ?? new Map(), by, at)
      const ownerIds = removed.length ? ownersWithout(before, removed) : before.ownerIds
      requireRoom(before.authorizedUserIds.length - removed.length, added.length, maxMembers)

      const isTold = isToldApart(before, wanted)
      if (!isTold && lists.isSame) return { value: before, changes: [] }
      const after = { ...wanted, ownerIds, updatedAt: at }
      sql.update.run(...group.values(after), id)
      if (removed.length) members.remove(id, removed)
      if (!lists.isAppended) members.set(joining(after, at), after.authorizedUserIds)
      else if (added.length) members.append(joining(after, at), added)
      members.cameAndWent(id, added.length - removed.length, ownerIds, at)

      const mutes = memberReads.mutesAmong(id, added)
      const changes: Change[] = [
        ...(isTold ? [logChange(id, { type: 'group_updated', at })] : []),
        ...added.map((userId) => {
          const member = newMember(after, userId, mutes.get(userId) ?? null, at)
          return logChange(id, { type: 'member_added', at, data: memberData(member) })
        }),
        ...removed.map((userId) => {
          const data = { user_id: userId, by: by.userId }
          return logChange(id, { type: 'member_removed', at, data })
        }),
      ]
      return { value: after, changes }
    },

    'groups.delete'(id: string, by: Caller, at: number): Written<null> {
      requireMay('delete', memberReads.membership(id, by.userId), by, at)
      endGroup(id, at)
      return { value: null, changes: [] }
    },
  }
}
