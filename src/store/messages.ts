import type { Caller } from '../domain/caller.ts'
import type { Message, MessagePage, Send } from '../domain/message.ts'
import type { Written } from './written.ts'

export interface MessageStore {
  /**
   * Appends the message at the group's next `seq`. A message with this id that is there already is the answer, as it
   * is now, with `repeat`, when its `sendHash` is the same. Throws conflict when the hash differs, not_found,
   * forbidden (members only).
   */
  append(send: Send, by: Caller): Promise<Appended>
  /**
   * The message after the edit; the same content again changes nothing and logs nothing.
   * Throws not_found (also for a deleted message), forbidden (the sender, as a member).
   */
  edit(id: string, content: string, by: Caller, at: number): Promise<Written<Message>>
  /** Empties the message and marks it deleted; again is a no-op without an entry. Throws not_found, forbidden (the sender, as a member). */
  delete(id: string, by: Caller, at: number): Promise<Written<Message>>

  /** Deleted ones too. */
  read(id: string): Promise<Message | null>
  /** In any order; ids that don't exist are left out; deleted ones are not. At most 1,000 ids. */
  readMany(ids: readonly string[]): Promise<Message[]>
  /** Messages that are not deleted. */
  list(groupId: string, page: MessagePage): Promise<Message[]>
}

/** A message is an entry of the log by itself, so there are no changes. */
export interface Appended extends Written<Message> {
  /** It was sent before. */
  readonly repeat: boolean
}
