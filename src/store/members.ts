import type { MembersAmong, Membership } from '../domain/member.ts'

/** Who is in which group. `GroupStore` changes it, with the group's own writes. */
export interface MemberStore {
  /** null when there is no such group. Costs the same however many members there are. */
  read(groupId: string, userId: string): Promise<Membership | null>
  /** Those of these users, at most 20,000, who are members. null when there is no such group. */
  among(groupId: string, userIds: readonly string[]): Promise<MembersAmong | null>
  /**
   * The same, but never older than this call, even when the database has just got another primary. It is to be asked before
   * anybody is sent away for good. May take as long as a write.
   */
  confirm(groupId: string, userIds: readonly string[]): Promise<MembersAmong | null>
}
