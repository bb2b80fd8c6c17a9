import { closeCodes, isFinal } from '../protocol/close-codes.ts'
import { chatError } from './errors.ts'
import { lifetimeOf } from './token.ts'
import type { ChatError, ChatEvent, ChatSocket, ChatState, Closed, ConnectOptions } from './types.ts'

/** The socket, which is made again whenever it is lost, until the service says to stay away. */
export interface Connection {
  readonly state: ChatState
  readonly closed: Closed | undefined
  /** False when there is no connection. Throws what the socket does not take. */
  send(frame: object): boolean
  /** There may be another network: tries at once, if it waits for the next try, and else looks whether the connection still is one. */
  hurry(): void
  close(): void
}

interface Deps {
  url: string
  token(): Promise<string>
  /** Why a token is refused; null where it is not. */
  refusal(token: string): Promise<ChatError | null>
  WebSocket: NonNullable<ConnectOptions['WebSocket']>
  after(ms: number, run: () => void): () => void
  minMs: number
  maxMs: number
  random(): number
  /** Hears of each frame but those about the connection itself; `connected` is the first. */
  onFrame(frame: ChatEvent): void
  onState(state: ChatState): void
  /** A frame was too big: sent again it would end every new connection. */
  onTooBig(): void
}

/** How long a connection may take to open, and how long it may be silent; after half of that it is pinged. */
const dialMs = 10_000
const silenceMs = 40_000
const lookEveryMs = 2_500
const noToken = chatError('unauthenticated', 'The token has characters that no token has.', { status: 401 })
/** A token is replaced when so much of its time is over, and looked at again after an hour at the latest. */
const renewedAt = 0.8
const longestMs = 3_600_000

export function createConnection(deps: Deps): Connection {
  const { after } = deps
  let state: ChatState = 'connecting'
  let closed: Closed | undefined
  let socket: ChatSocket | undefined
  let attempts = 0
  /** How long the service said to wait. */
  let hintMs: number | undefined
  let heardAt = 0
  let cancelRetry: (() => void) | undefined
  let cancelRenewal: (() => void) | undefined
  let cancelLook: (() => void) | undefined

  function become(next: ChatState): void {
    if (state === next) return
    state = next
    deps.onState(next)
  }

  async function dial(): Promise<void> {
    cancelRetry = undefined
    become('connecting')
    const token = await deps.token().catch(() => null)
    if (state === 'closed') return
    if (token === null) return retry()
    let dialled: ChatSocket
    try {
      dialled = new deps.WebSocket(deps.url, ['chat.v1', `bearer.${token}`])
    } catch {
      return explain(token, noToken)
    }
    socket = dialled
    heardAt = Date.now()
    look()
    dialled.onmessage = ({ data }) => {
      if (socket !== dialled) return
      heardAt = Date.now()
      receive(JSON.parse(String(data)), token)
    }
    dialled.onerror = () => undefined // `onclose` follows
    dialled.onclose = ({ code, reason }) => {
      if (socket === dialled) void lost(code, reason, token)
    }
  }

  function receive(frame: ChatEvent, token: string): void {
    if (frame.type === 'pong') return
    if (frame.type === 'closing') {
      hintMs = Number(frame.retry_after_ms)
      return
    }
    if (frame.type === 'connected') {
      attempts = 0
      become('online')
      renewLater(token)
    }
    deps.onFrame(frame)
  }

  async function lost(code: number, reason: string, token: string): Promise<void> {
    const wasOnline = state === 'online'
    letGo()
    if (code === closeCodes.tooBig) deps.onTooBig()
    if (isFinal(code))
      return end({ code, reason: nameOf(code), detail: reason || `The service closed with ${code}.` })
    if (wasOnline) return retry()
    return explain(token, null)
  }

  /** A browser does not say why a handshake was refused, so REST is asked. */
  async function explain(token: string, otherwise: ChatError | null): Promise<void> {
    become('offline')
    const refused = (await deps.refusal(token)) ?? otherwise
    if (state === 'closed') return
    const { status = 0, retryAfterMs } = refused ?? {}
    if (refused && status >= 400 && status < 500 && status !== 408 && status !== 429)
      return end({ code: status, reason: refused.code, detail: refused.detail })
    hintMs = retryAfterMs ?? hintMs
    retry()
  }

  function letGo(): void {
    socket = undefined
    cancelLook?.()
    cancelRenewal?.()
  }

  /** Ends a connection that died without a word or never opened, because nobody else would. */
  function look(): void {
    cancelLook = after(lookEveryMs, look)
    const silentMs = Date.now() - heardAt
    const isOnline = state === 'online'
    if (silentMs >= (isOnline ? silenceMs : dialMs)) {
      const dead = socket
      letGo()
      become('offline')
      retry()
      dead?.close()
    } else if (isOnline && silentMs >= silenceMs / 2) socket?.send('{"type":"ping"}')
  }

  /** The pause is random, so that clients that were cut off together do not come back together. */
  function retry(): void {
    become('offline')
    const mostMs = Math.min(deps.maxMs, deps.minMs * 2 ** attempts++)
    const ms = hintMs ?? deps.random() * mostMs
    hintMs = undefined
    cancelRetry = after(ms, () => void dial())
  }

  function renewLater(token: string): void {
    const lifetime = lifetimeOf(token, Date.now())
    if (lifetime === null) return
    cancelRenewal = after(
      Math.min(longestMs, lifetime * renewedAt),
      () => void renew(token, lifetime * (1 - renewedAt)),
    )
  }

  /** Where there is no other token yet, the connection lives as long as it may, and is then made with the next one. */
  async function renew(before: string, leftMs: number): Promise<void> {
    const current = socket
    const token = await deps.token().catch(() => before)
    if (socket !== current) return
    if (token !== before && send({ type: 'auth', token })) return renewLater(token)
    if (leftMs > 2_000) cancelRenewal = after(leftMs / 2, () => void renew(before, leftMs / 2))
  }

  function send(frame: object): boolean {
    if (state !== 'online' || !socket) return false
    socket.send(JSON.stringify(frame))
    return true
  }

  function end(why: Closed | undefined): void {
    closed = why
    cancelRetry?.()
    const open = socket
    letGo()
    become('closed')
    if (!why) open?.close(closeCodes.normal)
  }

  // The caller has its handlers in place before anything is told.
  after(0, () => void (state === 'closed' || dial()))
  return {
    get state() {
      return state
    },
    get closed() {
      return closed
    },
    send,
    hurry() {
      // The connection may be one of the network before: it has as long as two looks take to answer.
      if (send({ type: 'ping' })) heardAt = Math.min(heardAt, Date.now() - silenceMs + 2 * lookEveryMs)
      if (!cancelRetry) return
      cancelRetry()
      attempts = 0
      void dial()
    },
    close: () => void (state === 'closed' || end(undefined)),
  }
}

const nameOf = (code: number): string =>
  Object.entries(closeCodes)
    .find(([, each]) => each === code)?.[0]
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) ?? 'closed'
