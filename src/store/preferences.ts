import type { Caller } from '../domain/caller.ts'
import type { Chosen, Notify, PreferenceChanges, Preferences } from '../domain/preference.ts'
import type { Written } from './written.ts'

/** How members want to see their groups. All of it is each member's own, so nothing is logged. */
export interface PreferenceStore {
  /**
   * Changes what is given of the caller's own preferences. A direct chat that is hidden is so until the next message, which shows it
   * again by itself: `MessageStore.append` tells to whom. Throws not_found, banned, forbidden (members).
   */
  change(groupId: string, changes: PreferenceChanges, by: Caller, at: number): Promise<Written<Preferences>>
  /** Shows a direct chat again to those who had hidden it, and resolves to these. */
  show(groupId: string): Promise<readonly string[]>
  /** What the user has chosen, by group; groups for which they have chosen nothing are left out. At most 1,000 ids. */
  ofUser(userId: string, groupIds: readonly string[]): Promise<Map<string, Chosen>>
  /** Of which messages members of the group want to be told, as far as they have chosen that. */
  notifyIn(groupId: string): Promise<Map<string, Notify>>
}
