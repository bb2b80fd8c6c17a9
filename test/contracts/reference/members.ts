import { roleChange } from '../../../src/domain/audit.ts'
import { memberData } from '../../../src/domain/changes.ts'
import { requireRoom } from '../../../src/domain/group.ts'
import type { Member } from '../../../src/domain/member.ts'
import {
  changeMember,
  newMember,
  removeMember,
  requireMayAdd,
  requireNoneBanned,
} from '../../../src/domain/member-changes.ts'
import { isCalled } from '../../../src/domain/profile.ts'
import { distinct } from '../../../src/domain/user-list.ts'
import type { MemberStore } from '../../../src/store/members.ts'
import type { ProfileStore } from '../../../src/store/profiles.ts'
import { mostMembers } from '../../support/samples.ts'
import { type Contents, type Kept, logChange, standingIn, withoutMembers } from './kept.ts'

/** Everybody in the group: owners, admins, then the others, each in the order of the list. */
export function membersInOrder(kept: Kept): Member[] {
  const all = kept.group.authorizedUserIds.flatMap((userId) => standingIn(kept, userId).member ?? [])
  return (['owner', 'admin', 'member'] as const).flatMap((role) => all.filter((one) => one.role === role))
}

export const bannedUntil = ({ bans }: Kept, userIds: readonly string[]) =>
  new Map([...bans].filter(([id]) => userIds.includes(id)).map(([id, { until }]) => [id, until]))

/** Takes the user from the group. */
export function takeOut(kept: Kept, userId: string, ownerIds: readonly string[], at: number): void {
  kept.members.delete(userId)
  kept.reads.delete(userId)
  const authorizedUserIds = kept.group.authorizedUserIds.filter((id) => id !== userId)
  kept.group = { ...kept.group, authorizedUserIds, ownerIds, updatedAt: at }
}

export function referenceMembers(
  { groups, deeds, membership, need, end }: Contents,
  profiles: Pick<ProfileStore, 'read'>,
): MemberStore {
  const sharing: MemberStore['sharing'] = async (userId, others) => {
    const own = [...groups.values()].filter(({ members }) => members.has(userId))
    return new Set(others.filter((other) => own.some(({ members }) => members.has(other))))
  }
  const among: MemberStore['among'] = async (groupId, userIds) => {
    const kept = groups.get(groupId)
    if (!kept) return null
    return {
      group: withoutMembers(kept.group),
      userIds: new Set(userIds.filter((id) => kept.members.has(id))),
      bannedUntil: bannedUntil(kept, userIds),
    }
  }

  const logMember = (type: 'member_added' | 'member_updated', kept: Kept, member: Member, at: number) =>
    logChange(kept, { type, at, data: memberData(member) })

  return {
    read: async (groupId, userId) => membership(groupId, userId),
    among,
    confirm: among,
    sharing,

    async list(groupId, { role, q = '', limit, after }) {
      const kept = groups.get(groupId)
      if (!kept) return null
      const isFound = isCalled(q)
      const called = new Map((await profiles.read([...kept.members.keys()])).map((each) => [each.id, each]))
      const found = membersInOrder(kept).filter(
        (one) => (role === undefined || one.role === role) && isFound(one.userId, called.get(one.userId)),
      )
      const from = after === undefined ? 0 : found.findIndex(({ userId }) => userId === after) + 1
      const members = found.slice(from, from + limit)
      const isEnd = from + limit >= found.length
      return { members, total: found.length, next: isEnd ? null : (members.at(-1)?.userId ?? null) }
    },

    async add(groupId, given, way, by, at) {
      requireMayAdd(membership(groupId, by.userId), way, by, at)
      const kept = need(groupId)
      const userIds = distinct(given)
      requireNoneBanned(userIds, bannedUntil(kept, userIds), by, at)
      const added = userIds
        .filter((userId) => !kept.members.has(userId))
        .map((userId) => newMember(kept.group, userId, kept.mutes.get(userId) ?? null, at))
      if (!added.length) return { value: [], changes: [] }
      requireRoom(kept.members.size, added.length, mostMembers)
      for (const member of added) {
        kept.members.set(member.userId, member)
        kept.reads.set(member.userId, { seq: kept.messages.length, at: null })
      }
      const authorizedUserIds = [...kept.group.authorizedUserIds, ...added.map(({ userId }) => userId)]
      kept.group = { ...kept.group, authorizedUserIds, updatedAt: at }
      return { value: added, changes: added.map((member) => logMember('member_added', kept, member, at)) }
    },

    async change(groupId, userId, patch, by, at) {
      const kept = groups.get(groupId)
      const before = kept ? standingIn(kept, userId) : { member: null, mutedUntil: null }
      const asking = membership(groupId, by.userId)
      const { member, ownerIds } = changeMember(asking, { userId, ...before }, patch, by, at)
      const there = need(groupId)
      if (member.mutedUntil === null) there.mutes.delete(userId)
      else there.mutes.set(userId, member.mutedUntil)
      if (ownerIds.join() !== there.group.ownerIds.join())
        there.group = { ...there.group, ownerIds, updatedAt: at }
      if (!before.member || JSON.stringify(before.member) === JSON.stringify(member))
        return { value: member, changes: [] }
      there.members.set(userId, member)
      const roles = [before.member.role, member.role] as const
      if (roles[0] !== roles[1]) deeds.push(roleChange(groupId, userId, roles, by, at))
      return { value: member, changes: [logMember('member_updated', there, member, at)] }
    },

    async remove(groupId, userId, by, at, options) {
      const kept = groups.get(groupId)
      const target = kept ? standingIn(kept, userId) : { member: null, mutedUntil: null }
      const count = kept?.members.size ?? 0
      const asking = membership(groupId, by.userId)
      const outcome = removeMember(asking, { userId, ...target }, count, by, at, options)
      if (outcome === 'group_deleted') {
        end(groupId)
        return { value: outcome, changes: [] }
      }
      const there = need(groupId)
      const others = membersInOrder(there).filter((one) => one.userId !== userId)
      const heir = outcome.needsHeir ? others[0] : undefined
      const changes = []
      if (heir) {
        const owner: Member = { ...heir, role: 'owner' }
        there.members.set(heir.userId, owner)
        changes.push(logMember('member_updated', there, owner, at))
      }
      takeOut(there, userId, heir ? [heir.userId] : outcome.ownerIds, at)
      const data = { user_id: userId, by: by.userId }
      changes.push(logChange(there, { type: 'member_removed', at, data }))
      return { value: 'removed', changes }
    },
  }
}
