import type { GroupView } from '../domain/group.ts'
import type { MessageView } from '../domain/message.ts'
import { closeCodes, isFinal } from '../protocol/close-codes.ts'
import { mayPass } from '../protocol/error-codes.ts'

/** A durable event or a passing one, as docs/protocol.md describes them. */
export type ServerEvent = { type: string; cursor?: string } & Record<string, unknown>

export interface ClientOptions {
  /** The API's base, for example `http://127.0.0.1:8001/api/chat`. */
  url: string
  groupId: string
  /** The JWT, or a function that gets one. It is called before every connection, so that an expired token is replaced. */
  token: string | (() => string | Promise<string>)
  /** A cursor from an earlier connection or a REST answer: everything since is delivered first. */
  cursor?: string | undefined
  /** Every event of the group, once and in order; also after the connection was lost and made again. */
  onEvent(event: ServerEvent): void
  /** The gap is too large to replay: the application is to fetch the group again by REST, then go on with what comes. */
  onResync?(reason: string): void
  onState?(state: ClientState): void
}

export interface SendOptions {
  /** The key of the message; a new one unless given. */
  clientId?: string
  /** The id of the message that this one answers. */
  replyTo?: string
}

/** `refused` is final: access was lost, the group is gone, or the server asked to stay away. */
export type ClientState =
  | { state: 'connecting' }
  | { state: 'open'; userId: string }
  | { state: 'waiting'; retryInMs: number; code: number }
  | { state: 'refused'; code: number; reason: string }
  | { state: 'closed' }

export interface Client {
  /**
   * Resolves with the message when the server has it for good. When the connection is lost, the client sends it again under the same
   * key until it is answered. Rejects when the server refuses it, or the client is closed.
   */
  send(content: string, options?: SendOptions): Promise<MessageView>
  edit(messageId: string, content: string): Promise<MessageView>
  remove(messageId: string): Promise<MessageView>
  typing(content?: 'start' | 'stop'): void
  /** The cursor to connect with the next time. */
  readonly cursor: string | undefined
  close(): void
}

export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly code: string
  constructor(code: string, detail: string) {
    super(detail)
    this.code = code
  }
}

interface Pending {
  frame: { type: string; id: string } & Record<string, unknown>
  resolve(message: MessageView): void
  reject(error: Error): void
}

const firstPauseMs = 250
const longestPauseMs = 15_000
/** How long a connection may take to open, and how long it may be silent; after half of that it is pinged. */
const dialMs = 10_000
const silenceMs = 40_000
const lookEveryMs = 2_500

/**
 * A client of one group for browsers and Node (any runtime with WebSocket): reconnects, resumes, sends again. Throws
 * TypeError when `url` is none.
 */
