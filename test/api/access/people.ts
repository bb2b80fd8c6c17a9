import type { Caller } from '../../../src/domain/caller.ts'
import type { Group } from '../../../src/domain/group.ts'
import type { Membership, Role } from '../../../src/domain/member.ts'
import { newGroup, t0 } from '../../support/samples.ts'

/** What somebody can be to a group. The guest's and the banned one's group is open, so that the ban is what keeps them out. */
interface Person {
  /** The user whose token is sent, ` (admin)` after it for the scope chat:admin; null for no token. */
  readonly as: string | null
  readonly role: Role | null
  readonly visibility: Group['visibility']
  readonly isMuted?: true
  readonly isBanned?: true
}

export const people = {
  anonymous: { as: null, role: null, visibility: 'private' },
  outsider: { as: 'outsider', role: null, visibility: 'private' },
  guest: { as: 'guest', role: null, visibility: 'open' },
  banned: { as: 'banned', role: null, visibility: 'open', isBanned: true },
  muted: { as: 'muted', role: 'member', visibility: 'private', isMuted: true },
  member: { as: 'member', role: 'member', visibility: 'private' },
  admin: { as: 'admin', role: 'admin', visibility: 'private' },
  owner: { as: 'owner', role: 'owner', visibility: 'private' },
  operator: { as: 'root (admin)', role: null, visibility: 'private' },
} as const satisfies Record<string, Person>

export type Who = keyof typeof people
export const everybody = Object.keys(people) as Who[]

export const callerOf = (who: Who): Caller => ({ userId: people[who].as ?? '', admin: who === 'operator' })

/** The person as the access table is asked about them. */
export function membershipOf(who: Who): Membership {
  const { as, role, visibility, ...more }: Person = people[who]
  const { authorizedUserIds: _, ...group } = newGroup({ owner: 'owner', visibility })
  const mutedUntil = more.isMuted ? Date.now() + 3_600_000 : null
  return {
    group,
    member: role && { userId: as ?? '', role, joinedAt: t0, mutedUntil },
    mutedUntil,
    ban: more.isBanned ? { until: null } : null,
  }
}
