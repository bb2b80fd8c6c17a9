import { isActive } from './ban.ts'
import type { Caller } from './caller.ts'
import { ChatError, type ErrorCode, notFound } from './errors.ts'
import { limits } from './limits.ts'
import type { MembersAmong, Membership, Role } from './member.ts'

/** Who may do what. Use cases and stores ask here and nowhere else, so each rule stands once. */

/** What a caller can be to a group. */
type Standing =
  /** Anybody, in an open group. */
  | 'guest'
  | Role
  /** One of the two of a direct chat, where roles mean nothing. */
  | 'partner'
  /** An owner who is no member, because somebody edited the list by hand. */
  | 'absent owner'
  /** A token with scope chat:admin. */
  | 'operator'

const everybody = ['guest', 'member', 'admin', 'owner', 'partner', 'operator'] as const
const insiders = ['member', 'admin', 'owner', 'partner'] as const
const leaders = ['admin', 'owner', 'absent owner', 'operator'] as const

const allowed = {
  /** Reading, hearing what happens, searching, typing, deleting one's own messages. */
  listen: everybody,
  /** Sending, editing, reacting, uploading, pinning; asked together with what mutes and `post_policy` say. */
  write: everybody,
  /** The list of members, and who is online. */
  seeMembers: everybody,
  /** Who has read up to where. */
  seeReads: [...insiders, 'operator'],
  markRead: insiders,
  /** How one sees the group oneself. */
  prefer: insiders,
  leave: insiders,
  /** What others' messages said before they were edited. */
  seeRevisions: ['admin', 'owner', 'operator'],
  /** Adding, removing, muting and banning those of lower roles; invites. */
  moderate: leaders,
  /** Name, description and picture. */
  describe: leaders,
  pin: ['partner', ...leaders],
  deleteOthers: ['admin', 'owner', 'operator'],
  /** Seeing what was deleted, and bringing it back. */
  recover: ['operator'],
  /** Writing where `post_policy` lets only admins write; `mention_all` in a large group. */
  announce: ['admin', 'owner', 'partner', 'operator'],
  /** Roles, visibility, post policy, retention, the list of members as a whole. */
  manage: ['owner', 'absent owner', 'operator'],
  delete: ['owner', 'absent owner', 'operator'],
} as const satisfies Record<string, readonly Standing[]>

export type Action = keyof typeof allowed

/** In a direct chat nobody is added, removed, promoted or banned, by whomever. */
const notInDirect: readonly Action[] = ['moderate', 'describe', 'manage', 'deleteOthers']

function standingsOf({ group, member }: Pick<Membership, 'group' | 'member'>, caller: Caller): Standing[] {
  const found: Standing[] = []
  if (caller.admin) found.push('operator')
  if (member) found.push(group.kind === 'direct' ? 'partner' : member.role)
  else if (group.ownerIds.includes(caller.userId)) found.push('absent owner')
  if (!member && group.visibility === 'open') found.push('guest')
  return found
}

const has = (action: Action, standings: readonly Standing[]): boolean =>
  standings.some((standing) => (allowed[action] as readonly Standing[]).includes(standing))

/** Throws forbidden. */
export function requireOperator({ admin }: Caller): void {
  if (!admin) throw new ChatError('forbidden', 'Only a token with scope chat:admin may do that.')
}

/** True when the caller may hear what happens in the group. */
export function mayListen(
  { group, userIds, bannedUntil }: MembersAmong,
  caller: Caller,
  now: number,
): boolean {
  const until = bannedUntil.get(caller.userId)
  if (!caller.admin && until !== undefined && isActive({ until }, now)) return false
  if (caller.admin || userIds.has(caller.userId)) return true
  return group.visibility === 'open'
}

/**
 * `membership` is the caller's; it is null when there is no such group. Bans are asked first, before any list or role. Throws
 * not_found, banned, forbidden, and for `write` and `pin` also blocked, muted.
 */
export function requireMay(
  action: Action,
  membership: Membership | null,
  caller: Caller,
  now: number,
): asserts membership is Membership {
  if (membership === null) throw notFound('group')
  const { group, mutedUntil } = membership
  requireNotBanned(membership, caller, now)
  const standings = standingsOf(membership, caller)
  if (!has(action, standings)) throw refusal(action, membership)
  if (group.kind === 'direct' && notInDirect.includes(action))
    throw new ChatError('forbidden', 'A direct chat has its two people, and stays as it is.')
  if (action !== 'write' && action !== 'pin') return
  if (membership.isBlocked) throw blocked()
  if (!caller.admin && mutedUntil !== null && mutedUntil > now)
    throw new ChatError('muted', `You are muted here until ${new Date(mutedUntil).toISOString()}.`)
  if (group.postPolicy === 'admins' && !has('announce', standings))
    throw new ChatError('forbidden', 'Only admins and owners write in this group.')
}

