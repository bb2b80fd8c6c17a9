import type { Chat, PendingSend } from '../../../src/client/types.ts'

/** The user's sends of one group that are not in its timeline. */
export interface Waiting {
  now(): readonly PendingSend[]
  get(clientId: string): PendingSend | undefined
  discard(clientId: string): void
}

interface Deps {
  chat: Chat
  groupId: string
  /** Of the user's messages that are in the timeline. */
  ownKeys: ReadonlySet<string>
  isEnd(): boolean
}

/**
 * The outbox lets go of a send with its `ack`, and the message itself comes as an event of its own, before or after that. So that it
 * is shown once, and all the time, one that the outbox has let go of stays until the message is there.
 */
export function createWaiting({ chat, groupId, ownKeys, isEnd }: Deps): Waiting {
  let shown: readonly PendingSend[] = []

  return {
    now() {
      const pending = chat.pending.filter((item) => item.groupId === groupId)
      const ids = new Set(pending.map(({ clientId }) => clientId))
      const acknowledged = isEnd()
        ? shown.filter(({ clientId, state }) => !ids.has(clientId) && state !== 'failed')
        : []
      const next = [...acknowledged, ...pending].filter(({ clientId }) => !ownKeys.has(clientId))
      shown = next.length || shown.length ? next : shown
      return shown
    },
    get: (clientId) => chat.pending.find((item) => item.clientId === clientId),
    discard(clientId) {
      shown = shown.filter((item) => item.clientId !== clientId)
      chat.discard(clientId)
    },
  }
}
