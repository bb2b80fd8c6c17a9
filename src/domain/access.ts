import type { Caller } from './caller.ts'
import { ChatError, notFound } from './errors.ts'
import type { Group } from './group.ts'
import type { Message } from './message.ts'

/** Who may do what. Use cases and stores call these and nothing else, so each rule stands once. */

/** The parts of a group that access depends on. */
export type Access = Pick<Group, 'ownerId'> & { isMember(userId: string): boolean }

export const accessOf = (group: Group): Access => ({
  ownerId: group.ownerId,
  isMember: (userId) => membersOf(group).has(userId),
})

/** Made once for each group that is kept at hand, however often it is asked. */
const memberSets = new WeakMap<Group, ReadonlySet<string>>()

function membersOf(group: Group): ReadonlySet<string> {
  const known = memberSets.get(group)
  if (known) return known
  const members = new Set(group.authorizedUserIds)
  memberSets.set(group, members)
  return members
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
