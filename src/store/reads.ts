import type { Caller } from '../domain/caller.ts'
import type { Reading, ReadMark } from '../domain/read.ts'
import type { Written } from './written.ts'

/**
 * How far members have read. Who becomes a member has read all that was there. `MessageStore` marks all up to a message as read by
 * its sender.
 */
export interface ReadStore {
  /**
   * Marks all messages up to `seq` as read by the caller. A mark never goes back: with a lower `seq` nothing changes. Logs nothing.
   * Throws not_found, banned, forbidden (members only), invalid (beyond the last message).
   */
  mark(groupId: string, seq: number, by: Caller, at: number): Promise<Written<Marked>>
  /**
   * Who has read up to where, most read first, then who did so first. Members who neither marked nor sent anything since they joined
   * are left out. The cost is that of the answer, however many members there are.
   */
  list(groupId: string, limit: number): Promise<ReadMark[]>
  /**
   * The groups as this user has read them, by group; groups that don't exist are left out. At most 1,000 ids. The cost does not
   * depend on how many messages there are, read or unread.
   */
  ofUser(userId: string, groupIds: readonly string[]): Promise<Map<string, Reading>>
}

export interface Marked {
  /** Up to where the caller has read now. */
  readonly seq: number
  /** False when that is as it was before. */
  readonly isNews: boolean
}
