import type { Chat, Group, Message, PendingSend, SendOptions } from '../../../src/client/types.ts'
import type { History } from './history.ts'
import { mentionsIn } from './mentions.ts'
import type { GroupPeople } from './people.ts'
import type { Rights } from './types.ts'

/** The user's sends of one group, until they are in its timeline. */
export interface Sending {
  /** In their order. */
  pending(): readonly PendingSend[]
  send(text: string, along: { replyTo: Message | null; attachments: readonly string[] }): void
  retry(clientId: string): void
  discard(clientId: string): void
  /** Whom the text calls. */
  callsIn(text: string): Pick<SendOptions, 'mentions' | 'mentionAll'>
}

interface Deps {
  chat: Chat
  groupId: string
  history: History
  people: GroupPeople
  group(): Group
  rights(): Rights
}

/** In larger groups only admins may call everybody. */
const mostForAll = 50

/**
 * The outbox lets go of a send with its `ack`, and the message itself comes as an event of its own, before or after that. So that it
 * is shown once, and all the time, one that the outbox has let go of stays until the message is there.
 */
export function createSending({ chat, groupId, history, people, group, rights }: Deps): Sending {
  let shown: readonly PendingSend[] = []

  function callsIn(text: string): Pick<SendOptions, 'mentions' | 'mentionAll'> {
    const { ids, all } = mentionsIn(text, people.known())
    const mayAll = rights().isAdmin || group().member_count <= mostForAll
    return { ...(ids.length && { mentions: ids }), ...(all && mayAll && { mentionAll: true }) }
  }

  function put(text: string, options: SendOptions): void {
    const sent = chat.group(groupId).send(text, options)
    const clientId = chat.pending.at(-1)?.clientId ?? ''
    // A refusal stands beside the message, which is kept as a failed one.
    sent.catch(() => isMiscalled(clientId) && putUncalled(clientId))
    if (!history.isEnd && history.hasPage) void history.loadNewest()
  }

  /** Somebody whom it calls is no member any more: the text is sent, and calls nobody. */
  function putUncalled(clientId: string): void {
    const item = itemOf(clientId)
    if (!item) return
    const { mentions: _, ...options } = item.options
    discard(clientId)
    put(item.content, options)
  }

  const itemOf = (clientId: string) => chat.pending.find((each) => each.clientId === clientId)

  function isMiscalled(clientId: string): boolean {
    const { error, options } = itemOf(clientId) ?? {}
    return error?.code === 'invalid' && options?.mentions !== undefined
  }

  function discard(clientId: string): void {
    shown = shown.filter((item) => item.clientId !== clientId)
    chat.discard(clientId)
  }

  return {
    pending() {
      const pending = chat.pending.filter((item) => item.groupId === groupId)
      const ids = new Set(pending.map(({ clientId }) => clientId))
      const acknowledged = history.isEnd
        ? shown.filter(({ clientId, state }) => !ids.has(clientId) && state !== 'failed')
        : []
      const isThere = ({ clientId }: PendingSend): boolean => history.ownKeys.has(clientId)
      // One that nobody answered may have arrived all the same.
      for (const item of pending) if (item.state === 'failed' && isThere(item)) chat.discard(item.clientId)
      const next = [...acknowledged, ...pending].filter((item) => !isThere(item))
      if (next.length || shown.length) shown = next
      return shown
    },

    send(text, { replyTo, attachments }) {
      put(text, {
        ...callsIn(text),
        ...(replyTo && { replyTo: replyTo.id }),
        ...(attachments.length && { attachments: [...attachments] }),
      })
    },

    retry: (clientId) => (isMiscalled(clientId) ? putUncalled(clientId) : chat.retry(clientId)),
    discard,
    callsIn,
  }
}
