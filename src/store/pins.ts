import type { Caller } from '../domain/caller.ts'
import type { Message } from '../domain/message.ts'
import type { Written } from './written.ts'

/** Which messages of a group are pinned. A message that is deleted is not pinned any more, also when it is restored. */
export interface PinStore {
  /**
   * Pins the message, and resolves to it. To pin it again changes nothing and logs nothing. Throws not_found (also for a
   * deleted message), banned, muted, forbidden (admins), limit_reached (the group has as many as it may, also when several pin at once).
   */
  add(messageId: string, by: Caller, at: number): Promise<Written<Message>>
  /** Takes the pin off, else as `add`. Throws not_found (also for a deleted message), banned, muted, forbidden. */
  remove(messageId: string, by: Caller, at: number): Promise<Written<Message>>
  /** The group's pinned messages, the one pinned last at first. */
  list(groupId: string): Promise<Message[]>
}
