import { type Static, Type } from 'typebox'
import type { Ban } from './ban.ts'
import type { Group } from './group.ts'
import { namedUser, namesOf, type PersonOf } from './person.ts'
import { Time, time } from './text.ts'

/** What a member is in their group. Owners stand in the group itself (`ownerIds`), the other roles beside each member. */
export const Role = Type.Enum(['owner', 'admin', 'member'])
export type Role = Static<typeof Role>

/** A user who is in a group. Times are milliseconds since 1970. */
export interface Member {
  readonly userId: string
  readonly role: Role
  /** A member who came before this was recorded counts as joined with the group. */
  readonly joinedAt: number
  /** Until when the member may not write; null, or a time in the past, for one who may. */
  readonly mutedUntil: number | null
}

/** All that decides what a user may do in a group. It is a look-up by key, however many members and bans there are. */
export interface Membership {
  readonly group: Group
  /** null when the user is not a member. */
  readonly member: Member | null
  /** As in `Member`, and also of one who is no member: a guest of an open group can be muted, and leaving ends no mute. */
  readonly mutedUntil: number | null
  /** The user's ban, also one that is over by now; null when there is none. */
  readonly ban: Pick<Ban, 'until'> | null
  /** Only in a direct chat, where the other has blocked the user. */
  readonly isBlocked?: true
}

/** What some users are to a group. */
export interface MembersAmong {
  readonly group: Group
  /** Those who are members. */
  readonly userIds: ReadonlySet<string>
  /** Until when those who are banned are so: `Ban.until` by user. */
  readonly bannedUntil: ReadonlyMap<string, number | null>
}

/** What `PATCH` may change of a member; a field left out stays as it is. */
export interface MemberPatch {
  readonly role?: Role
  readonly mutedUntil?: number | null
}

/** How a user comes into a group, which decides what is asked of whom. */
export type WayIn =
  /** Somebody adds others, who needs the right to. */
  | 'added'
  /** A guest of an open group joins by themselves. */
  | 'joined'
  /** The user shows an invite, which has been checked already. */
  | 'invited'

/** The role of a user by the group's owners and the role that is recorded of them. */
export const roleOf = (
  { ownerIds }: Pick<Group, 'ownerIds'>,
  userId: string,
  recorded: Role | null | undefined,
): Role => {
  if (ownerIds.includes(userId)) return 'owner'
  return recorded === 'admin' ? 'admin' : 'member'
}

/** A member of whom nothing is recorded: one who came with the group, or was listed by hand. */
export const plainMember = (group: Pick<Group, 'ownerIds' | 'createdAt'>, userId: string): Member => ({
  userId,
  role: roleOf(group, userId, null),
  joinedAt: group.createdAt,
  mutedUntil: null,
})

export const MemberView = Type.Object(
  {
    ...namedUser,
    role: Role,
    joined_at: Time,
    muted_until: Type.Union([Time, Type.Null()]),
  },
  { title: 'Member' },
)
export type MemberView = Static<typeof MemberView>

export function memberView({ userId, role, joinedAt, mutedUntil }: Member, personOf: PersonOf): MemberView {
  return {
    ...namesOf(personOf, userId),
    role,
    joined_at: time(joinedAt),
    muted_until: mutedUntil === null ? null : time(mutedUntil),
  }
}

export const MemberChanges = Type.Object(
  {
    role: Type.Optional(Role),
    muted_until: Type.Optional(
      Type.Union([Time, Type.Null()], {
        description: 'Until then the user writes nothing here; null, or a time in the past, ends a mute.',
      }),
    ),
  },
  { title: 'MemberChanges', examples: [{ role: 'admin' }, { muted_until: '2030-01-01T00:00:00Z' }] },
)
export type MemberChanges = Static<typeof MemberChanges>
