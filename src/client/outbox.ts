import { mayPass } from '../protocol/passing.ts'
import { chatError } from './errors.ts'
import type { ChatError, ChatEvent, ChatStorage, Message, PendingSend, SendOptions } from './types.ts'

/** Sends on their way: those of a group go out one after the other, each until it is answered. */
export interface Outbox {
  readonly pending: readonly PendingSend[]
  send(groupId: string, content: string, options: SendOptions): Promise<Message>
  /** Takes a frame of the service; false when it is no answer to a send. */
  receive(frame: ChatEvent): boolean
  /** There is a connection, as this user. */
  online(userId: string): void
  lost(): void
  retry(clientId: string): void
  discard(clientId: string): void
  /** The one that is largest of those under way is refused. */
  refuseLargest(): void
  /** Nothing is sent any more, for this reason. */
  close(error: ChatError): void
}

interface Deps {
  storage: ChatStorage | undefined
  /** Under which it is kept. */
  key: string
  timeoutMs: number
  newKey(): string
  /** Throws what the socket does not take. */
  send(frame: object): boolean
  after(ms: number, run: () => void): () => void
  now(): number
  onError(error: unknown): void
  /** `pending` is another one. */
  onChange(): void
}

interface Item extends PendingSend {
  /** Of whom it is; unknown until there was a connection. */
  userId?: string
  /** It is not sent before this time. */
  notBefore?: number
  /** When it was sent first over this connection. */
  sentAt?: number
  resolve?(message: Message): void
  reject?(error: ChatError): void
}

const pauseMs = 1_000
const lookEveryMs = 1_000

