import type { Chat } from '../../../src/client/types.ts'

/** Has the socket hear a group from where its page was read, if that was before the socket heard it. */
export interface Listening {
  readonly isHeard: boolean
  /** Something may be missing between the page and what is told. */
  readonly isDue: boolean
  /** The page has everything up to there. */
  from(cursor: string | undefined): void
  /** What was told since the page is told again. It waits for a connection. */
  listen(): Promise<void>
}

export function createListening(chat: Chat, groupId: string): Listening {
  const group = chat.group(groupId)
  let after: string | undefined
  return {
    get isHeard() {
      return group.cursor !== undefined
    },
    get isDue() {
      return after !== undefined
    },
    from(cursor) {
      after ??= cursor
    },
    async listen() {
      if (after === undefined || chat.state !== 'online') return
      const from = after
      after = undefined
      await group.subscribe({ after: from })
    },
  }
}