/** The refusal of who may not reach somebody. */
export const blocked = () => new ChatError('blocked', 'This user has blocked you.')

/** Throws banned. No ban holds an operator. */
export function requireNotBanned({ ban }: Pick<Membership, 'ban'>, caller: Caller, now: number): void {
  if (!caller.admin && isActive(ban, now)) throw new ChatError('banned', 'You are banned from this group.')
}

/** Whether `requireMay` lets the caller. */
export function mayStill(
  action: Action,
  membership: Membership | null,
  caller: Caller,
  now: number,
): boolean {
  try {
    requireMay(action, membership, caller, now)
    return true
  } catch {
    return false
  }
}

/** Joining a group by oneself. Operators join any group. Throws not_found, banned, forbidden (a private group). */
export function requireMayJoin(
  membership: Membership | null,
  caller: Caller,
  now: number,
): asserts membership is Membership {
  requireMay('listen', membership, caller, now)
  if (membership.group.kind === 'direct' && !membership.member)
    throw new ChatError('forbidden', 'A direct chat has its two people, and stays as it is.')
  if (!membership.member && !caller.admin && membership.group.visibility !== 'open')
    throw new ChatError('forbidden', 'This group is private: ask for an invite.')
}

/** Whoever edits a message is its sender, and may write here. Throws not_found, banned, muted, forbidden. */
export function requireMayEdit(
  membership: Membership | null,
  { senderId }: { readonly senderId: string },
  caller: Caller,
  now: number,
): void {
  requireMay('write', membership, caller, now)
  if (senderId !== caller.userId) throw new ChatError('forbidden', 'You may only change your own messages.')
}

/** Senders delete their own messages, even muted, and admins those of others. Throws not_found, banned, forbidden. */
export function requireMayDelete(
  membership: Membership | null,
  { senderId }: { readonly senderId: string },
  caller: Caller,
  now: number,
): void {
  requireMay('listen', membership, caller, now)
  if (senderId !== caller.userId) requireMay('deleteOthers', membership, caller, now)
}

/** Operators restore messages of anybody. Throws not_found, forbidden. */
export const requireMayRestore: typeof requireMayEdit = (membership, _, caller, now) =>
  requireMay('recover', membership, caller, now)

/** Everybody is named by `mention_all`, so in a large group that is for admins. Throws as `requireMay`. */
export function requireMayMentionAll(
  membership: Membership | null,
  memberCount: number,
  caller: Caller,
  now: number,
): void {
  requireMay('write', membership, caller, now)
  if (memberCount > limits.mentionAllMembers) requireMay('announce', membership, caller, now)
}

const ranks = { member: 1, admin: 2, owner: 3 } as const satisfies Record<Role, number>

/**
 * Members are removed, muted and banned by those of higher roles only. `target` is null for one who is no member. Throws
 * not_found, banned, forbidden.
 */
export function requireOutranks(
  membership: Membership | null,
  target: Role | null,
  caller: Caller,
  now: number,
): void {
  requireMay('moderate', membership, caller, now)
  if (target === null || caller.admin) return
  // An owner who is no member still manages the group, as its owner.
  const own = membership.member?.role ?? 'owner'
  if (ranks[own] <= ranks[target])
    throw new ChatError('forbidden', `Only somebody of a higher role may do that to an ${articled[target]}.`)
}

const articled = { member: 'ordinary member', admin: 'admin', owner: 'owner' } as const

function refusal(action: Action, { group, member }: Membership): ChatError {
  const code: ErrorCode = 'forbidden'
  if (action === 'recover')
    return new ChatError(code, 'Only a token with scope chat:admin may see or restore what was deleted.')
  if (!member && (allowed[action] as readonly Standing[]).includes('member'))
    return new ChatError(code, 'You are not a member of this group.')
  if (group.kind === 'direct')
    return new ChatError(code, 'A direct chat has its two people, and stays as it is.')
  if (action !== 'manage' && action !== 'delete')
    return new ChatError(code, 'Only admins and owners of this group may do that.')
  return new ChatError(
    code,
    group.ownerIds.length
      ? 'Only an owner of this group may change it.'
      : 'This group has no owner: only a token with scope chat:admin may change it.',
  )
}

/** What a message said before is for its sender, and for those who look after the group. Throws not_found, banned, forbidden. */
export function requireMayReadRevisions(
  membership: Membership | null,
  { senderId }: { readonly senderId: string },
  caller: Caller,
  now: number,
): void {
  requireMay('listen', membership, caller, now)
  if (senderId !== caller.userId) requireMay('seeRevisions', membership, caller, now)
}
