import type { Caller } from '../domain/caller.ts'
import type { Message } from '../domain/message.ts'
import type { Written } from './written.ts'

/** Who reacted to which message. Each message, emoji and user has a record of its own, so nobody waits for another. */
export interface ReactionStore {
  /**
   * Adds the caller's reaction. Resolves to the message with all its reactions. To add it again changes nothing and
   * logs nothing. Throws not_found (also for a deleted message), forbidden (members only), limit_reached (too many
   * kinds of reactions).
   */
  add(messageId: string, emoji: string, by: Caller, at: number): Promise<Reacted>
  /** Takes the caller's reaction back, else as `add`. Throws not_found (also for a deleted message), forbidden. */
  remove(messageId: string, emoji: string, by: Caller, at: number): Promise<Reacted>
  /** The user's own emoji by message, the one chosen first at first. Messages without one are left out. At most 1,000 ids. */
  listOwn(userId: string, messageIds: readonly string[]): Promise<Map<string, string[]>>
}

export interface Reacted extends Written<Message> {
  /** The caller's own reactions to the message, in the order in which they came. */
  readonly own: readonly string[]
}
