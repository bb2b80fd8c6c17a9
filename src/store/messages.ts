import type { Caller } from '../domain/caller.ts'
import type { Message, MessageEdit, MessagePage, Send } from '../domain/message.ts'
import type { ReplyPage } from '../domain/reply.ts'
import type { Written } from './written.ts'

export interface MessageStore {
  /**
   * Appends the message at the group's next `seq`; its sender has read all up to it. When a message with this id and `sendHash` is there already, it is
   * the answer, as it is now, with `repeat`. Throws conflict when the hash differs, not_found, forbidden (members only).
   */
  append(send: Send, by: Caller): Promise<Appended>
  /**
   * Resolves to the message after the edit. Unless `keepsRevision` is false, what the message said before is kept. What it is already changes nothing and logs nothing.
   * Throws not_found (also for a deleted message), forbidden (the sender, as a member).
   */
  edit(
    id: string,
    edit: MessageEdit,
    by: Caller,
    at: number,
    keepsRevision?: boolean,
  ): Promise<Written<Message>>
  /**
   * Empties the message and marks it deleted by the caller. Unless `keepsText` is false, its text is kept, for
   * `listWithDeleted` and `restore` alone. To delete it again changes nothing and logs nothing. Throws not_found,
   * forbidden (the sender, as a member; who may delete the messages of others).
   */
  delete(id: string, by: Caller, at: number, keepsText?: boolean): Promise<Written<Message>>
  /**
   * Brings a deleted message back, as it was, but for its pin. To restore what is not deleted changes nothing and logs
   * nothing. Throws not_found, forbidden (operators), wiped (its text is gone).
   */
  restore(id: string, by: Caller, at: number): Promise<Written<Message>>
  /**
   * Wipes the kept texts of at most `limit` messages that were deleted before `before`. Resolves to their number; when
   * it is less than `limit`, there are no more.
   */
  wipe(before: number, limit: number): Promise<number>

  /** The message, also when it is deleted. */
  read(id: string): Promise<Message | null>
  /** The messages in any order, also deleted ones. Ids that don't exist are left out. At most 1,000 ids. */
  readMany(ids: readonly string[]): Promise<Message[]>
  /** The newest message of each group that is not deleted, by group; groups without one are left out. At most 1,000 ids. */
  listLast(groupIds: readonly string[]): Promise<Map<string, Message>>
  /** A page of the messages that are not deleted. */
  list(groupId: string, page: MessagePage): Promise<Message[]>
  /** The direct answers to a message that are not deleted, oldest first. */
  listReplies(message: Pick<Message, 'id' | 'groupId'>, page: ReplyPage): Promise<Message[]>
  /** The answers below the first message of a thread that are not deleted, oldest first. */
  listThread(root: Pick<Message, 'id' | 'groupId'>, page: ReplyPage): Promise<Message[]>
  /** A page of all messages; those that are deleted with their text, as far as it is kept, and without reactions. */
  listWithDeleted(groupId: string, page: MessagePage): Promise<Message[]>
}

/** A message is an entry of the log by itself, so there are no changes. */
export interface Appended extends Written<Message> {
  /** True when the message was sent before. */
  readonly repeat: boolean
  /** Those of a direct chat who had hidden it, and have it in their lists again by this message. */
  readonly shownTo: readonly string[]
}
