import type { Change, Head } from '../domain/change.ts'
import type { Position } from '../domain/cursor.ts'
import type { Message } from '../domain/message.ts'

/** The two logs of each group: its messages, and what else happened to it. Other nouns write them; here they are read. */
export interface LogStore {
  /** null when there is no such group. */
  readHead(groupId: string): Promise<Head | null>
  /** The same of many at once, by group; those that are not there are left out. At most 1,000 ids. */
  readHeads(groupIds: readonly string[]): Promise<Map<string, Head>>
  /**
   * The logs after a position, each ascending and at most `limit` long; messages include deleted ones.
   * Fewer than `limit` means that the log ended there when it was read. The messages are read after the changes (or in one
   * snapshot). Reads go forward in time: what one has seen, those after it see.
   */
  read(groupId: string, after: Position, limit: number): Promise<{ messages: Message[]; changes: Change[] }>
  /** The `rev` of the oldest change kept, minus one: a cursor below it is too old. 0 when nothing was trimmed. */
  readStart(groupId: string): Promise<number>
  /** Drops changes made before `before` (milliseconds since 1970), except each group's last one. Resolves to how many went. */
  trim(before: number): Promise<number>
}
