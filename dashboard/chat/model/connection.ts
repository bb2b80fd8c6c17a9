import type { Chat, ChatState } from '../../../src/client/types.ts'
import { type Cell, createCell } from './cell.ts'
import type { Clock } from './clock.ts'
import type { Connection } from './types.ts'

/** What of a browser tells whether there is a network. */
export interface Network {
  isOnline(): boolean
  /** Runs when that changes. */
  listen(run: () => void): void
}

const reconnectingMs = 5_000

/** How the connection is called: a short break is `reconnecting`, one of some seconds `offline`. */
export function createConnectionCell(
  chat: () => Chat,
  network: Network,
  { after }: Clock,
): { cell: Cell<Connection>; become(state: ChatState): void } {
  const cell = createCell<Connection>({ state: 'connecting' })
  let state: ChatState = 'connecting'
  let wasOnline = false
  let isLong = false
  let cancel: (() => void) | undefined

  function waitLong(): void {
    cancel ??= after(reconnectingMs, () => {
      isLong = true
      show()
    })
  }

  function show(): void {
    if (state === 'closed') return cell.set({ state, closed: chat().closed ?? null })
    const name = nameNow()
    if (cell.value.state !== name) cell.set({ state: name })
  }

  function nameNow(): Exclude<Connection['state'], 'closed'> {
    if (!network.isOnline() || (isLong && state !== 'online')) return 'offline'
    if (state === 'online') return 'online'
    return wasOnline || state === 'offline' ? 'reconnecting' : 'connecting'
  }

  waitLong()
  network.listen(show)
  return {
    cell,
    become(next) {
      state = next
      if (state === 'online' || state === 'closed') {
        cancel?.()
        cancel = undefined
        isLong = false
        wasOnline = true
      } else waitLong()
      show()
    },
  }
}
