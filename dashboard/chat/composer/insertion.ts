import { createCell, type SettableCell } from '../model/cell.ts'
import type { Conversation } from '../model/types.ts'

const cells = new WeakMap<Conversation, SettableCell<{ readonly text: string } | null>>()

/** What another part of the page asks to be written into the message that is begun: a new object each time. */
export function insertionOf(conversation: Conversation): SettableCell<{ readonly text: string } | null> {
  const known = cells.get(conversation) ?? createCell<{ readonly text: string } | null>(null)
  cells.set(conversation, known)
  return known
}