export function connect(options: ClientOptions): Client {
  const url = new URL(`${options.url.replace(/^http/, 'ws')}/ws/${options.groupId}`)
  let { cursor } = options
  let socket: WebSocket | undefined
  let open = false
  let over = false
  let attempts = 0
  let hintMs: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let watch: ReturnType<typeof setInterval> | undefined
  let heardAt = 0
  let lastId = 0
  /** Frames that wait for their answer, in the order of sending. */
  const pending = new Map<string, Pending>()

  const tell = (state: ClientState) => options.onState?.(state)

  async function dial(): Promise<void> {
    tell({ state: 'connecting' })
    let dialled: WebSocket
    try {
      const token = typeof options.token === 'string' ? options.token : await options.token()
      if (over) return
      if (cursor !== undefined) url.searchParams.set('after', cursor)
      dialled = new WebSocket(url, ['chat.v1', `bearer.${token}`])
    } catch {
      // There was no token to be had, or it has characters that a subprotocol cannot have.
      return over ? undefined : retry(0)
    }
    socket = dialled
    heardAt = performance.now()
    watch = setInterval(look, lookEveryMs)
    dialled.onmessage = ({ data }) => {
      if (socket !== dialled) return
      heardAt = performance.now()
      receive(JSON.parse(String(data)))
    }
    dialled.onclose = ({ code, reason }) => {
      if (socket === dialled) lose(code, reason)
    }
  }

  function lose(code: number, reason: string): void {
    clearInterval(watch)
    socket = undefined
    open = false
    if (over) return
    if (code === closeCodes.tooBig) refuseLargest()
    if (!isFinal(code)) return retry(code)
    tell({ state: 'refused', code, reason })
    finish(new RefusedError('closed', reason || `The server closed with ${code}.`))
  }

  /** Drops a frame that was too big, because sent again it would end every new connection. */
  function refuseLargest(): void {
    const size = ({ frame }: Pending) => JSON.stringify(frame).length
    const [largest] = [...pending.values()].sort((a, b) => size(b) - size(a))
    settle(largest?.frame.id, (waiting) =>
      waiting.reject(new RefusedError('too_large', 'The message is too large.')),
    )
  }

  /** Ends a connection that died without a word or never opened, because nobody else would. */
  function look(): void {
    const silentMs = performance.now() - heardAt
    if (silentMs >= (open ? silenceMs : dialMs)) {
      const dead = socket
      lose(1006, '')
      dead?.close()
    } else if (open && silentMs >= silenceMs / 2) socket?.send('{"type":"ping"}')
  }

  function retry(code: number): void {
    const most = Math.min(longestPauseMs, firstPauseMs * 2 ** attempts++)
    // The wait is random, so that clients that were cut off together do not come back together.
    const retryInMs = hintMs ?? Math.round(most * (0.5 + Math.random() / 2))
    hintMs = undefined
    tell({ state: 'waiting', retryInMs, code })
    timer = setTimeout(dial, retryInMs)
  }

  function receive(event: ServerEvent): void {
    switch (event.type) {
      case 'connected':
        open = true
        attempts = 0
        cursor ??= event.cursor
        for (const { frame } of pending.values()) socket?.send(JSON.stringify(frame))
        tell({ state: 'open', userId: String(event.user_id) })
        return
      case 'ack':
        return settle(event.re, (waiting) => waiting.resolve(event.message as MessageView))
      case 'error':
        // The store is away for a moment: the frame stays pending, and is sent again after a while or with the next connection.
        if (mayPass(String(event.code))) return sendAgain(event.re, Number(event.retry_after_ms ?? 1_000))
        return settle(event.re, (waiting) =>
          waiting.reject(new RefusedError(String(event.code), String(event.detail))),
        )
      case 'closing':
        hintMs = Number(event.retry_after_ms)
        return
      case 'resync':
        cursor = event.cursor
        options.onResync?.(String(event.reason))
        return
      case 'pong':
        return
      default:
        if (event.cursor !== undefined) cursor = event.cursor
        options.onEvent(event)
    }
  }

  function settle(re: unknown, how: (waiting: Pending) => void): void {
    const waiting = pending.get(String(re))
    if (!waiting) return
    pending.delete(String(re))
    how(waiting)
  }

  function sendAgain(re: unknown, afterMs: number): void {
    const from = socket
    setTimeout(() => {
      const waiting = pending.get(String(re))
      if (waiting && open && socket === from) socket?.send(JSON.stringify(waiting.frame))
    }, afterMs)
  }

  function request(frame: Record<string, unknown> & { type: string }): Promise<MessageView> {
    if (over) return Promise.reject(new RefusedError('closed', 'The client is closed.'))
    const id = String(++lastId)
    return new Promise((resolve, reject) => {
      const waiting = { frame: { ...frame, id }, resolve, reject }
      pending.set(id, waiting)
      if (open) socket?.send(JSON.stringify(waiting.frame))
    })
  }

  function finish(error: Error): void {
    over = true
    clearTimeout(timer)
    clearInterval(watch)
    for (const waiting of pending.values()) waiting.reject(error)
    pending.clear()
  }

  dial()
  return {
    send: (content, { clientId = crypto.randomUUID(), replyTo } = {}) =>
      request({ type: 'message', content, client_id: clientId, ...(replyTo && { reply_to: replyTo }) }),
    edit: (messageId, content) => request({ type: 'edit', message_id: messageId, content }),
    remove: (messageId) => request({ type: 'delete', message_id: messageId }),
    typing(content) {
      if (open) socket?.send(JSON.stringify({ type: 'typing', ...(content && { content }) }))
    },
    get cursor() {
      return cursor
    },
    close() {
      if (over) return
      finish(new RefusedError('closed', 'The client was closed.'))
      socket?.close(closeCodes.normal)
      tell({ state: 'closed' })
    },
  }
}

export type { GroupView, MessageView }
