import type { Caller } from './caller.ts'
import { ChatError, notFound } from './errors.ts'
import type { Group } from './group.ts'
import type { Message } from './message.ts'

/** Who may do what. Use cases and stores call these and nothing else, so each rule stands once. */

/** The parts of a group that access depends on. */
export type Access = Pick<Group, 'ownerId'> & { isMember(userId: string): boolean }

export function accessOf(group: Group): Access {
  let members: Set<string> | undefined
  const isMember = (userId: string): boolean => {
    members ??= new Set(group.authorizedUserIds)
    return members.has(userId)
  }
  return { ownerId: group.ownerId, isMember }
}

/** Hearing what happens in the group. */
export const mayListen = (group: Access, caller: Caller): boolean =>
  caller.admin || group.isMember(caller.userId)

/** Reading, listening and sending. Throws not_found, forbidden. */
export function requireMember(group: Access | null, caller: Caller): asserts group is Access {
  if (group === null) throw notFound('group')
  if (!mayListen(group, caller)) throw new ChatError('forbidden', 'You are not a member of this group.')
}

/** Changing or deleting the group. Throws not_found, forbidden. */
export function requireManager(group: Access | null, caller: Caller): asserts group is Access {
  if (group === null) throw notFound('group')
  if (caller.admin || group.ownerId === caller.userId) return
  throw new ChatError(
    'forbidden',
    group.ownerId === null
      ? 'This group has no owner: only a token with scope chat:admin may change it.'
      : 'Only the owner of this group may change it.',
  )
}

/** Editing or deleting a message: one's own, as a member. Throws forbidden. */
export function requireSender(group: Access | null, message: Message, caller: Caller): void {
  requireMember(group, caller)
  if (message.senderId !== caller.userId)
    throw new ChatError('forbidden', 'You may only change your own messages.')
}
