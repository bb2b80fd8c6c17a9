import type { IncomingMessage } from 'node:http'
import type { Reply } from './reply.ts'

/** Lets pages of the configured origins call (Fetch standard, CORS protocol). `null` and `*` only when configured. */
export interface Cors {
  /** For every answer to this request. */
  headers(request: IncomingMessage): Readonly<Record<string, string>>
  /** The answer to a preflight; undefined when the request is none. */
  preflight(request: IncomingMessage): Reply | undefined
}

const vary = { Vary: 'Origin' }
/** What a page may read of an answer, beyond what every page may. */
const exposed =
  'X-Correlation-ID, Retry-After, Location, ETag, RateLimit, RateLimit-Policy, Accept-Ranges, Content-Range, Content-Disposition'

export function createCors(origins: readonly string[]): Cors {
  const any = origins.includes('*')
  const forOrigin = new Map(
    origins.map((origin) => [
      origin,
      {
        'Access-Control-Allow-Origin': origin,
        // The old service allowed it, and its clients may ask for it. A cookie opens nothing to them: see operator.ts.
        'Access-Control-Allow-Credentials': 'true',
        'Access-Control-Expose-Headers': exposed,
        ...vary,
      },
    ]),
  )
  const forAny = {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': exposed,
    ...vary,
  }
  const preflightReply: Reply = {
    status: 204,
    headers: {
      'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'Access-Control-Allow-Headers':
        'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, Range, X-Correlation-ID',
      'Access-Control-Max-Age': '7200',
      Vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    },
  }

  return {
    headers({ headers: { origin } }) {
      if (origin === undefined) return vary
      return (origin === '*' ? undefined : forOrigin.get(origin)) ?? (any ? forAny : vary)
    },

    preflight({ method, headers }) {
      if (method !== 'OPTIONS' || headers.origin === undefined) return undefined
      return headers['access-control-request-method'] === undefined ? undefined : preflightReply
    },
  }
}
