import type { Change } from '../domain/change.ts'
import type { GroupWithMembers } from '../domain/group.ts'

/** A group as it is stored, and the last that its log tells of a user. It can be read whether or not a service runs. */
export interface GroupLook {
  group: GroupWithMembers | null
  /** The user's last `member_added` or `member_removed`, among the last 1,000 changes. */
  lastChange: Change | null
}
