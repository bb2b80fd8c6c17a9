import type { Change } from '../domain/change.ts'
import type { Position } from '../domain/cursor.ts'
import type { Message } from '../domain/message.ts'

/** One entry of a group's two logs, with the position after it. */
export type Ordered =
  | { readonly at: Position; readonly message: Message }
  | { readonly at: Position; readonly change: Change }

export interface Order {
  readonly entries: readonly Ordered[]
  /** The position after all of them. */
  readonly at: Position
}

/**
 * Both logs after `from` in the one order in which they are told: a change comes after the messages that were there when it was
 * made. `limit`: how long each could have been; one that is shorter ended there. What can't be placed yet, because what
 * belongs before it is on the next page, is left out.
 */
export function inOrder(
  from: Position,
  { messages, changes }: { readonly messages: readonly Message[]; readonly changes: readonly Change[] },
  limit: number,
): Order {
  const entries: Ordered[] = []
  let { seq, rev } = from
  let next = 0
  const takeMessages = (upTo: number): void => {
    for (let message = messages[next]; message && message.seq <= upTo; message = messages[++next]) {
      seq = message.seq
      entries.push({ at: { seq, rev }, message })
    }
  }
  for (const change of changes) {
    takeMessages(change.seq)
    // The rest of the messages before this change is on the next page.
    if (next === messages.length && messages.length === limit && seq < change.seq)
      return { entries, at: { seq, rev } }
    // A number that only a change names proves nothing: the message that took it may have been rolled back since, or this read
    // does not see it yet. So a number is passed over only when a message with a higher one is there.
    rev = change.rev
    entries.push({ at: { seq, rev }, change })
  }
  // Where there are more changes, some may belong before the messages that are left.
  if (changes.length < limit) takeMessages(Number.POSITIVE_INFINITY)
  return { entries, at: { seq, rev } }
}
