import type { DatabaseSync } from 'node:sqlite'
import { requireMay } from '../../domain/access.ts'
import { banning, unbanning } from '../../domain/audit.ts'
import { type Ban, type BanTerms, isActive } from '../../domain/ban.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Change } from '../../domain/change.ts'
import { ChatError } from '../../domain/errors.ts'
import { limits } from '../../domain/limits.ts'
import { requireMayBan } from '../../domain/member-changes.ts'
import type { BanStore } from '../bans.ts'
import type { Written } from '../written.ts'
import type { Audit } from './audit.ts'
import type { LogChange } from './changes.ts'
import { columns, type Declared, firstNumber, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'
import type { GroupChanged } from './group-changes.ts'
import type { MemberList } from './member-list.ts'
import type { MemberReads } from './member-reads.ts'

export const declaredBan: Declared<Ban> = {
  userId: 'user_id',
  reason: 'reason',
  until: 'until',
  createdAt: 'created_at',
  createdBy: 'created_by',
}
const ban = columns(declaredBan)

const counts = '(until IS NULL OR until > ?2)'

interface WriteDeps {
  memberReads: MemberReads
  members: MemberList
  logChange: LogChange
  audit: Audit
}

/** The writes of bans. Each throws its ChatError before it writes anything. */
export function createBanWrites(db: DatabaseSync, { memberReads, members, logChange, audit }: WriteDeps) {
  const sql = {
    find: query(db, `SELECT ${ban.list} FROM bans WHERE group_id = ? AND user_id = ?`, ban.of),
    count: query(db, `SELECT count(*) FROM bans WHERE group_id = ?1 AND ${counts}`, firstNumber),
    all: query(db, 'SELECT count(*) FROM bans WHERE group_id = ?', firstNumber),
    dropEnded: db.prepare(`DELETE FROM bans WHERE group_id = ?1 AND NOT ${counts}`),
    put: db.prepare(
      `INSERT OR REPLACE INTO bans (group_id, user_id, reason, until, created_at, created_by)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    remove: db.prepare('DELETE FROM bans WHERE group_id = ? AND user_id = ?'),
  }

  function requireRoomForBan(groupId: string, at: number): void {
    if ((sql.all.get(groupId) ?? 0) < limits.bans) return
    if ((sql.count.get(groupId, at) ?? 0) >= limits.bans)
      throw new ChatError('limit_reached', `A group can have ${limits.bans} bans.`)
    sql.dropEnded.run(groupId, at)
  }

  return {
    'bans.put'(groupId: string, userId: string, terms: BanTerms, by: Caller, at: number): Written<Ban> {
      const membership = memberReads.membership(groupId, by.userId)
      const target = { userId, ...memberReads.standing(groupId, userId) }
      requireMayBan(membership, target, by, at)
      const before = sql.find.get(groupId, userId)
      const lasting = isActive(before, at) ? before : null
      const value = { ...(lasting ?? { userId, createdAt: at, createdBy: by.userId }), ...terms }
      if (lasting && lasting.reason === terms.reason && lasting.until === terms.until)
        return { value, changes: [] }
      if (!before) requireRoomForBan(groupId, at)
      sql.put.run(groupId, userId, value.reason, value.until, value.createdAt, value.createdBy)
      audit(banning(groupId, value, by, at))
      const changes: Change[] = []
      if (target.member) {
        members.remove(groupId, [userId])
        members.cameAndWent(groupId, -1, membership.group.ownerIds, at)
        const data = { user_id: userId, by: by.userId }
        changes.push(logChange(groupId, { type: 'member_removed', at, data }))
      }
      changes.push(logChange(groupId, { type: 'member_banned', at, data: { user_id: userId } }))
      return { value, changes }
    },

    'bans.remove'(groupId: string, userId: string, by: Caller, at: number): Written<boolean> {
      requireMay('moderate', memberReads.membership(groupId, by.userId), by, at)
      const before = sql.find.get(groupId, userId)
      if (before) sql.remove.run(groupId, userId)
      const wasBanned = isActive(before, at)
      if (wasBanned) audit(unbanning(groupId, userId, by, at))
      return { value: wasBanned, changes: [] }
    },
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createBanWrites>>
  reads: MemberReads
  changed: GroupChanged
}

export function createBanStore({ db, database: { read, write }, reads, changed }: StoreDeps): BanStore {
  const list = query(
    db,
    `SELECT ${ban.list} FROM bans WHERE group_id = ?1 AND ${counts}
     ORDER BY created_at, user_id LIMIT ${limits.bans}`,
    ban.of,
  )
  return {
    put: (groupId, userId, terms, by, at) =>
      changed(groupId, write('bans.put', groupId, userId, terms, by, at)),
    remove: (groupId, userId, by, at) => changed(groupId, write('bans.remove', groupId, userId, by, at)),
    list: async (groupId, by, at) =>
      read(() => {
        requireMay('moderate', reads.membership(groupId, by.userId), by, at)
        return list.all(groupId, at)
      }),
  }
}
