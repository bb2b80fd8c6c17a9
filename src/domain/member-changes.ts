import { requireMay, requireMayJoin, requireOutranks } from './access.ts'
import { isActive } from './ban.ts'
import type { Caller } from './caller.ts'
import { ChatError, notFound } from './errors.ts'
import type { Group } from './group.ts'
import { limits } from './limits.ts'
import {
  type Member,
  type MemberPatch,
  type Membership,
  plainMember,
  type Role,
  roleOf,
  type WayIn,
} from './member.ts'

/** What becomes of a group's people when one of them is added, changed, removed or banned: pure, for all stores. */

type Owners = Pick<Group, 'ownerIds'>

/** Asks what each way into a group asks. Throws not_found, banned, forbidden. */
export function requireMayAdd(
  membership: Membership | null,
  way: WayIn,
  by: Caller,
  at: number,
): asserts membership is Membership {
  if (way === 'added') return requireMay('moderate', membership, by, at)
  if (way === 'joined') return requireMayJoin(membership, by, at)
  // The invite is the right to come in, unless `requireNoneBanned` finds a ban.
  if (membership === null) throw notFound('group')
}

/** Throws user_banned when one of these users is banned, and banned when that is the caller. */
export function requireNoneBanned(
  userIds: Iterable<string>,
  bannedUntil: ReadonlyMap<string, number | null>,
  by: Caller,
  at: number,
): void {
  for (const userId of userIds) {
    const until = bannedUntil.get(userId)
    if (until === undefined || !isActive({ until }, at)) continue
    if (userId === by.userId) throw new ChatError('banned', 'You are banned from this group.')
    throw new ChatError('user_banned', `${userId} is banned from this group: take the ban back first.`)
  }
}

/** The owners without those who go. Throws last_owner when that leaves none; a group that never had one needs none. */
export function ownersWithout({ ownerIds }: Owners, gone: readonly string[]): readonly string[] {
  const leaving = new Set(gone)
  const left = ownerIds.filter((userId) => !leaving.has(userId))
  if (ownerIds.length && !left.length)
    throw new ChatError('last_owner', 'The group needs an owner: make somebody else one first.')
  return left
}

/** The owners with one more, who has served the shortest. Throws limit_reached. */
function ownersWith({ ownerIds }: Owners, userId: string): readonly string[] {
  if (ownerIds.length >= limits.groupOwners)
    throw new ChatError('limit_reached', `A group can have ${limits.groupOwners} owners.`)
  return [...ownerIds, userId]
}

/** Who is changed, removed or banned, as they are now. */
export interface Target {
  readonly userId: string
  /** null when the user is no member. */
  readonly member: Member | null
  readonly mutedUntil: number | null
}

/** What others have to outrank: the role of a member, and of an owner who is no member. */
const rankOf = (group: Owners, { userId, member }: Target): Role | null =>
  group.ownerIds.includes(userId) ? 'owner' : (member?.role ?? null)

/**
 * The target and the owners with the patch applied: the same `member.role` and `ownerIds` when nothing of them changes. `membership` is
 * the caller's. Throws not_found (also: no such member), banned, forbidden, last_owner, limit_reached.
 */
export function changeMember(
  membership: Membership | null,
  target: Target,
  { role, mutedUntil }: MemberPatch,
  by: Caller,
  at: number,
): { member: Member; ownerIds: readonly string[] } {
  requireMay(role === undefined ? 'moderate' : 'manage', membership, by, at)
  const { group } = membership
  const { userId } = target
  // Guests can be muted, and they have no role.
  const canBeGuest = group.visibility === 'open' && role === undefined
  if (!target.member && !canBeGuest) throw notFound('member')
  if (mutedUntil !== undefined) requireOutranks(membership, rankOf(group, target), by, at)
  const before = target.member ?? { ...plainMember(group, userId), mutedUntil: target.mutedUntil }
  const member = {
    ...before,
    role: role ?? before.role,
    mutedUntil: mutedUntil === undefined ? before.mutedUntil : mutedUntil,
  }
  const isOwner = group.ownerIds.includes(userId)
  if (member.role === 'owner' && !isOwner && target.member)
    return { member, ownerIds: ownersWith(group, userId) }
  if (member.role !== 'owner' && isOwner) return { member, ownerIds: ownersWithout(group, [userId]) }
  return { member, ownerIds: group.ownerIds }
}

/**
 * What the end of a membership means for the group: it is deleted with the owner who is alone in it, or goes on with these
 * owners, who are none when an heir has to become one. Throws not_found (also: no such member), banned, forbidden, last_owner.
 */
export function removeMember(
  membership: Membership | null,
  target: Target,
  memberCount: number,
  by: Caller,
  at: number,
  { succession = false }: { succession?: boolean } = {},
): 'group_deleted' | { ownerIds: readonly string[]; needsHeir: boolean } {
  const isLeaving = target.userId === by.userId
  requireMay(isLeaving ? 'listen' : 'moderate', membership, by, at)
  const { group } = membership
  if (!target.member) throw notFound('member')
  if (isLeaving) requireMay('leave', membership, by, at)
  else requireOutranks(membership, rankOf(group, target), by, at)
  const isLastOwner = group.ownerIds.length === 1 && group.ownerIds[0] === target.userId
  if (!isLastOwner) return { ownerIds: group.ownerIds.filter((id) => id !== target.userId), needsHeir: false }
  if (memberCount === 1) return 'group_deleted'
  if (succession) return { ownerIds: [], needsHeir: true }
  return { ownerIds: ownersWithout(group, [target.userId]), needsHeir: false }
}

/** Nobody bans an owner, and others only who outranks them. Throws not_found, banned, forbidden. */
export function requireMayBan(
  membership: Membership | null,
  target: Target,
  by: Caller,
  at: number,
): asserts membership is Membership {
  requireMay('moderate', membership, by, at)
  const rank = rankOf(membership.group, target)
  requireOutranks(membership, rank, by, at)
  if (rank === 'owner') throw new ChatError('forbidden', 'An owner can be lowered, and not banned.')
}

/** A user as they come into the group. A mute of before goes on. */
export const newMember = (group: Owners, userId: string, mutedUntil: number | null, at: number): Member => ({
  userId,
  role: roleOf(group, userId, null),
  joinedAt: at,
  mutedUntil,
})
