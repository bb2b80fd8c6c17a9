import type { Caller } from '../domain/caller.ts'
import type { Invite } from '../domain/invite.ts'
import type { Written } from './written.ts'

/** By which codes one comes into which group. */
export interface InviteStore {
  /**
   * Keeps a new invite, by `invite.createdBy`. A group keeps at most `limits.keptInvites`: for a new one the oldest that can't be used
   * any more goes. Throws not_found, banned, forbidden (admins), limit_reached (too many that can be used), conflict (the code is taken).
   */
  create(invite: Invite, by: Caller): Promise<Written<Invite>>
  /** Takes an invite back; false when the group has none with this code. Throws not_found, banned, forbidden (admins). */
  remove(groupId: string, code: string, by: Caller, at: number): Promise<Written<boolean>>
  /** The invites that are in their time at `at`, also those that are used up, oldest first. Throws not_found, banned, forbidden (admins). */
  list(groupId: string, by: Caller, at: number): Promise<readonly Invite[]>
  /** null when there is none with this code, or its group is gone. */
  read(code: string): Promise<Invite | null>
  /**
   * Makes the caller a member, logs `member_added`, and counts a use, together; resolves to the group's id. For one who is a member
   * already nothing changes. However many ask at once, no more get in than the invite has uses. Throws not_found (no such invite),
   * banned, invite_expired (also: its maker may invite no more), group_full, which counts no use.
   */
  accept(code: string, by: Caller, at: number): Promise<Written<string>>
}
