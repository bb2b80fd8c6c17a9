import { type Chat, type ChatEvent, type ChatGroup, connect } from '../../src/client/client.ts'
import type { MessageView } from '../../src/domain/message.ts'

/** A client of a group that keeps what it heard, and complains when that was not everything, once and in order. */
export interface Listener {
  readonly client: Chat
  readonly group: ChatGroup
  readonly userId: string
  /** The group as this client knows it: the messages that are there, by id, oldest first. */
  readonly shown: ReadonlyMap<string, MessageView>
  /** Ids in the order of their first hearing: the one at index n has the seq n + 1. */
  readonly order: readonly string[]
  /** What was wrong. */
  readonly complaints: readonly string[]
}

/** To be opened on a group that has no messages yet. */
export function listen(options: { url: string; groupId: string; userId: string; token: string }): Listener {
  const shown = new Map<string, MessageView>()
  const order: string[] = []
  const complaints: string[] = []

  function hear(event: ChatEvent): void {
    if (event.type === 'new_message') {
      const message = event.message as MessageView
      first(message.id, message.seq)
      shown.set(message.id, message)
    }
    // A change that was part of its message's form already may be told again: a state that was passed is dropped.
    if (event.type === 'message_updated') {
      const message = event.message as MessageView
      const known = shown.get(message.id)
      if (message.seq > order.length) complaints.push(`an edit of ${message.seq} came before it`)
      if (!known || known.ver > message.ver) return
      if (known.ver === message.ver && known.content !== message.content)
        complaints.push(`ver ${message.ver} of ${message.seq} is not always the same`)
      shown.set(message.id, message)
    }
    if (event.type === 'message_deleted') {
      const id = String(event.message_id)
      const seq = Number(event.seq)
      // In a replay a message that was deleted meanwhile has its own place.
      if (seq > order.length) first(id, seq)
      else if (order[seq - 1] !== id) complaints.push(`${seq} was deleted, and is another message`)
      shown.delete(id)
    }
  }

  function first(id: string, seq: number): void {
    if (seq !== order.length + 1) complaints.push(`${seq} came after ${order.length}`)
    order.push(id)
  }

  const client = connect({
    url: options.url,
    token: options.token,
    reconnect: { maxMs: 2_000 },
    onState: (state) => {
      if (state === 'closed' && client.closed) complaints.push(`it was refused: ${client.closed.reason}`)
    },
  })
  client.on('event', (event) => {
    if (event.group_id !== options.groupId) return
    if (event.type === 'resync') complaints.push(`it was told to fetch again: ${event.reason}`)
    if (event.type === 'unsubscribed') complaints.push(`it lost the group: ${event.reason ?? event.code}`)
    hear(event)
  })
  return { client, group: client.group(options.groupId), userId: options.userId, shown, order, complaints }
}
