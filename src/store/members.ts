import type { Caller } from '../domain/caller.ts'
import type { Member, MemberPatch, MembersAmong, Membership, Role, WayIn } from '../domain/member.ts'
import type { Written } from './written.ts'

/**
 * Who is in which group, as what. Each change of one member costs the same however many there are. All that is written here is
 * checked in the order: is there such a group, is the caller banned, may they, does it fit (`domain/member-changes.ts`). Who comes,
 * who goes and who becomes or is no owner any more changes the group, so its `updatedAt` is `at` then; another role or a mute does
 * not. The order of joining is that of the group's list.
 */
export interface MemberStore {
  /** null when there is no such group. Costs the same however many members there are. */
  read(groupId: string, userId: string): Promise<Membership | null>
  /** What these users, at most 20,000, are to the group. null when there is no such group. */
  among(groupId: string, userIds: readonly string[]): Promise<MembersAmong | null>
  /**
   * The same, but never older than this call, even when the database has just got another primary. It is to be asked before
   * anybody is sent away for good. May take as long as a write.
   */
  confirm(groupId: string, userIds: readonly string[]): Promise<MembersAmong | null>

  /** Those of the others, at most 50, who are in a group with the user. */
  sharing(userId: string, others: readonly string[]): Promise<ReadonlySet<string>>

  /** Owners first, then admins, then the others; each in the order of joining. null when there is no such group. */
  list(groupId: string, page: MemberQuery): Promise<MemberPage | null>

  /**
   * Makes users members, all or none, and logs `member_added` for each who was none; resolves to these. Throws not_found, banned,
   * forbidden (`added`: those who may moderate; `joined`: only open groups; `invited`: nothing is asked), user_banned (one of
   * `userIds` is banned; of oneself it is `banned`), group_full.
   */
  add(
    groupId: string,
    userIds: readonly string[],
    way: WayIn,
    by: Caller,
    at: number,
  ): Promise<Written<readonly Member[]>>

  /**
   * Changes role or mute, and logs `member_updated` where that changes anything. Where `role` makes or unmakes an owner, the
   * group's owners change with it. One who is no member of an open group can be muted as well: that logs nothing, and
   * resolves to a plain member. Throws not_found (also: no such member), banned, forbidden (roles: owners; mutes: those who outrank
   * the member), last_owner, limit_reached (owners).
   */
  change(
    groupId: string,
    userId: string,
    patch: MemberPatch,
    by: Caller,
    at: number,
  ): Promise<Written<Member>>

  /**
   * Ends a membership, one's own or that of a lower role, and logs `member_removed`. The role ends with it, a mute does not.
   * Throws not_found (also: no such member), banned, forbidden, last_owner.
   */
  remove(
    groupId: string,
    userId: string,
    by: Caller,
    at: number,
    options?: RemoveOptions,
  ): Promise<Written<'removed' | 'group_deleted'>>
}

export interface RemoveOptions {
  /**
   * When the last owner leaves, the first admin to have joined, else member, becomes owner, which is logged as `member_updated`, before
   * the `member_removed`. Without it that is `last_owner`. Either way an owner who is alone takes the group along: it is deleted.
   */
  readonly succession?: boolean
}

export interface MemberQuery {
  readonly role?: Role
  /** The user's id, username or display name begins so, or one of its words, without regard to case. */
  readonly q?: string
  readonly limit: number
  /** `MemberPage.next` of the page before. */
  readonly after?: string
}

export interface MemberPage {
  readonly members: readonly Member[]
  /** How many there are of this role and `q`. */
  readonly total: number
  /** Goes on after this page; null at the end. Opaque. */
  readonly next: string | null
}
