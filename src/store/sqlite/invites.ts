import type { DatabaseSync } from 'node:sqlite'
import { requireMay, requireNotBanned } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import { ChatError, notFound } from '../../domain/errors.ts'
import { type Invite, requireRoomForInvite, requireUsable } from '../../domain/invite.ts'
import { limits } from '../../domain/limits.ts'
import type { InviteStore } from '../invites.ts'
import type { Written } from '../written.ts'
import { columns, firstNumber, flag, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'
import type { GroupChanged } from './group-changes.ts'
import type { MemberReads } from './member-reads.ts'
import type { createMemberWrites } from './member-writes.ts'

export const invite = columns<Invite>({
  code: 'code',
  groupId: 'group_id',
  createdBy: 'created_by',
  byOperator: ['by_operator', flag],
  createdAt: 'created_at',
  expiresAt: 'expires_at',
  maxUses: 'max_uses',
  uses: 'uses',
})

/** Those of a deleted group are purged later, and nobody finds them any more. */
const ofLivingGroup = 'EXISTS (SELECT 1 FROM groups WHERE id = invites.group_id)'
const isLive = 'expires_at > ?2 AND (max_uses IS NULL OR uses < max_uses)'

export function createInviteReads(db: DatabaseSync) {
  const sql = {
    one: query(db, `SELECT ${invite.list} FROM invites WHERE code = ? AND ${ofLivingGroup}`, invite.of),
    inTime: query(
      db,
      `SELECT ${invite.list} FROM invites WHERE group_id = ? AND expires_at > ? ORDER BY created_at, code`,
      invite.of,
    ),
  }
  return {
    one: (code: string): Invite | null => sql.one.get(code),
    inTime: (groupId: string, at: number): Invite[] => sql.inTime.all(groupId, at),
  }
}

interface WriteDeps {
  memberReads: MemberReads
  memberWrites: Pick<ReturnType<typeof createMemberWrites>, 'members.add'>
}

/** The writes of invites. Each throws its ChatError before it writes anything. */
export function createInviteWrites(db: DatabaseSync, { memberReads, memberWrites }: WriteDeps) {
  const reads = createInviteReads(db)
  const sql = {
    taken: db.prepare('SELECT 1 FROM invites WHERE code = ?'),
    live: query(db, `SELECT count(*) FROM invites WHERE group_id = ?1 AND ${isLive}`, firstNumber),
    // It leaves room for one.
    dropOldest: db.prepare(
      `DELETE FROM invites WHERE code IN (
         SELECT code FROM invites WHERE group_id = ?1 AND NOT (${isLive}) ORDER BY created_at, code
         LIMIT max(0, (SELECT count(*) FROM invites WHERE group_id = ?1) - ${limits.keptInvites - 1})
       )`,
    ),
    insert: db.prepare(`INSERT INTO invites ${invite.insert}`),
    delete: db.prepare('DELETE FROM invites WHERE group_id = ? AND code = ?'),
    use: db.prepare('UPDATE invites SET uses = uses + 1 WHERE code = ?'),
  }

  return {
    'invites.create'(made: Invite, by: Caller): void {
      requireMay('moderate', memberReads.membership(made.groupId, by.userId), by, made.createdAt)
      requireRoomForInvite(sql.live.get(made.groupId, made.createdAt) ?? 0)
      if (sql.taken.get(made.code))
        throw new ChatError('conflict', 'There is an invite with this code already.')
      sql.dropOldest.run(made.groupId, made.createdAt)
      sql.insert.run(...invite.values(made))
    },

    'invites.remove'(groupId: string, code: string, by: Caller, at: number): boolean {
      requireMay('moderate', memberReads.membership(groupId, by.userId), by, at)
      return sql.delete.run(groupId, code).changes > 0
    },

    'invites.accept'(code: string, by: Caller, at: number, maxMembers: number): Written<string> {
      const found = reads.one(code)
      const membership = found && memberReads.membership(found.groupId, by.userId)
      if (!found || !membership) throw notFound('invite')
      const { groupId } = found
      requireNotBanned(membership, by, at)
      if (membership.member) return { value: groupId, changes: [] }
      requireUsable(found, memberReads.membership(groupId, found.createdBy), at)
      const { changes } = memberWrites['members.add'](groupId, [by.userId], 'invited', by, at, maxMembers)
      sql.use.run(code)
      return { value: groupId, changes }
    },
  }
}

interface StoreDeps {
  database: Database<ReturnType<typeof createInviteWrites>>
  reads: ReturnType<typeof createInviteReads>
  memberReads: MemberReads
  changed: GroupChanged
  /** How many members a group may have. */
  maxMembers: number
}

export function createInviteStore(deps: StoreDeps): InviteStore {
  const { database, reads, memberReads, changed, maxMembers } = deps
  const { read, write } = database
  return {
    async create(made, by) {
      await write('invites.create', made, by)
      return { value: made, changes: [] }
    },
    async remove(groupId, code, by, at) {
      return { value: await write('invites.remove', groupId, code, by, at), changes: [] }
    },
    list: async (groupId, by, at) =>
      read(() => {
        requireMay('moderate', memberReads.membership(groupId, by.userId), by, at)
        return reads.inTime(groupId, at)
      }),
    read: async (code) => read(() => reads.one(code)),
    async accept(code, by, at) {
      const found = read(() => reads.one(code))
      if (!found) throw notFound('invite')
      return changed(found.groupId, write('invites.accept', code, by, at, maxMembers))
    },
  }
}
