import { element, setText } from '../parts/elements.ts'
import type { ChatModel } from './model/types.ts'

/** In a word, how the page stands with the service. While all is well it is there for screen readers alone. */
export function createConnectionStatus({ connection }: ChatModel, signal: AbortSignal): HTMLElement {
  const status = element('p', { role: 'status', 'aria-label': 'Connection' })
  connection.listen(({ state }) => {
    const word = state === 'closed' ? 'offline' : state
    status.className = word === 'online' ? 'hidden' : `connection ${word}`
    setText(status, word)
  }, signal)
  return status
}
