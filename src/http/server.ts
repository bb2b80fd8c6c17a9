import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Config } from '../config.ts'
import { ChatError } from '../domain/errors.ts'
import type { Rates } from '../domain/rates.ts'
import { type Correlation, noCorrelation } from '../observe/correlation.ts'
import type { Log } from '../observe/log.ts'
import type { FinishedRequest } from '../observe/metrics.ts'
import { mayPass } from '../protocol/error-codes.ts'
import type { AddressOf } from './address.ts'
import { ClientGone, createArrival } from './arrival.ts'
import type { Verify } from './authenticate.ts'
import { createCors } from './cors.ts'
import { beginExchange, type Exchange, logExchange, statusGone } from './exchange.ts'
import { createHandler } from './handler.ts'
import { codeOf, problem } from './problem.ts'
import { createRateHeaders } from './rate-headers.ts'
import { endWith, parserProblem } from './refuse.ts'
import type { Reply, WholeReply } from './reply.ts'
import type { Route } from './route.ts'
import { sendReply } from './sending.ts'

export interface HttpServer {
  /** Replaces the routes: until then paths that are not there yet are answered 503. */
  serve(routes: readonly Route[]): void
  /** Resolves with the URL, without a slash at the end. */
  listen(): Promise<string>
  /** Answers an upgrade with an HTTP error, and ends the socket. `who` asked, as far as it is known. */
  refuse(request: IncomingMessage, socket: Duplex, error: unknown, who: Asker): void
  /**
   * Takes no more connections, closes those that are idle, lets requests that are under way end, and cuts off what is
   * left after `withinMs`. Resolves when every connection is closed; upgraded ones are for those to close who took them.
   */
  close(withinMs: number): Promise<void>
}

/** Who asked for an upgrade. */
export interface Asker {
  readonly correlationId: string
  readonly userId: string | null
}

interface Deps {
  config: Pick<Config, 'host' | 'port' | 'corsOrigins' | 'maxBody'>
  /** What can be answered before `serve`. */
  routes: readonly Route[]
  verify: Verify
  rates: Rates
  addressOf: AddressOf
  log: Log
  /** Takes over a WebSocket upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  onFinished?(finished: FinishedRequest): void
  correlation?: Correlation
  /** Monotonic milliseconds. */
  clock?: () => number
  /**
   * How long headers and, where the route says nothing else, bodies may take to arrive, and how long a connection may
   * stand still with a request or an answer half-way.
   */
  patience?: { headersMs: number; bodyMs: number; stallMs: number }
}

/** Longer than the minute for which proxies commonly keep a connection: so they close first, and no request is lost. */
const keepAliveMs = 65_000
/** Requests of one connection that wait for answers to be taken before it is read no further. */
const maxPipelined = 16
const maxHeaderBytes = 16 * 1024
/** Characters of the reason that the access log gives. */
const maxReason = 300
const defaultPatience = { headersMs: 10_000, bodyMs: 30_000, stallMs: 60_000 }

