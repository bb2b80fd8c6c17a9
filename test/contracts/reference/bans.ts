import { requireMay } from '../../../src/domain/access.ts'
import { banning, unbanning } from '../../../src/domain/audit.ts'
import { isActive } from '../../../src/domain/ban.ts'
import { requireMayBan } from '../../../src/domain/member-changes.ts'
import type { BanStore } from '../../../src/store/bans.ts'
import { type Contents, logChange, standingIn } from './kept.ts'
import { takeOut } from './members.ts'

export function referenceBans({ groups, deeds, membership, need }: Contents): BanStore {
  return {
    async put(groupId, userId, terms, by, at) {
      const kept = groups.get(groupId)
      const target = kept ? standingIn(kept, userId) : { member: null, mutedUntil: null }
      requireMayBan(membership(groupId, by.userId), { userId, ...target }, by, at)
      const there = need(groupId)
      const before = there.bans.get(userId)
      const lasting = before && isActive(before, at) ? before : undefined
      const value = { ...(lasting ?? { userId, createdAt: at, createdBy: by.userId }), ...terms }
      if (JSON.stringify(value) === JSON.stringify(lasting)) return { value, changes: [] }
      there.bans.set(userId, value)
      deeds.push(banning(groupId, value, by, at))
      const changes = []
      if (target.member) {
        takeOut(there, userId, there.group.ownerIds, at)
        const data = { user_id: userId, by: by.userId }
        changes.push(logChange(there, { type: 'member_removed', at, data }))
      }
      changes.push(logChange(there, { type: 'member_banned', at, data: { user_id: userId } }))
      return { value, changes }
    },

    async remove(groupId, userId, by, at) {
      requireMay('moderate', membership(groupId, by.userId), by, at)
      const { bans } = need(groupId)
      const before = bans.get(userId) ?? null
      bans.delete(userId)
      const wasBanned = isActive(before, at)
      if (wasBanned) deeds.push(unbanning(groupId, userId, by, at))
      return { value: wasBanned, changes: [] }
    },

    async list(groupId, by, at) {
      requireMay('moderate', membership(groupId, by.userId), by, at)
      const found = [...need(groupId).bans.values()].filter((ban) => isActive(ban, at))
      return found.sort((a, b) => a.createdAt - b.createdAt || (a.userId < b.userId ? -1 : 1))
    },
  }
}
