import type { ChatEvent } from '../../../src/client/types.ts'
import { type Cell, createCell } from './cell.ts'

/** In groups of at most so many members it is shown who has read up to where. */
export const seenByLimit = 50

/** How far the others have read. */
export interface Reads {
  readonly cell: Cell<ReadonlyMap<string, number>>
  put(marks: readonly { user_id: string; seq: number }[]): void
  receive(event: ChatEvent): void
}

export function createReads(ownId: string): Reads {
  const cell = createCell<ReadonlyMap<string, number>>(new Map())

  function put(marks: readonly { user_id: string; seq: number }[]): void {
    const news = marks.filter(
      ({ user_id, seq }) => user_id !== ownId && seq > (cell.value.get(user_id) ?? -1),
    )
    if (!news.length) return
    const next = new Map(cell.value)
    for (const { user_id, seq } of news) next.set(user_id, seq)
    cell.set(next)
  }

  return {
    cell,
    put,
    receive(event) {
      if (event.type === 'read') put([{ user_id: event.user_id, seq: event.seq }])
      // Who sends has read all up to their own message.
      if (event.type === 'new_message') put([{ user_id: event.message.sender_id, seq: event.message.seq }])
      if (event.type === 'member_removed' && cell.value.has(event.user_id)) {
        const next = new Map(cell.value)
        next.delete(event.user_id)
        cell.set(next)
      }
    },
  }
}
