import type { Caller } from '../domain/caller.ts'
import type { Message } from '../domain/message.ts'
import type { Written } from './written.ts'

/** Who reacted to which message. A record of its own for each message, emoji and user, so nobody waits for another's. */
export interface ReactionStore {
  /**
   * The message with its reactions, once the caller's is among them; again changes nothing and logs nothing. Throws not_found
   * (also for a deleted message), forbidden (members only), limit_reached (too many kinds of reactions).
   */
  add(messageId: string, emoji: string, by: Caller, at: number): Promise<Written<Message>>
  /** The same without the caller's; again changes nothing. Throws not_found (also for a deleted message), forbidden. */
  remove(messageId: string, emoji: string, by: Caller, at: number): Promise<Written<Message>>
  /** With what the user reacted, first come first, by message; those without are left out. At most 1,000 ids. */
  listOwn(userId: string, messageIds: readonly string[]): Promise<Map<string, string[]>>
}
