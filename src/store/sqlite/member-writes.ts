import { roleChange } from '../../domain/audit.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Change } from '../../domain/change.ts'
import { memberData } from '../../domain/changes.ts'
import { requireRoom } from '../../domain/group.ts'
import type { Member, MemberPatch, WayIn } from '../../domain/member.ts'
import {
  changeMember,
  newMember,
  removeMember,
  requireMayAdd,
  requireNoneBanned,
} from '../../domain/member-changes.ts'
import type { RemoveOptions } from '../members.ts'
import type { Written } from '../written.ts'
import type { Audit } from './audit.ts'
import type { LogChange } from './changes.ts'
import type { EndGroup } from './group-end.ts'
import { joining, type MemberList } from './member-list.ts'
import type { MemberReads } from './member-reads.ts'

interface WriteDeps {
  memberReads: MemberReads
  members: MemberList
  logChange: LogChange
  audit: Audit
  endGroup: EndGroup
}

/** The writes of one member or some. Each throws its ChatError before it writes anything. */
export function createMemberWrites({ memberReads, members, logChange, audit, endGroup }: WriteDeps) {
  const logMember = (type: 'member_added' | 'member_updated', groupId: string, member: Member, at: number) =>
    logChange(groupId, { type, at, data: memberData(member) })

  return {
    /** The users are distinct. */
    'members.add'(
      groupId: string,
      userIds: readonly string[],
      way: WayIn,
      by: Caller,
      at: number,
      maxMembers: number,
    ): Written<Member[]> {
      const membership = memberReads.membership(groupId, by.userId)
      requireMayAdd(membership, way, by, at)
      const asked = userIds.map((userId) => ({ userId, ...memberReads.standing(groupId, userId) }))
      const banned = asked.flatMap(({ userId, ban }) => (ban ? [[userId, ban.until] as const] : []))
      requireNoneBanned(userIds, new Map(banned), by, at)
      const { group } = membership
      const added = asked
        .filter(({ member }) => member === null)
        .map(({ userId, mutedUntil }) => newMember(group, userId, mutedUntil, at))
      if (!added.length) return { value: [], changes: [] }
      requireRoom(memberReads.count(groupId), added.length, maxMembers)
      members.append(
        joining(group, at),
        added.map(({ userId }) => userId),
      )
      members.cameAndWent(groupId, added.length, group.ownerIds, at)
      return { value: added, changes: added.map((member) => logMember('member_added', groupId, member, at)) }
    },

    'members.change'(
      groupId: string,
      userId: string,
      patch: MemberPatch,
      by: Caller,
      at: number,
    ): Written<Member> {
      const membership = memberReads.membership(groupId, by.userId)
      const before = memberReads.standing(groupId, userId)
      const { member, ownerIds } = changeMember(membership, { userId, ...before }, patch, by, at)
      const isMuteChanged = member.mutedUntil !== before.mutedUntil
      const isRoleChanged = before.member !== null && member.role !== before.member.role
      if (isMuteChanged) members.mute(groupId, userId, member.mutedUntil)
      if (before.member && isRoleChanged) {
        members.setRole(groupId, userId, member.role)
        audit(roleChange(groupId, userId, [before.member.role, member.role], by, at))
      }
      if (ownerIds !== membership?.group.ownerIds) members.cameAndWent(groupId, 0, ownerIds, at)
      const isTold = before.member !== null && (isMuteChanged || isRoleChanged)
      return { value: member, changes: isTold ? [logMember('member_updated', groupId, member, at)] : [] }
    },

    'members.remove'(
      groupId: string,
      userId: string,
      by: Caller,
      at: number,
      options: RemoveOptions,
    ): Written<'removed' | 'group_deleted'> {
      const membership = memberReads.membership(groupId, by.userId)
      const target = { userId, ...memberReads.standing(groupId, userId) }
      const outcome = removeMember(membership, target, memberReads.count(groupId), by, at, options)
      if (outcome === 'group_deleted') {
        endGroup(groupId, at)
        return { value: 'group_deleted', changes: [] }
      }
      const changes: Change[] = []
      let { ownerIds } = outcome
      const heir = outcome.needsHeir ? memberReads.heir(groupId, userId) : null
      const inheriting = heir === null ? null : memberReads.standing(groupId, heir).member
      if (inheriting) {
        ownerIds = [inheriting.userId]
        members.setRole(groupId, inheriting.userId, 'owner')
        changes.push(logMember('member_updated', groupId, { ...inheriting, role: 'owner' }, at))
      }
      members.remove(groupId, [userId])
      members.cameAndWent(groupId, -1, ownerIds, at)
      changes.push(
        logChange(groupId, { type: 'member_removed', at, data: { user_id: userId, by: by.userId } }),
      )
      return { value: 'removed', changes }
    },
  }
}