export function createOutbox(deps: Deps): Outbox {
  const { storage, key, timeoutMs, newKey, after, now, onError, onChange } = deps
  const items = new Map<string, Item>()
  let userId: string | undefined
  let isOnline = false
  let offlineSince = now()
  let closedFor: ChatError | undefined
  let cancelLook: (() => void) | undefined
  /** Changes of the stored list go one after the other: another tab has its own in it. */
  let storing: Promise<unknown> = Promise.resolve()

  const frameOf = ({ clientId, groupId, content, options }: Item): object => {
    const { replyTo, mentions, mentionAll, attachments, metadata } = options
    return {
      type: 'message',
      id: clientId,
      client_id: clientId,
      group_id: groupId,
      content,
      ...(replyTo !== undefined && { reply_to: replyTo }),
      ...(mentions && { mentions }),
      ...(mentionAll && { mention_all: true }),
      ...(attachments && { attachments }),
      ...(metadata && { metadata }),
    }
  }

  async function stored(): Promise<Item[]> {
    const text = await storage?.getItem(key)
    const value: unknown = text ? JSON.parse(text) : []
    return Array.isArray(value) ? value : []
  }

  function store(change: (kept: Item[]) => Item[]): void {
    if (!storage) return
    storing = storing
      .then(async () => storage.setItem(key, JSON.stringify(change(await stored()))))
      .catch(onError)
  }

  /** As it is now: what happens to it before it is stored, the end of this client for instance, is no concern of the next one. */
  function keep(item: Item): void {
    const { sentAt: _, notBefore: __, resolve: ___, reject: ____, ...rest } = item
    const state = item.state === 'failed' ? 'failed' : 'waiting'
    store((kept) => [...kept.filter(({ clientId }) => clientId !== item.clientId), { ...rest, state }])
  }

  function remove(item: Item): void {
    items.delete(item.clientId)
    store((kept) => kept.filter(({ clientId }) => clientId !== item.clientId))
  }

  async function restore(): Promise<void> {
    for (const item of await stored()) {
      if (items.has(item.clientId) || (userId && item.userId && item.userId !== userId)) continue
      items.set(item.clientId, { ...item, queuedAt: now() })
    }
    if (closedFor) return
    flush()
  }

  function fail(item: Item, error: ChatError): void {
    item.state = 'failed'
    item.error = { code: error.code, detail: error.detail }
    item.reject?.(error)
    delete item.reject
    delete item.resolve
    keep(item)
    onChange()
  }

  function flush(): void {
    lookLater()
    if (isOnline) sendFirst()
    onChange()
  }

  /** Sends the first of each group that waits, if it may go. */
  function sendFirst(): void {
    const begun = new Set<string>()
    for (const item of items.values()) {
      if (item.state === 'failed' || begun.has(item.groupId)) continue
      begun.add(item.groupId)
      if (item.state === 'sending') continue
      const waitMs = (item.notBefore ?? 0) - now()
      if (waitMs > 0) continue
      if (!deps.send(frameOf(item))) return
      item.state = 'sending'
      item.sentAt ??= now()
    }
  }

  function lookLater(): void {
    if (cancelLook || closedFor || ![...items.values()].some(({ state }) => state !== 'failed')) return
    cancelLook = after(lookEveryMs, () => {
      cancelLook = undefined
      const late = [...items.values()].filter((item) => {
        const since = isOnline ? (item.sentAt ?? now()) : Math.max(item.queuedAt, offlineSince)
        return item.state !== 'failed' && now() - since >= timeoutMs
      })
      for (const item of late)
        fail(
          item,
          chatError(
            'timeout',
            'The service has not answered: it may have the message or not. Sent again, it stays one.',
          ),
        )
      flush()
    })
  }

  void restore().catch(onError)
  return {
    get pending() {
      return [...items.values()].map(({ clientId, groupId, content, state, error, queuedAt, options }) => ({
        clientId,
        groupId,
        content,
        state,
        queuedAt,
        options,
        ...(error && { error }),
      }))
    },

    send(groupId, content, { clientId = newKey(), ...options }) {
      if (closedFor) return Promise.reject(closedFor)
      return new Promise((resolve, reject) => {
        const item: Item = {
          clientId,
          groupId,
          content,
          options,
          state: 'waiting',
          queuedAt: now(),
          ...(userId !== undefined && { userId }),
          resolve,
          reject,
        }
        items.set(clientId, item)
        keep(item)
        flush()
      })
    },

    receive(frame) {
      const item = items.get(String(frame.re))
      if (!item || (frame.type !== 'ack' && frame.type !== 'error')) return false
      if (frame.type === 'ack') {
        remove(item)
        item.resolve?.(frame.message)
      } else if (mayPass(frame.code) || frame.code === 'rate_limited') {
        // The others of its group wait behind it, so that their order stays.
        const ms = Number(frame.retry_after_ms ?? pauseMs)
        item.state = 'waiting'
        item.notBefore = now() + ms
        after(ms, flush)
      } else
        fail(item, chatError(frame.code, frame.detail, { ...(frame.errors && { errors: frame.errors }) }))
      flush()
      return true
    },

    online(id) {
      userId = id
      isOnline = true
      for (const item of [...items.values()]) {
        // What somebody else left here waits for them.
        if (item.userId !== undefined && item.userId !== id) items.delete(item.clientId)
        else if (item.state !== 'failed') item.state = 'waiting'
        item.userId ??= id
        delete item.sentAt
      }
      flush()
    },

    lost() {
      // A connection that never was leaves the time of the last one as it is.
      if (!isOnline) return
      isOnline = false
      offlineSince = now()
      for (const item of items.values()) if (item.state === 'sending') item.state = 'waiting'
      onChange()
    },

    retry(clientId) {
      const item = items.get(clientId)
      if (item?.state !== 'failed' || closedFor) return
      // It goes behind what was sent since.
      items.delete(clientId)
      const { error: _, sentAt: __, ...rest } = item
      const again: Item = { ...rest, state: 'waiting', queuedAt: now() }
      items.set(clientId, again)
      keep(again)
      flush()
    },

    discard(clientId) {
      const item = items.get(clientId)
      if (item && item.state !== 'sending') {
        remove(item)
        item.reject?.(chatError('discarded', 'The message was let go of before it was sent.'))
        onChange()
      }
    },

    refuseLargest() {
      const size = (item: Item) => JSON.stringify(frameOf(item)).length
      const [largest] = [...items.values()]
        .filter(({ sentAt }) => sentAt !== undefined)
        .sort((a, b) => size(b) - size(a))
      if (largest) fail(largest, chatError('too_large', 'The message is too large.'))
    },

    close(error) {
      closedFor = error
      cancelLook?.()
      for (const item of items.values()) {
        if (item.state === 'failed') continue
        // It stays where it is kept, and is sent when somebody comes back with a token that is good.
        item.state = 'failed'
        item.error = { code: error.code, detail: error.detail }
        item.reject?.(error)
      }
      onChange()
    },
  }
}
