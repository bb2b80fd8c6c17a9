import type { Change, Head } from '../domain/change.ts'
import type { Position } from '../domain/cursor.ts'
import type { Message } from '../domain/message.ts'

/** The two logs of each group: its messages, and what else happened to it. Other nouns write them; here they are read. */
export interface LogStore {
  /** null when there is no such group. */
  readHead(groupId: string): Promise<Head | null>
  /** The heads of many groups at once, by group. Groups that do not exist are left out. At most 1,000 ids. */
  readHeads(groupIds: readonly string[]): Promise<Map<string, Head>>
  /**
   * The logs after a position, each ascending and at most `limit` long; messages include deleted ones.
   * Fewer than `limit` means that the log ended there when it was read. The messages are read after the changes (or in one
   * snapshot). Reads go forward in time: each sees at least what the ones before it saw.
   */
  read(groupId: string, after: Position, limit: number): Promise<{ messages: Message[]; changes: Change[] }>
  /** The `rev` of the oldest change kept, minus one: a cursor below it is too old. 0 when nothing was trimmed. */
  readStart(groupId: string): Promise<number>
  /** Drops changes made before `before` (milliseconds since 1970), except each group's last one. Resolves to their number. */
  trim(before: number): Promise<number>
}
