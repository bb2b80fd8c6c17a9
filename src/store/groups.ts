import type { Caller } from '../domain/caller.ts'
import type { GroupName, GroupPatch, GroupSummary, GroupWithMembers } from '../domain/group.ts'
import type { Written } from './written.ts'

export interface GroupStore {
  /** Logs nothing: who is in a new group is told by the group. Throws conflict when the id exists. */
  create(group: GroupWithMembers): Promise<Written<GroupWithMembers>>
  /** With all of its members: for who wants the list. What a user may do is the question of `MemberStore`. */
  read(id: string): Promise<GroupWithMembers | null>
  /** The same with as much of it as lists and events show. */
  readSummary(id: string): Promise<GroupSummary | null>
  /** The groups that list this user, newest first, each with the first of its members. */
  list(
    userId: string,
    page: { offset: number; limit: number },
  ): Promise<{ groups: GroupSummary[]; total: number }>
  /** Of the groups that list this user the newest, newest first. */
  listIds(userId: string, limit: number): Promise<string[]>
  /** Of these groups those that list this user, in any order. At most 1,000 ids; costs the same however many members there are. */
  listNames(userId: string, ids: readonly string[]): Promise<GroupName[]>
  /**
   * Applies the patch and logs what changed: `group_updated` for name and description, `member_added` and
   * `member_removed` for each user. A patch that changes nothing logs nothing. Throws not_found, forbidden (owner only),
   * precondition_failed, precondition_required.
   */
  update(id: string, patch: GroupPatch, by: Caller, at: number): Promise<Written<GroupWithMembers>>
  /** The group, its messages and its logs are gone. Throws not_found, forbidden (owner only). */
  delete(id: string, by: Caller): Promise<Written<null>>
}
