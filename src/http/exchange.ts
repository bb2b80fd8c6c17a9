import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Log } from '../observe/log.ts'
import { type FinishedRequest, slowMs, verySlowMs } from '../observe/metrics.ts'
import type { Limited } from './rate-headers.ts'

/** A request on its way to its answer: what the access log will say of it. */
export interface Exchange {
  readonly method: string
  /** Without the query, in which a token may stand. */
  readonly path: string
  /** Without its `?`. */
  readonly search: string
  readonly correlationId: string
  /** Where it comes from. */
  readonly address: string
  /** Monotonic milliseconds. */
  readonly startedAt: number
  /** When the last of a streamed body had come. Its client took that long, not we. */
  receivedAt: number | null
  /** When a streamed answer was begun, which its client takes as slowly as it likes. */
  answeredAt: number | null
  /** The route's name; null when there is none for the path. */
  route: string | null
  userId: string | null
  /** null: nothing is taken for it. */
  limited: Limited | null
  /** Why it was refused, if it was. */
  failure: FinishedRequest['failure']
}

/** The client went away before its answer, as nginx has it: never sent, only logged. */
export const statusGone = 499

export function beginExchange(request: IncomingMessage, startedAt: number, address: string): Exchange {
  const url = targetOf(request)
  const mark = url.indexOf('?')
  return {
    method: request.method ?? '',
    path: mark < 0 ? url : url.slice(0, mark),
    search: mark < 0 ? '' : url.slice(mark + 1),
    correlationId: correlationIdOf(request),
    address,
    startedAt,
    receivedAt: null,
    answeredAt: null,
    route: null,
    userId: null,
    limited: null,
    failure: null,
  }
}

/** Path and query. An absolute URL is as good (RFC 9112, 3.2.2), and `*` stands for all there is. */
function targetOf({ url = '/' }: IncomingMessage): string {
  if (url.startsWith('/')) return url
  const slash = url.indexOf('/', url.indexOf('://') + 3)
  return slash < 0 ? '/' : url.slice(slash)
}

/** The client's own id, if it is sane, so that both logs can be read together. */
export function correlationIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-correlation-id']
  return typeof given === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(given) ? given : newId()
}

/** Copied, because `randomUUID` answers a rope of fifteen strings, and a socket keeps its id for hours. */
const newId = (): string => Buffer.from(randomUUID()).toString('latin1')

/** Writes the access log's line. How long it took is what passed between the request and its answer. */
export function logExchange(log: Log, exchange: Exchange, status: number, now: number): FinishedRequest {
  const { method, path, route, userId, correlationId, address, failure, startedAt, receivedAt, answeredAt } =
    exchange
  // The answer may have begun before the request was all there.
  const durationMs = Math.max(0, (answeredAt ?? now) - (receivedAt ?? startedAt))
  const isSlow = durationMs > slowMs
  const level = status >= 500 ? 'error' : isSlow ? 'warn' : 'info'
  log[level]('request', {
    method,
    path,
    route,
    status,
    duration_ms: rounded(durationMs),
    ...(receivedAt !== null && { receive_ms: rounded(receivedAt - startedAt) }),
    ...(answeredAt !== null && { send_ms: rounded(now - answeredAt) }),
    user_id: userId,
    address,
    correlation_id: correlationId,
    slow_request: isSlow,
    very_slow_request: durationMs > verySlowMs,
    ...failure,
  })
  return { method, path, route, status, durationMs, userId, correlationId, failure }
}

const rounded = (ms: number) => Math.round(ms * 100) / 100
