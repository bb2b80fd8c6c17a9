import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ServerOptions, WebSocketServer } from 'ws'
import type { Config } from '../config.ts'
import type { EndedSession, SessionEndReason } from '../domain/account-session.ts'
import { ChatError } from '../domain/errors.ts'
import { createRateLimit } from '../domain/rate.ts'
import { addressKey, type Rates } from '../domain/rates.ts'
import { inTurns } from '../hub/in-turns.ts'
import type { Metrics } from '../observe/metrics.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import { ClientSocket } from './client-socket.ts'
import { createEncode } from './frame.ts'
import { GroupSession } from './group-session.ts'
import { type Handshake, readHandshake } from './handshake.ts'
import { startHeartbeat } from './heartbeat.ts'
import { InboxSession } from './inbox-session.ts'
import { subprotocol } from './protocol.ts'
import { openScope, type Scope, stopScope } from './scope.ts'
import type { Claims, Session, SessionDeps } from './session.ts'
import type { SocketApi } from './words.ts'

/** Turns HTTP upgrades into sessions. */
export interface Gateway {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  readonly connections: number
  /** Open connections by user. */
  readonly users: ReadonlyMap<string, number>
  /** Closes the sockets whose tokens have ended with these sessions, and says whether their clients may come back with new ones. */
  endSessions(ended: readonly EndedSession[]): void
  /** Closes all sockets, so that their clients come back, perhaps at another instance. */
  dismissAll(code: number, reason: string): void
  /** Closes the sockets of users whose tokens are refused by now. */
  dismissRefused(): void
  /** Tells all clients, then closes them with 1012, spread over `spreadMs`. Resolves when all are gone or were cut off. */
  close(spreadMs: number): Promise<void>
}

interface Deps extends Omit<SessionDeps, 'onEnd' | 'refusalLines' | 'words' | 'encode'> {
  config: Config
  /** Limits are for the sockets of all of them together. */
  apis: readonly SocketApi[]
  /** Answers an upgrade with an HTTP error, and ends the socket. */
  refuse(
    request: IncomingMessage,
    socket: Duplex,
    error: unknown,
    who: { readonly correlationId: string; readonly userId: string | null },
  ): void
  now: () => number
  /** Whether a session has ended before its tokens do. */
  isEnded(sessionId: string): boolean
  metrics: SessionDeps['metrics'] & Pick<Metrics, 'rateLimited'>
  correlationIdOf(request: IncomingMessage): string
  addressOf(request: IncomingMessage): string
  rates: SessionDeps['rates'] & Pick<Rates, 'connections'>
  /** The user's last connection to this instance has ended. */
  onAway(userId: string): void
}

/** A peer that doesn't answer our close frame is cut off after this. */
const closeTimeoutMs = 5_000
const turnMs = 1_000
/** The log tells of so many refused frames of one user a minute; the metrics count all. */
const refusalLinesPerMinute = 60
/** When all sockets are closed, one turn of the event loop closes so many. */
const closedPerTurn = 250

/** An API, with what the sessions that speak it share. */
interface Spoken extends Pick<SocketApi, 'places'> {
  readonly session: SessionDeps
}

