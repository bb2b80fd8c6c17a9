import type { ChatEvent, Person } from '../../../src/client/types.ts'
import { type Cell, createCell } from './cell.ts'
import type { Clock } from './clock.ts'

/** Who types in a group, and that oneself does. */
export interface Typing {
  readonly cell: Cell<readonly Person[]>
  receive(event: ChatEvent): void
  /** Nothing is told while there is no connection. */
  clear(): void
  typed(isTyping: boolean): void
  /** A message that goes out says for itself that its writer types no more. */
  sent(): void
}

interface Deps {
  clock: Clock
  ownId: string
  tell(state: 'start' | 'stop'): void
}

/** The service ends it after 6 s; what was lost on the way ends here. */
const longestMs = 7_000
const repeatMs = 3_000

export function createTyping({ clock, ownId, tell }: Deps): Typing {
  const cell = createCell<readonly Person[]>([])
  const ends = new Map<string, () => void>()
  let toldAt: number | undefined

  function end(userId: string): void {
    ends.get(userId)?.()
    if (ends.delete(userId)) cell.set(cell.value.filter(({ id }) => id !== userId))
  }

  function begin({ user_id: id, username, display_name }: ChatEvent): void {
    const isNew = !ends.has(id)
    ends.get(id)?.()
    ends.set(
      id,
      clock.after(longestMs, () => end(id)),
    )
    if (isNew) cell.set([...cell.value, { id, username, display_name, avatar_url: null }])
  }

  return {
    cell,

    receive(event) {
      if (event.type === 'new_message') end(event.message.sender_id)
      if (event.type !== 'typing' || event.user_id === ownId) return
      if (event.state === 'start') begin(event)
      else end(event.user_id)
    },

    clear() {
      for (const id of [...ends.keys()]) end(id)
      toldAt = undefined
    },

    typed(isTyping) {
      const now = clock.now()
      if (isTyping) {
        if (toldAt !== undefined && now >= toldAt && now - toldAt < repeatMs) return
        toldAt = now
        tell('start')
      } else if (toldAt !== undefined) {
        toldAt = undefined
        tell('stop')
      }
    },

    sent() {
      toldAt = undefined
    },
  }
}
