import type { Ban, BanTerms } from '../domain/ban.ts'
import type { Caller } from '../domain/caller.ts'
import type { Written } from './written.ts'

/** Who may not be in which group. `MemberStore` tells with each membership whether there is a ban. */
export interface BanStore {
  /**
   * Bans a user, who may be no member, or replaces the terms of their ban: one that still counts keeps `createdAt` and
   * `createdBy`. A member is removed with it, in one step with the ban: logs `member_removed`, if they were a member, and
   * `member_banned`, also when only the terms changed, but not when nothing did. Throws not_found, banned, forbidden (admins, of
   * lower roles; nobody bans an owner), limit_reached.
   */
  put(groupId: string, userId: string, terms: BanTerms, by: Caller, at: number): Promise<Written<Ban>>
  /** Takes a ban back; false when there was none that counted at `at`. Logs nothing. Throws not_found, banned, forbidden (admins). */
  remove(groupId: string, userId: string, by: Caller, at: number): Promise<Written<boolean>>
  /** The bans that count at `at`, oldest first, at most `limits.bans`. Throws not_found, banned, forbidden (admins). */
  list(groupId: string, by: Caller, at: number): Promise<readonly Ban[]>
}
