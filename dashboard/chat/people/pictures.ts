import type { Message } from '../../../src/client/types.ts'
import { type Cell, createCell } from '../model/cell.ts'
import type { Conversation } from '../model/types.ts'

export type Pictures = ReadonlyMap<string, string | null>

/** Adds the pictures of who wrote these; the same map where nothing is new. */
export function withPictures(pictures: Pictures, messages: readonly Message[]): Pictures {
  const next = new Map(pictures)
  let isChanged = false
  for (const { sender_id: id, sender } of messages) {
    if (id !== sender.id || (next.get(id) ?? null) === sender.avatar_url) continue
    next.set(id, sender.avatar_url)
    isChanged = true
  }
  return isChanged ? next : pictures
}

/** The pictures of people by user id, as far as they are known: messages tell those of who wrote them, lists of members tell none. */
export function createPictures({ timeline }: Conversation, signal: AbortSignal): Cell<Pictures> {
  const cell = createCell<Pictures>(new Map())
  let last: Message | undefined
  timeline.listen(({ messages }) => {
    const from = last ? messages.lastIndexOf(last) + 1 : 0
    last = messages.at(-1)
    cell.set(withPictures(cell.value, messages.slice(from)))
  }, signal)
  return cell
}