export function createHttpServer(deps: Deps): HttpServer {
  const { config, log, clock = () => performance.now(), correlation = noCorrelation } = deps
  const { headersMs, bodyMs, stallMs } = deps.patience ?? defaultPatience
  const cors = createCors(config.corsOrigins)
  const rateHeaders = createRateHeaders(deps.rates)
  const handlerOf = (routes: readonly Route[]) => createHandler({ ...deps, routes })
  let handle = handlerOf(deps.routes)
  let starting = true
  let closing = false
  /** The last answer of each connection, and how many requests wait for the one before them. */
  const answering = new WeakMap<Duplex, ServerResponse>()
  const pipelined = new WeakMap<Duplex, number>()

  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headersMs,
    // How long a body may take belongs to its route: see arrival.ts. Slow headers are cut off all the same.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(1_000, headersMs),
    keepAliveTimeout: keepAliveMs,
    // Its answer would not be a problem+json: see checkHead.
    requireHostHeader: false,
    // Other protocols are offered, not insisted on (curl's h2c): such a request is served as it is.
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const before = answering.get(request.socket)
    answering.set(request.socket, response)
    if (before && !before.writableFinished && !(await isTurn(request, before))) return
    const exchange = beginExchange(request, clock(), deps.addressOf(request))
    // Who does not read an answer would keep it, and a connection, for good. Not `server.timeout`: that is a timer for each
    // WebSocket too.
    request.socket.setTimeout(stallMs)
    const limits = { maxBody: config.maxBody, maxBodyMs: bodyMs }
    const arrival = createArrival(request, response, limits, () => {
      exchange.receivedAt = clock()
    })
    const send = (reply: Reply) => {
      const headers = {
        ...cors.headers(request),
        ...(exchange.limited && rateHeaders(exchange.limited)),
        'X-Correlation-ID': exchange.correlationId,
      }
      return sendReply(response, reply, headers, (closing || arrival.leavesRest()) && arrival.linger())
    }
    let status: number
    try {
      const work = () => handle(request, arrival, exchange)
      const reply = cors.preflight(request) ?? (await correlation.run(exchange.correlationId, work))
      status = reply.status
      const sent = send(reply)
      if (sent) {
        exchange.answeredAt = clock()
        await sent
      }
    } catch (error) {
      if (error instanceof ClientGone) status = statusGone
      else {
        const reply = failed(request, exchange, starting && isNotFound(error) ? notStarted() : error)
        status = reply.status
        if (!response.headersSent) send(reply)
      }
    }
    arrival.release()
    finish(exchange, status)
  }

  /**
   * A pipelined request begins when the client has taken the answer before it: who reads nothing would have any number
   * of answers made and kept. False: the connection is gone.
   */
  async function isTurn({ socket }: IncomingMessage, before: ServerResponse): Promise<boolean> {
    const waiting = (pipelined.get(socket) ?? 0) + 1
    pipelined.set(socket, waiting)
    if (waiting >= maxPipelined) socket.pause()
    if (!before.closed) await new Promise((resolve) => before.once('close', resolve))
    const left = (pipelined.get(socket) ?? 1) - 1
    pipelined.set(socket, left)
    if (left === maxPipelined - 1) socket.resume()
    return !socket.destroyed
  }

  function failed(request: IncomingMessage, exchange: Exchange, error: unknown): WholeReply {
    const { correlationId, route } = exchange
    const code = codeOf(error)
    exchange.failure = { code, reason: reasonOf(error) }
    if (code === 'internal') log.error('request_failed', { correlation_id: correlationId, route, error })
    // No stack: in an outage there are many, and the store's own line has it.
    else if (mayPass(code))
      log.error('request_refused', { correlation_id: correlationId, route, ...why(error as Error) })
    return problem(error, { correlationId, tokenGiven: request.headers.authorization !== undefined })
  }

  function finish(exchange: Exchange, status: number): void {
    const finished = logExchange(log, exchange, status, clock())
    deps.onFinished?.(finished)
  }

  function refuse(request: IncomingMessage, socket: Duplex, error: unknown, who: Asker): void {
    const exchange: Exchange = {
      ...beginExchange(request, clock(), deps.addressOf(request)),
      ...who,
      route: 'websocket',
    }
    const reply = failed(request, exchange, error)
    endWith(socket, reply, { ...cors.headers(request), 'X-Correlation-ID': exchange.correlationId })
    finish(exchange, reply.status)
  }

  server.on('request', serve)
  server.on('checkContinue', serve)
  server.on('checkExpectation', serve)
  server.on('upgrade', deps.upgrade)
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const known = parserProblem(error)
    const response = answering.get(socket)
    if (!known || (response?.headersSent && !response.writableFinished)) return void socket.destroy()
    const correlationId = crypto.randomUUID()
    log.debug('not_http', { correlation_id: correlationId, code: error.code })
    endWith(socket, problem(known, { correlationId, tokenGiven: false }), {
      'X-Correlation-ID': correlationId,
    })
  })

  return {
    serve(routes) {
      handle = handlerOf(routes)
      starting = false
    },

    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(config.port, config.host, () => {
          server.off('error', reject)
          // Accepting failed, for want of file descriptors for example: the next may succeed.
          server.on('error', (error) => log.error('accept_failed', { error }))
          resolve(urlOf(server.address() as AddressInfo))
        })
      }),

    refuse,

    async close(withinMs) {
      closing = true
      const closed = new Promise((resolve) => server.close(resolve))
      // An answer that was begun before can leave its connection open.
      const sweep = setInterval(() => server.closeIdleConnections(), 50)
      const cutOff = setTimeout(() => server.closeAllConnections(), withinMs)
      await closed
      clearInterval(sweep)
      clearTimeout(cutOff)
    },
  }
}

/** Cut short: it may quote what was sent. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, maxReason)

const why = ({ message, cause }: Error) => ({
  reason: message,
  ...(cause instanceof Error && { cause: { name: cause.name, message: cause.message } }),
})

const isNotFound = (error: unknown) => error instanceof ChatError && error.code === 'not_found'

const notStarted = () => new ChatError('unavailable', 'The service is starting.', { retryAfterMs: 1_000 })

/** One that works where it is read: a wildcard address is no address to go to. */
function urlOf({ address, family, port }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return `http://localhost:${port}`
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
