import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import type { Chat } from '../chat/chat.ts'
import type { Config } from '../config.ts'
import type { Caller } from '../domain/caller.ts'
import { ChatError } from '../domain/errors.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import { type Handshake, readHandshake } from './handshake.ts'
import { Line } from './line.ts'
import { closeCodes, maxSubscriptions, subprotocol } from './protocol.ts'
import { type Scope, Session } from './session.ts'
import { createWheel } from './wheel.ts'

/** Turns HTTP upgrades into sessions. */
export interface Gateway {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  readonly connections: number
  /** Open connections by user. */
  readonly users: ReadonlyMap<string, number>
  /** Closes all sockets at once; their clients come back. */
  dismissAll(code: number, reason: string): void
  /** Tells all clients, then closes them with 1012, spread over `spreadMs`. Resolves when all are gone or were cut off. */
  close(spreadMs: number): Promise<void>
}

interface Deps {
  config: Config
  chat: Chat
  verify(token: string): Promise<Caller & { expiresAt: number }>
  /** Answers an upgrade with an HTTP error, and ends the socket. */
  refuse(request: IncomingMessage, socket: Duplex, error: unknown): void
  log: Log
  now: () => number
  metrics: Pick<Metrics, 'socket' | 'frame' | 'rateLimited'>
  correlationIdOf(request: IncomingMessage): string
}

/** A peer that doesn't answer our close frame is cut off after this. */
const closeTimeoutMs = 5_000

export function createGateway(deps: Deps): Gateway {
  const { config, chat, log, now } = deps
  const wheel = createWheel({
    now,
    pingIntervalMs: config.wsPingInterval,
    idleTimeoutMs: config.wsIdleTimeout,
  })
  const byUser = new Map<string, number>()
  let connections = 0
  let closing = false
  let gone = () => {}

  const options: ServerOptions & { closeTimeout: number; maxFragments: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: config.wsMaxFrame,
    maxFragments: 1_024,
    closeTimeout: closeTimeoutMs,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  }
  const server = new WebSocketServer(options)

  /** Counts a connection in. Throws rate_limited, unavailable. */
  function admit(userId: string): void {
    if (closing) throw new ChatError('unavailable', 'The service is going down.', { retryAfterMs: 1_000 })
    if (connections >= config.wsMaxConnections)
      throw new ChatError('unavailable', 'Too many connections.', { retryAfterMs: 5_000 })
    const own = byUser.get(userId) ?? 0
    if (own >= config.wsMaxConnectionsPerUser) {
      deps.metrics.rateLimited('connections')
      throw new ChatError('rate_limited', `Too many connections: at most ${own} a user.`, {
        retryAfterMs: 5_000,
      })
    }
    byUser.set(userId, own + 1)
    connections++
  }

  function dismiss(userId: string): void {
    const own = (byUser.get(userId) ?? 1) - 1
    if (own) byUser.set(userId, own)
    else byUser.delete(userId)
    if (--connections === 0) gone()
  }

  async function scopeOf(by: Caller, { groupId, after, silent }: Handshake): Promise<Scope> {
    if (groupId !== null) return { group: await chat.live.subscribe(by, groupId, after) }
    return { inbox: await chat.live.subscribeAll(by, silent ? 0 : maxSubscriptions) }
  }

  async function connect(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const handshake = readHandshake(request, config)
    const { expiresAt, ...by } = await deps.verify(handshake.token)
    admit(by.userId)
    let scope: Scope | undefined
    try {
      scope = await scopeOf(by, handshake)
      if (closing) throw new ChatError('unavailable', 'The service is going down.', { retryAfterMs: 1_000 })
    } catch (error) {
      if (scope) stop(scope)
      dismiss(by.userId)
      throw error
    }
    // Nobody is left to listen, or `ws` answers the malformed handshake itself: either way the socket ends.
    const abandon = () => {
      stop(scope)
      dismiss(by.userId)
    }
    if (socket.destroyed) return abandon()
    socket.once('close', abandon)
    const client = { by, expiresAt, correlationId: deps.correlationIdOf(request) }
    // The answer to the upgrade and the first frame leave as one.
    socket.cork()
    server.handleUpgrade(request, socket, head, (ws) => {
      socket.off('close', abandon)
      begin(ws, new Session(deps, new Line(ws, socket as Socket, config.wsMaxBuffer), client, scope))
    })
    socket.uncork()
  }

  /** A function of its own, so that what it leaves with the socket holds on to nothing of the request. */
  function begin(ws: WebSocket, session: Session): void {
    const { userId } = session.by
    wheel.add(session)
    ws.on('message', (data: Buffer, isBinary) => {
      if (isBinary) session.line.close(closeCodes.policy, 'text frames only')
      else session.receive(data.toString())
    })
    // `ws` closes the socket itself, with the right code; the close is told below.
    ws.on('error', (error) => log.debug('socket_error', { user_id: userId, error }))
    ws.on('close', (code) => {
      wheel.remove(session)
      session.end(code)
      dismiss(userId)
    })
  }

  return {
    get connections() {
      return connections
    },
    users: byUser,

    upgrade(request, socket, head) {
      // Without it, a reset before `ws` takes over would be an uncaught error. The socket's close tells all there is to know.
      socket.on('error', ignore)
      connect(request, socket, head).catch((error: unknown) => deps.refuse(request, socket, error))
    },

    dismissAll(code, reason) {
      for (const { line } of wheel.sessions) line.close(code, reason)
    },

    async close(spreadMs) {
      closing = true
      wheel.stop()
      const sessions = [...wheel.sessions]
      const allGone = new Promise<void>((resolve) => {
        gone = resolve
        if (connections === 0) resolve()
      })
      // Each client comes back at a time of its own, so that the next instance is not hit by all at once.
      for (const [index, session] of sessions.entries()) {
        const share = index / sessions.length
        session.leave(Math.round(250 + share * 4 * spreadMs))
        setTimeout(() => session.line.close(closeCodes.restart, 'restart'), share * spreadMs).unref()
      }
      const cutOff = setTimeout(() => {
        for (const { line } of wheel.sessions) line.cut()
      }, spreadMs * 1.2)
      await allGone
      clearTimeout(cutOff)
    },
  }
}

const ignore = () => {}

const stop = (scope: Scope) => ('group' in scope ? scope.group.stop() : scope.inbox.stop())
