import type { Change } from '../domain/change.ts'
import type { GroupWithMembers } from '../domain/group.ts'
import type { Membership } from '../domain/member.ts'

/** A group as it is stored, what a user is to it, and the last that its log tells of them. It can be read whether or not a service runs. */
export interface GroupLook {
  group: GroupWithMembers | null
  /** What the user is to the group; null when there is no such group. */
  membership: Membership | null
  /** The last by which the user gained or lost access, among the last 1,000 changes. */
  lastChange: Change | null
}
