import type { Message, Messages } from '../../../src/client/types.ts'

/** The messages that others answer. */
export interface Quotes {
  /** undefined until it is known, null where it can't be had any more. */
  get(messageId: string): Message | null | undefined
}

/** `loaded` finds it in the timeline; else it is fetched, once, and `onKnown` told. */
export function createQuotes(deps: {
  messages: Pick<Messages, 'get'>
  loaded(messageId: string): Message | undefined
  onKnown(messageId: string): void
}): Quotes {
  const fetched = new Map<string, Message | null | undefined>()

  async function fetch(messageId: string): Promise<void> {
    fetched.set(messageId, undefined)
    try {
      fetched.set(messageId, await deps.messages.get(messageId))
    } catch (error) {
      // What the service says is not there is gone; whatever else went wrong may go well the next time.
      const { status = 0 } = error as { status?: number }
      if (status < 400 || status >= 500 || status === 429) fetched.delete(messageId)
      else fetched.set(messageId, null)
    }
    if (fetched.has(messageId)) deps.onKnown(messageId)
  }

  return {
    get(messageId) {
      const message = deps.loaded(messageId)
      if (message) return message
      if (!fetched.has(messageId)) void fetch(messageId)
      return fetched.get(messageId)
    },
  }
}
