import {
  type Action,
  requireMay,
  requireMayDelete,
  requireMayEdit,
  requireMayJoin,
  requireOperator,
} from '../../../src/domain/access.ts'
import { ChatError, type ErrorCode } from '../../../src/domain/errors.ts'
import type { Membership } from '../../../src/domain/member.ts'
import { callerOf, membershipOf, type Who } from './people.ts'

/** What a route or a frame asks of its caller: an action of the access table, or one of these. */
export type Need =
  | Action
  /** Nothing at all: not even a token. */
  | 'nothing'
  /** A valid token. */
  | 'a token'
  /** Not to be banned from the group. */
  | 'no ban'
  | 'to join'
  /** Changing or deleting a message, one's own or that of another. */
  | 'to edit own'
  | 'to edit'
  | 'to delete own'
  | 'to delete'
  /** To have sent the message, or to lead the group. */
  | 'to see revisions'
  /** A token with scope chat:admin. */
  | 'to be operator'
  /** The same, of all groups. */
  | 'an operator'

/** The code of the error with which this person is refused; null when they are not. */
export function refusalOf(need: Need, who: Who): ErrorCode | null {
  if (who === 'anonymous') return need === 'nothing' ? null : 'unauthenticated'
  try {
    check(need, membershipOf(who), who)
    return null
  } catch (error) {
    if (error instanceof ChatError) return error.code
    throw error
  }
}

function check(need: Need, membership: Membership, who: Who): void {
  const [caller, now] = [callerOf(who), Date.now()]
  const own = { senderId: caller.userId }
  const another = { senderId: 'other' }
  // Who can't have a message of their own in the group is tried with that of another.
  const mine = who === 'outsider' ? another : own
  if (need === 'nothing' || need === 'a token') return
  if (need === 'an operator') return requireOperator(caller)
  if (need === 'no ban') {
    if (membership.ban) throw new ChatError('banned', 'Banned.')
  } else if (need === 'to join') requireMayJoin(membership, caller, now)
  else if (need === 'to edit own') requireMayEdit(membership, mine, caller, now)
  else if (need === 'to edit') requireMayEdit(membership, another, caller, now)
  else if (need === 'to delete own') requireMayDelete(membership, mine, caller, now)
  else if (need === 'to delete') requireMayDelete(membership, another, caller, now)
  else if (need === 'to see revisions') requireMayDelete(membership, another, caller, now)
  else if (need === 'to be operator') {
    requireMay('listen', membership, caller, now)
    if (!caller.admin) throw new ChatError('forbidden', 'Operators only.')
  } else requireMay(need, membership, caller, now)
}
