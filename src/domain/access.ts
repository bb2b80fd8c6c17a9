import type { Caller } from './caller.ts'
import { ChatError, notFound } from './errors.ts'
import { limits } from './limits.ts'
import type { MembersAmong, Membership } from './member.ts'
import type { Message } from './message.ts'

/** Who may do what. Use cases and stores ask here and nowhere else, so each rule stands once. */

/**
 * What a caller can be to a group, or the sender to a message, also several at once. An owner who is no member may manage the
 * group, but not read it.
 */
type Standing = 'member' | 'owner' | 'operator' | 'sender'

const allowed = {
  /** Reading, and hearing what happens. */
  listen: ['member', 'operator'],
  send: ['member', 'operator'],
  react: ['member', 'operator'],
  pin: ['member', 'operator'],
  markRead: ['member'],
  /** Who has read up to where. */
  seeReads: ['member', 'operator'],
  /** Changing one's own message, and deleting it or another's, as somebody who may still send in the group. */
  edit: ['sender'],
  delete: ['sender'],
  deleteOthers: ['owner', 'operator'],
  /** Changing or deleting the group. */
  manage: ['owner', 'operator'],
} as const satisfies Record<string, readonly Standing[]>

export type MessageAction = 'edit' | 'delete'
export type Action = Exclude<keyof typeof allowed, MessageAction>

function may(
  action: Action | MessageAction,
  ownerId: string | null,
  isMember: boolean,
  { userId, admin }: Caller,
  senderId?: string,
): boolean {
  const standings: readonly Standing[] = allowed[action]
  return (
    (isMember && standings.includes('member')) ||
    (ownerId === userId && standings.includes('owner')) ||
    (admin && standings.includes('operator')) ||
    (senderId === userId && standings.includes('sender'))
  )
}

/** True when the caller may hear what happens in the group. */
export const mayListen = ({ group, userIds }: MembersAmong, caller: Caller): boolean =>
  may('listen', group.ownerId, userIds.has(caller.userId), caller)

/** `membership` is the caller's; it is null when there is no such group. Throws not_found, forbidden. */
export function requireMay(
  action: Action,
  membership: Membership | null,
  caller: Caller,
): asserts membership is Membership {
  if (membership === null) throw notFound('group')
  const { group, member } = membership
  if (!may(action, group.ownerId, member !== null, caller))
    throw new ChatError('forbidden', refusal(action, group.ownerId))
}

/**
 * To call all members of a large group is for those who look after them. `membership` is that of somebody who may send in the group,
 * which has so many members. Throws forbidden.
 */
export function requireMayMentionAll(
  { group, member }: Membership,
  members: number,
  { userId, admin }: Caller,
): void {
  if (members <= limits.freeMentionAll || admin || group.ownerId === userId) return
  if (member?.role === 'owner' || member?.role === 'admin') return
  throw new ChatError(
    'forbidden',
    `In a group of more than ${limits.freeMentionAll} members only its owners and admins may mention all.`,
  )
}

/** Whoever changes or deletes a message has to be one who may still send in the group. Throws not_found, forbidden. */
export function requireMayChange(
  action: MessageAction,
  membership: Membership | null,
  { senderId }: Pick<Message, 'senderId'>,
  caller: Caller,
): void {
  requireMay('send', membership, caller)
  const { group, member } = membership
  const mayDo = (what: Action | MessageAction) => may(what, group.ownerId, member !== null, caller, senderId)
  if (!mayDo(action) && !(action === 'delete' && mayDo('deleteOthers')))
    throw new ChatError('forbidden', 'You may only change your own messages.')
}

function refusal(action: Action, ownerId: string | null): string {
  if (action !== 'manage') return 'You are not a member of this group.'
  return ownerId === null
    ? 'This group has no owner: only a token with scope chat:admin may change it.'
    : 'Only the owner of this group may change it.'
}
