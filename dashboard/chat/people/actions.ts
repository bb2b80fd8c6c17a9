import type { Member, Role } from '../../../src/client/types.ts'

/** What can be done about a person, by the name that it has in the menu. */
export type PersonAction =
  | 'Message'
  | 'Mention'
  | 'Mute'
  | 'Unmute'
  | 'Make admin'
  | 'Remove as admin'
  | 'Make owner'
  | 'Remove'
  | 'Ban'
  | 'Block'
  | 'Unblock'
  | 'Leave group'

export interface Circumstances {
  readonly meId: string
  /** null: a guest. */
  readonly myRole: Role | null
  readonly isDirect: boolean
  readonly mayWrite: boolean
  readonly isBlocked: boolean
  /** Milliseconds since 1970. */
  readonly now: number
}

const power: Record<Role, number> = { owner: 2, admin: 1, member: 0 }

/** What the user may do about the person, in the order of the menu: the service refuses all else. */
export function actionsFor(person: Member, circumstances: Circumstances): readonly PersonAction[] {
  const { meId, myRole, isDirect, mayWrite, isBlocked, now } = circumstances
  if (person.user_id === meId) return myRole && !isDirect ? ['Leave group'] : []
  const isAbove = !isDirect && myRole !== null && myRole !== 'member' && power[myRole] > power[person.role]
  const isOwner = !isDirect && myRole === 'owner'
  const offered: [PersonAction, boolean][] = [
    ['Message', !isDirect],
    ['Mention', mayWrite && !isDirect],
    ['Make admin', isOwner && person.role === 'member'],
    ['Make owner', isOwner && person.role === 'admin'],
    ['Remove as admin', isOwner && person.role === 'admin'],
    [isMuted(person, now) ? 'Unmute' : 'Mute', isAbove],
    ['Remove', isAbove],
    ['Ban', isAbove],
    [isBlocked ? 'Unblock' : 'Block', true],
  ]
  return offered.filter(([, isOffered]) => isOffered).map(([action]) => action)
}

export const isMuted = ({ muted_until: until }: Member, now: number): boolean =>
  until !== null && Date.parse(until) > now
