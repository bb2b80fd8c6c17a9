import { createConnection } from './connection.ts'
import { chatError, closedByUser, closedError } from './errors.ts'
import { createListeners, type Handler } from './listeners.ts'
import { createOutbox } from './outbox.ts'
import { createRest } from './rest.ts'
import { createRoutes, queryOf } from './routes.ts'
import { createSubscriptions } from './subscriptions.ts'
import type { Chat, ChatEvent, ChatGroup, connect as Connect, ConnectOptions } from './types.ts'

export type * from './types.ts'

/** What browsers and Node have, each of which the caller may hand in. */
interface Platform {
  WebSocket: NonNullable<ConnectOptions['WebSocket']>
  fetch: NonNullable<ConnectOptions['fetch']>
  setTimeout: NonNullable<ConnectOptions['setTimeout']>
  crypto: NonNullable<ConnectOptions['crypto']>
  clearTimeout?(timer: unknown): void
  console?: { error(error: unknown): void }
  addEventListener?(type: string, listener: () => void): void
  removeEventListener?(type: string, listener: () => void): void
}

const stepMs = 1_000

export const connect: typeof Connect = (options) => {
  const { url, prefix = '/api/chat', reconnect = {}, sendTimeoutMs = 60_000 } = options
  const platform = globalThis as unknown as Platform
  const fetch: Platform['fetch'] = (...request) => (options.fetch ?? platform.fetch)(...request)
  const setTimeout: Platform['setTimeout'] = (...timer) =>
    (options.setTimeout ?? platform.setTimeout)(...timer)
  const base = baseOf(url, prefix)
  const onError = options.onError ?? ((error) => platform.console?.error(error))
  const random = () => randomOf(options.crypto ?? platform.crypto)
  const token = async () => (typeof options.token === 'string' ? options.token : options.token())
  let userId: string | undefined
  let isClosed = false

  /** A timer that was handed in can't be cleared, so a long wait has steps: what is over keeps no process alive for long. */
  const after = (ms: number, run: () => void): (() => void) => {
    let isOver = false
    let timer: unknown
    const wait = (leftMs: number): void => {
      timer = setTimeout(
        () => isOver || (leftMs > stepMs ? wait(leftMs - stepMs) : run()),
        Math.min(leftMs, stepMs),
      )
    }
    wait(ms)
    return () => {
      isOver = true
      if (!options.setTimeout) platform.clearTimeout?.(timer)
    }
  }

  const rest = createRest({ base, token, fetch })
  const listeners = createListeners(onError)
  const send = (frame: object) => connection.send(frame)
  const subscriptions = createSubscriptions({ send, after, tell: listeners.tell })
  const outbox = createOutbox({
    storage: options.storage,
    key: `chat-api.outbox ${base}`,
    timeoutMs: sendTimeoutMs,
    newKey: () =>
      Array.from({ length: 4 }, () =>
        Math.floor(random() * 2 ** 32)
          .toString(36)
          .padStart(7, '0'),
      ).join(''),
    send,
    after,
    now: Date.now,
    onError,
    onChange: () => tell(options.onPending),
  })

  function tell<T>(handler: ((value: T) => void) | undefined, value?: T): void {
    try {
      handler?.(value as T)
    } catch (error) {
      onError(error)
    }
  }

  function receive(frame: ChatEvent): void {
    if (frame.type === 'connected') {
      userId = String(frame.user_id)
      subscriptions.receive(frame)
      outbox.online(userId)
    } else if (!outbox.receive(frame)) subscriptions.receive(frame)
  }

  const connection = createConnection({
    url: `${base.replace(/^http/, 'ws')}/ws`,
    token,
    refusal: rest.refusal,
    WebSocket: (options.WebSocket ?? platform.WebSocket) as Platform['WebSocket'],
    after,
    minMs: reconnect.minMs ?? 250,
    maxMs: reconnect.maxMs ?? 30_000,
    random,
    onFrame: receive,
    onTooBig: outbox.refuseLargest,
    onState(state) {
      if (state === 'offline') {
        outbox.lost()
        subscriptions.lost()
      }
      if (state === 'closed') finish()
      tell(options.onState, state)
    },
  })

  function finish(): void {
    isClosed = true
    platform.removeEventListener?.('online', connection.hurry)
    const error = connection.closed ? closedError(connection.closed) : chatError('closed', closedByUser)
    outbox.close(error)
    subscriptions.close(error)
    listeners.close()
  }

  const ownId = async (): Promise<string> => userId ?? (await named.users.me()).id
  const named = createRoutes(rest, ownId)

  const group = (id: string): ChatGroup => ({
    id,
    get cursor() {
      return subscriptions.cursor(id)
    },
    send: (content, options = {}) => outbox.send(id, content, options),
    history: ({ limit, ...page } = {}) => named.groups.messages(id, { page_size: limit, ...page }),
    typing: (content) => void send({ type: 'typing', group_id: id, ...(content && { content }) }),
    react: named.messages.react,
    unreact: named.messages.unreact,
    edit: named.messages.edit,
    delete: named.messages.delete,
    pin: named.messages.pin,
    unpin: named.messages.unpin,
    markRead: (seq) => named.groups.markRead(id, seq),
    subscribe: ({ after } = {}) => subscriptions.subscribe(id, after),
    unsubscribe: () => subscriptions.unsubscribe(id),
  })

  platform.addEventListener?.('online', connection.hurry)

  const chat: Chat = {
    get state() {
      return connection.state
    },
    get closed() {
      return connection.closed
    },
    get userId() {
      return userId
    },
    get pending() {
      return outbox.pending
    },
    // An event of this type is what its handler takes.
    on: (type, handler) => listeners.on(type, handler as Handler),
    events: ({ group } = {}) => listeners.iterate(group),
    group,
    ...named,
    search: (q, options) => rest.request('GET', `/search${queryOf({ q, ...options })}`),
    upload: (groupId, file, { name = (file as { name?: string }).name, onProgress } = {}) =>
      rest.upload(
        'POST',
        `/groups/${encodeURIComponent(groupId)}/files${queryOf({ name })}`,
        file,
        onProgress,
      ),
    request: rest.request,
    retry: outbox.retry,
    discard: outbox.discard,
    close: () => isClosed || connection.close(),
  } as Chat
  return chat
}

/** `https://chat.example.com/api/chat`. Throws TypeError. */
function baseOf(url: string, prefix: string): string {
  const match = /^(https?|wss?):\/\/([^\s/?#@]+)(\/[^\s?#]*)?$/i.exec(url)
  if (!match)
    throw new TypeError(
      `${JSON.stringify(url)} is no address of a service: give one like https://chat.example.com`,
    )
  const [, scheme = '', host = '', path = ''] = match
  const above = path.replace(/\/+$/, '')
  return `${scheme.toLowerCase().replace('ws', 'http')}://${host}${above.endsWith(prefix) ? above : above + prefix}`
}

/** 0 to 1. */
const randomOf = (crypto: Platform['crypto']): number =>
  (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32
