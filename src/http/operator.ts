import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ChatError } from '../domain/errors.ts'
import type { RateLimit } from '../domain/rate.ts'
import { addressKey } from '../domain/rates.ts'
import type { AddressOf } from './address.ts'

/** Who may see the dashboard and the metrics: everybody, or who knows `DASHBOARD_TOKEN`. */
export interface Operator {
  /** Throws rate_limited, and unauthenticated, unless the request carries the token (Bearer) or a cookie that `logIn` gave. */
  require(request: IncomingMessage): void
  isKnown(request: IncomingMessage): boolean
  /** The header `Set-Cookie` of a session. Throws unauthenticated for a wrong token, rate_limited. */
  logIn(request: IncomingMessage, token: string): string
}

interface Deps {
  /** null: everybody. */
  token: string | null
  now: () => number
  /** Takes one unit for each wrong token of an address. */
  loginLimit: RateLimit
  addressOf: AddressOf
}

const cookieName = 'chat_dashboard'
const sessionSeconds = 12 * 3_600

export function createOperator({ token, now, loginLimit, addressOf }: Deps): Operator {
  const isToken = (given: string) => token !== null && isEqual(given, token)

  /** Names its own end; whoever knows the token can check it, so it outlives a restart and serves all instances. */
  const session = (until: number) =>
    `${until}.${createHmac('sha256', token ?? '')
      .update(`dashboard until ${until}`)
      .digest('base64url')}`

  function isSession(cookie: string): boolean {
    const until = Number(/^(\d{1,12})\./.exec(cookie)?.[1] ?? 0)
    return until * 1_000 > now() && isEqual(cookie, session(until))
  }

  /** Guesses are counted, however they come, and past the limit even the right one is refused. Throws rate_limited. */
  function isGiven(request: IncomingMessage, given: string): boolean {
    const key = addressKey(addressOf(request))
    loginLimit.take(key)
    const isRight = isToken(given)
    if (isRight) loginLimit.refund(key)
    return isRight
  }

  function isKnown(request: IncomingMessage): boolean {
    const { headers } = request
    if (token === null) return true
    const bearer = /^bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1]
    if (bearer !== undefined) return isGiven(request, bearer)
    // A page of another origin is not the operator, though it may call the API. Browsers say Origin in a GET of such a page only.
    if (headers.origin !== undefined) return false
    const cookie = cookieOf(headers.cookie)
    return cookie !== undefined && isSession(cookie)
  }

  return {
    isKnown,
    require(request) {
      if (!isKnown(request))
        throw new ChatError('unauthenticated', 'Send DASHBOARD_TOKEN: Authorization: Bearer TOKEN.')
    },
    logIn(request, given) {
      if (!isGiven(request, given)) throw new ChatError('unauthenticated', 'This is not the token.')
      const until = Math.floor(now() / 1_000) + sessionSeconds
      // A proxy that ends TLS says so; without TLS a Secure cookie would never come back.
      const secure = request.headers['x-forwarded-proto'] === 'https' ? '; Secure' : ''
      return `${cookieName}=${session(until)}; Path=/; Max-Age=${sessionSeconds}; HttpOnly; SameSite=Strict${secure}`
    },
  }
}

const cookieOf = (header = ''): string | undefined =>
  header
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${cookieName}=`))
    ?.slice(cookieName.length + 1)

/** Takes the same time wherever they differ, and however long they are. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
