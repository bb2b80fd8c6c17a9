import { requireMay } from '../../domain/access.ts'
import { banning, unbanning } from '../../domain/audit.ts'
import { type Ban, isActive } from '../../domain/ban.ts'
import { ChatError } from '../../domain/errors.ts'
import { limits } from '../../domain/limits.ts'
import { requireMayBan } from '../../domain/member-changes.ts'
import type { BanStore } from '../bans.ts'
import { type AuditOnMongo, toDeedDoc } from './audit.ts'
import type { BanDetails } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { unavailable } from './engine/failure.ts'
import { type GroupChanges, removedEntry } from './group-changes.ts'
import type { Late } from './member-changes.ts'
import { recordId } from './member-records.ts'
import type { Members } from './members.ts'

export type Bans = Pick<BanStore, 'list'> & { [Name in 'put' | 'remove']: Late<BanStore[Name]> }

interface Deps {
  connection: Connection
  members: Pick<Members, 'read'>
  changes: GroupChanges
  audit: Pick<AuditOnMongo, 'record'>
}

/** Bans are records beside the group, which are made from the mark of its document. */
export function createBans({ connection, members, changes, audit }: Deps): Bans {
  const { bans, causal } = connection

  async function requireRoomForBan(groupId: string, at: number): Promise<void> {
    const count = await bans.countDocuments(lasting(groupId, at), { limit: limits.bans })
    if (count >= limits.bans) throw new ChatError('limit_reached', `A group can have ${limits.bans} bans.`)
  }

  return {
    async put(deadline, groupId, userId, { reason, until }, by, at) {
      let value: Ban | undefined
      const logged = await changes.change(groupId, [by.userId, userId], at, deadline, async (standing) => {
        const target = standing.target(userId)
        requireMayBan(standing.membership(by.userId), target, by, at)
        const found = standing.people.bans.get(userId)
        const before = found ? toBan(userId, found) : null
        const isLasting = before !== null && isActive(before, at)
        const since = isLasting ? before : { createdAt: at, createdBy: by.userId }
        value = { userId, reason, until, createdAt: since.createdAt, createdBy: since.createdBy }
        const isSame = isLasting && before.reason === reason && before.until === until
        if (isSame && !target.member) return null
        if (!isLasting) await requireRoomForBan(groupId, at)
        const removed = target.member ? [userId] : []
        const banned = { type: 'member_banned', user_id: userId, data: { user_id: userId } } as const
        return {
          entries: [
            ...removed.map((each) => removedEntry(each, by.userId)),
            {
              ...banned,
              ban: toDetails(value),
              ...(!isSame && { deed: toDeedDoc(banning(groupId, value, by, at)) }),
            },
          ],
          removed,
        }
      })
      if (!value) throw unavailable()
      return { value, changes: logged }
    },

    async remove(deadline, groupId, userId, by, at) {
      for (;;) {
        const standing = await changes.read(groupId, [by.userId, userId], deadline)
        requireMay('moderate', standing.membership(by.userId), by, at)
        const found = standing.people.bans.get(userId)
        if (!found) return { value: false, changes: [] }
        const wasBanned = isActive(toBan(userId, found), at)
        // It is recorded first, because nothing would tell of it after a crash.
        if (wasBanned) {
          const _id = `${groupId}.unban.${found.rev}`
          await audit.record([{ _id, ...toDeedDoc(unbanning(groupId, userId, by, at)) }])
        }
        const { matchedCount } = await bans.updateOne(
          { _id: recordId(groupId, userId), 'ban.rev': found.rev, 'ban.is_over': false },
          { $set: { 'ban.is_over': true } },
        )
        // Somebody else may have taken it back, or have made it anew.
        if (matchedCount === 0) continue
        await changes.touch(groupId)
        return { value: wasBanned, changes: [] }
      }
    },

    async list(groupId, by, at) {
      requireMay('moderate', await members.read(groupId, by.userId), by, at)
      const docs = await causal.read((options) =>
        bans
          .find(lasting(groupId, at), options)
          .sort({ 'ban.created_at': 1, user_id: 1 })
          .limit(limits.bans)
          .toArray(),
      )
      return docs.map(({ user_id, ban }) => toBan(user_id, ban))
    },
  }
}

/** Matches the group's bans that count. */
const lasting = (groupId: string, at: number) => ({
  group_id: groupId,
  'ban.is_over': false,
  $or: [{ 'ban.until': null }, { 'ban.until': { $gt: new Date(at) } }],
})

export const toBan = (userId: string, { reason, until, created_at, created_by }: BanDetails): Ban => ({
  userId,
  reason,
  until: until?.getTime() ?? null,
  createdAt: created_at.getTime(),
  createdBy: created_by,
})

export const toDetails = ({ reason, until, createdAt, createdBy }: Ban): BanDetails => ({
  reason,
  until: until === null ? null : new Date(until),
  created_at: new Date(createdAt),
  created_by: createdBy,
})
