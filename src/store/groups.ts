import type { Caller } from '../domain/caller.ts'
import type { GroupName, GroupPatch, GroupSummary, GroupWithMembers } from '../domain/group.ts'
import type { GroupListing } from '../domain/group-list.ts'
import type { Naming } from '../domain/naming.ts'
import type { Written } from './written.ts'

export interface GroupStore {
  /**
   * Gives the group its `number`, and with `naming` the name that its id is made from. Logs nothing, because a new group itself tells who is in it. Throws conflict when the id exists,
   * or the name has had another group since; group_full.
   */
  create(group: GroupWithMembers, naming?: Naming | null): Promise<Written<GroupWithMembers>>
  /** The group with all of its members. `MemberStore` tells what a user may do in it, for less. */
  read(id: string): Promise<GroupWithMembers | null>
  /** The group as lists and events show it. */
  readSummary(id: string): Promise<GroupSummary | null>
  /**
   * A page of the groups that list this user, who is not banned from them, each with the first of its members. By creation and without words to search for it
   * costs what the page costs, else what the user's own groups cost.
   */
  list(userId: string, listing: GroupListing): Promise<{ groups: GroupSummary[]; total: number }>
  /** The groups that list this user, who is not banned from them, at most 10,000, those with the latest activity first. Those that are hidden only with `hidden`. */
  listIds(userId: string, limit: number, hidden?: boolean): Promise<string[]>
  /**
   * A page of the open groups that the user is not banned from at `at`, hidden ones included. By creation and without words to search for it
   * costs what the page costs, else what 10,000 open groups cost, which are the newest.
   */
  listOpen(
    userId: string,
    listing: GroupListing,
    at: number,
  ): Promise<{ groups: GroupSummary[]; total: number }>
  /** Those of these groups that list this user, who is not banned from them, in any order. At most 1,000 ids. The cost does not depend on the members. */
  listNames(userId: string, ids: readonly string[]): Promise<GroupName[]>
  /**
   * Applies the patch and logs what changed: `group_updated`, then `member_added` and `member_removed` for each user. An owner
   * whom the list drops is no owner any more. A patch that changes nothing logs nothing. Throws not_found, banned, forbidden (what
   * describes the group: admins, the rest: owners), precondition_failed, precondition_required, user_banned, last_owner (the list
   * drops the last owner), group_full, in this order.
   */
  update(id: string, patch: GroupPatch, by: Caller, at: number): Promise<Written<GroupWithMembers>>
  /** Removes the group, its messages and its logs. Throws not_found, banned, forbidden (owners). */
  delete(id: string, by: Caller, at: number): Promise<Written<null>>
}
