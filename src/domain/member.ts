import type { Group, GroupWithMembers } from './group.ts'

/** What a member is in their group. */
export type Role = 'owner' | 'admin' | 'member'

/** A user who is in a group. */
export interface Member {
  readonly userId: string
  readonly role: Role
  /** Milliseconds since 1970. A member who came before this was recorded counts as joined with the group. */
  readonly joinedAt: number
}

/** All that decides what a user may do in a group. It is a look-up by key, however many members there are. */
export interface Membership {
  readonly group: Group
  /** null when the user is not a member. */
  readonly member: Member | null
}

/** Those of some users who are members of the group. */
export interface MembersAmong {
  readonly group: Group
  readonly userIds: ReadonlySet<string>
}

/** A member who came with the group itself. */
export const founderOf = ({ ownerId, createdAt }: Group, userId: string): Member => ({
  userId,
  role: userId === ownerId ? 'owner' : 'member',
  joinedAt: createdAt,
})

/** The membership of a user in a group whose list is at hand. */
export const membershipIn = (group: GroupWithMembers, userId: string): Membership => ({
  group,
  member: group.authorizedUserIds.includes(userId) ? founderOf(group, userId) : null,
})
