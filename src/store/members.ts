import type { MembersAmong, Membership } from '../domain/member.ts'

/** Who is in which group. The group's own writes change it: `GroupStore`. */
export interface MemberStore {
  /** null when there is no such group. Costs the same however many members there are. */
  read(groupId: string, userId: string): Promise<Membership | null>
  /** Of these users, at most 20,000, those who are members. null when there is no such group. */
  among(groupId: string, userIds: readonly string[]): Promise<MembersAmong | null>
  /**
   * The same, but never older than this call, whatever became of the database's primary meanwhile: to be asked before
   * anybody is sent away for good. May cost a write's time.
   */
  confirm(groupId: string, userIds: readonly string[]): Promise<MembersAmong | null>
}