export function createGateway(deps: Deps): Gateway {
  const { config, chat, now } = deps
  const sessions = new Set<Session>()
  /** What has to be done when a session ends, beside what all need. */
  const ends = new Map<Session, () => void>()
  const patience = { turnMs, pingIntervalMs: config.wsPingInterval, idleTimeoutMs: config.wsIdleTimeout }
  const stopHeartbeat = startHeartbeat(sessions, patience, now)
  const byUser = new Map<string, number>()
  /** Sockets of upgrades that are not answered yet. */
  const arriving = new Set<Duplex>()
  let connections = 0
  let closing = false
  let gone = () => {}

  const options: ServerOptions<typeof ClientSocket> & { closeTimeout: number; maxFragments: number } = {
    noServer: true,
    WebSocket: ClientSocket,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: config.wsMaxFrame,
    maxFragments: 1_024,
    autoPong: false,
    closeTimeout: closeTimeoutMs,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  }
  const server = new WebSocketServer<typeof ClientSocket>(options)

  /** Counts a new connection. Throws rate_limited, unavailable. */
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
    else {
      byUser.delete(userId)
      deps.onAway(userId)
    }
    connections--
    notifyIfGone()
  }

  function notifyIfGone(): void {
    if (connections === 0 && arriving.size === 0) gone()
  }

  const shared: Omit<SessionDeps, 'words' | 'encode'> = {
    ...deps,
    refusalLines: createRateLimit('refusals', refusalLinesPerMinute, deps.clock),
    onEnd(session: Session) {
      sessions.delete(session)
      ends.get(session)?.()
      ends.delete(session)
      dismiss(session.by.userId)
    },
  }

  const apis = deps.apis.map(({ places, words }): Spoken => {
    const encode = createEncode(deps.epoch(), words.event)
    return { places, session: { ...shared, words, encode } }
  })

  /** A caller without a good token is limited by address, as over REST. Throws unauthenticated, unavailable, rate_limited. */
  async function claimsOf(request: IncomingMessage, { token }: Handshake<Spoken>): Promise<Claims> {
    try {
      return await deps.verify(token)
    } catch (error) {
      if (error instanceof ChatError && error.code === 'unauthenticated') {
        const key = addressKey(deps.addressOf(request))
        deps.rates.connections.take(key)
        deps.rates.requests.take(key)
      }
      throw error
    }
  }

  async function connect(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    who: { readonly correlationId: string; userId: string | null },
  ): Promise<void> {
    const handshake = readHandshake(request, { apis, corsOrigins: config.corsOrigins })
    const claims = await claimsOf(request, handshake)
    const { userId } = claims
    who.userId = userId
    deps.rates.connections.take(userId)
    admit(userId)
    let scope: Scope | undefined
    try {
      scope = await openScope(chat.live, claims, handshake, handshake.api.session.encode)
      if (closing) throw new ChatError('unavailable', 'The service is going down.', { retryAfterMs: 1_000 })
      // It may have come to that since the token was verified.
      if (chat.erasures.isRefused(userId)) throw new ChatError('unauthenticated', 'This user was erased.')
      // The socket is not among those that `endSessions` closes yet, and the token may have ended meanwhile.
      if (claims.sessionId !== undefined && deps.isEnded(claims.sessionId))
        throw new ChatError('unauthenticated', 'The session of the token has ended: log in again.')
    } catch (error) {
      if (scope) stopScope(scope)
      dismiss(userId)
      throw error
    }
    const sessionDeps = handshake.api.session
    let session: Session | undefined
    // Corked, the answer to the upgrade and the first frame leave in one packet.
    socket.cork()
    server.handleUpgrade(request, socket, head, (client) => {
      socket.off('error', ignore)
      client.attach(socket as Socket, config.wsMaxBuffer)
      session =
        'group' in scope
          ? new GroupSession(sessionDeps, client, claims, who.correlationId, scope.group)
          : new InboxSession(sessionDeps, client, claims, who.correlationId, scope.inbox)
      sessions.add(session)
      if (scope.end) ends.set(session, scope.end)
      client.serve(session)
      session.begin()
    })
    socket.uncork()
    if (session) return
    // The client has gone meanwhile, or `ws` has answered a malformed handshake itself.
    stopScope(scope)
    dismiss(userId)
  }

  return {
    get connections() {
      return connections
    },
    users: byUser,

    upgrade(request, socket, head) {
      // Without this listener a reset before `ws` takes over would be an uncaught error. The event `close` tells all we need to know.
      socket.on('error', ignore)
      arriving.add(socket)
      const who = { correlationId: deps.correlationIdOf(request), userId: null }
      deps.correlation
        .run(who.correlationId, () => connect(request, socket, head, who))
        .catch((error: unknown) => deps.refuse(request, socket, error, who))
        .finally(() => {
          arriving.delete(socket)
          notifyIfGone()
        })
    },

    endSessions(ended) {
      const why = new Map(ended.map((each) => [each.id, each.why]))
      const ending = [...sessions].filter(({ sessionId }) => sessionId !== undefined && why.has(sessionId))
      inTurns(ending, closedPerTurn, ({ socket, sessionId = '' }) => {
        const isOut = isFinalEnd(why.get(sessionId))
        socket.close(
          isOut ? closeCodes.userRefused : closeCodes.tokenExpired,
          isOut ? 'account disabled' : 'logged out',
        )
      })
    },

    dismissAll(code, reason) {
      inTurns([...sessions], closedPerTurn, ({ socket }) => socket.close(code, reason))
    },

    dismissRefused() {
      const refused = new Set([...byUser.keys()].filter(chat.erasures.isRefused))
      const leaving = [...sessions].filter(({ by }) => refused.has(by.userId))
      inTurns(leaving, closedPerTurn, ({ socket }) =>
        socket.close(closeCodes.userRefused, 'the user was erased'),
      )
    },

    async close(spreadMs) {
      closing = true
      stopHeartbeat()
      const leaving = [...sessions]
      const allGone = new Promise<void>((resolve) => {
        gone = resolve
        notifyIfGone()
      })
      // The sockets are closed at different times, so that their clients do not all come to the next instance at once.
      for (const [index, session] of leaving.entries()) {
        const share = index / leaving.length
        session.leave(Math.round(250 + share * 4 * spreadMs))
        setTimeout(() => session.socket.close(closeCodes.restart, 'restart'), share * spreadMs).unref()
      }
      const cutOff = setTimeout(() => {
        for (const { socket } of sessions) socket.terminate()
        for (const socket of arriving) socket.destroy()
        arriving.clear()
        notifyIfGone()
      }, spreadMs * 1.2)
      await allGone
      clearTimeout(cutOff)
    },
  }
}

const ignore = () => {}

/** A new token would not be given out. */
const isFinalEnd = (why: SessionEndReason | undefined): boolean => why === 'disabled' || why === 'erased'
