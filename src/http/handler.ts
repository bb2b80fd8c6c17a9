import type { IncomingMessage } from 'node:http'
import { type TObject, Type } from 'typebox'
import type { Caller } from '../domain/caller.ts'
import { ChatError } from '../domain/errors.ts'
import { addressKey, type RateKind, type Rates } from '../domain/rates.ts'
import { isId } from '../domain/text.ts'
import { invalid, isValid, validate } from '../domain/validate.ts'
import type { Arrival } from './arrival.ts'
import { authenticate, type Verify } from './authenticate.ts'
import { type BodyKind, kindsOf, readBody } from './body.ts'
import type { Exchange } from './exchange.ts'
import { HttpError } from './problem.ts'
import { readQuery } from './query.ts'
import type { Reply } from './reply.ts'
import type { Route } from './route.ts'
import { createRouter, malformedPath } from './router.ts'

/** From a request to its reply, by the table of routes. Throws what a route may, and ClientGone. */
export type Handler = (request: IncomingMessage, arrival: Arrival, exchange: Exchange) => Promise<Reply>

interface Deps {
  routes: readonly Route[]
  verify: Verify
  /** A request takes from its user's, once the token is known to be good; without a good one from its address's. */
  rates: Pick<Rates, 'requests'>
}

/** A route, with what is the same for all of its requests. */
interface Row {
  readonly route: Route
  /** All that it takes units of. */
  readonly limits: readonly RateKind[]
  readonly bodies: readonly BodyKind<unknown>[] | undefined
}

const maxHeaders = 100
const noQuery = Type.Object({})
const requestsOnly: readonly RateKind[] = ['requests']

export function createHandler({ routes, verify, rates }: Deps): Handler {
  const router = createRouter<Row>()
  for (const route of routes) {
    const limits: readonly RateKind[] = ['requests', ...(route.limits ?? [])]
    router.add(route.method, route.path, { route, limits, bodies: route.body && kindsOf(route.body) })
  }

  function limit(exchange: Exchange, key: string, kinds: readonly RateKind[]): void {
    exchange.limited = { key, kinds }
    rates.requests.take(key)
  }

  const limitAddress = (exchange: Exchange, kinds = requestsOnly) =>
    limit(exchange, addressKey(exchange.address), kinds)

  async function callerOf(request: IncomingMessage, exchange: Exchange): Promise<Caller> {
    try {
      const caller = await authenticate(request, verify)
      exchange.userId = caller.userId
      return caller
    } catch (error) {
      if (isUnauthenticated(error)) limitAddress(exchange)
      throw error
    }
  }

  async function callerFor(
    { auth }: Route,
    request: IncomingMessage,
    exchange: Exchange,
  ): Promise<Caller | undefined> {
    if (auth === true) return callerOf(request, exchange)
    if (auth === false || request.headers.authorization === undefined) return undefined
    try {
      return await callerOf(request, exchange)
    } catch (error) {
      if (isUnauthenticated(error)) return undefined
      throw error
    }
  }

  return async (request, arrival, exchange) => {
    checkHead(request)
    const found = router.match(exchange.method, exchange.path)
    if (!found) {
      limitAddress(exchange)
      throw new ChatError('not_found', 'There is nothing at this path.')
    }
    if ('allow' in found) {
      const headers = { Allow: found.allow.join(', ') }
      if (exchange.method === 'OPTIONS') return { status: 204, headers }
      throw new HttpError('method_not_allowed', `This path answers ${headers.Allow}.`, headers)
    }
    const { params, isBroken } = found
    const { route, limits, bodies } = found.value
    if (isBroken && !route.anyText) throw malformedPath()
    exchange.route = route.name
    arrival.allow(route)
    const caller = await callerFor(route, request, exchange)
    if (caller) limit(exchange, caller.userId, limits)
    else if (!route.unlimited) limitAddress(exchange, limits)
    checkParams(params, route.params)
    const query = (route.query ?? route.auth === true) && readQuery(route.query ?? noQuery, exchange.search)
    const body = bodies && (await readBody(bodies, arrival))
    return route.handle({ request, address: exchange.address, params, query, body }, caller)
  }
}

const isUnauthenticated = (error: unknown): boolean =>
  error instanceof ChatError && error.code === 'unauthenticated'

function checkHead({ headers, rawHeaders, httpVersion }: IncomingMessage): void {
  if (rawHeaders.length > 2 * maxHeaders)
    throw new HttpError('headers_too_large', `Send at most ${maxHeaders} header fields.`)
  const hosts = countHosts(rawHeaders)
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1'))
    throw new ChatError('malformed', 'Send the header Host once.')
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue')
    throw new HttpError('expectation_failed', 'Of expectations only 100-continue is met.')
}

/** Of two, Node would take the first and a proxy before us perhaps the last (RFC 9112, 3.2). */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count
}

/** Every parameter of a path is an id, unless the route says otherwise. */
function checkParams(params: Record<string, string>, schema?: TObject): void {
  for (const field in params) {
    const own = schema?.properties[field]
    const value = params[field] ?? ''
    if (own && !isValid(own, value)) validate(Type.Object({ [field]: own }), { [field]: value })
    if (!own && !isId(value)) throw invalid([{ field, message: 'must be 24 lower-case hex digits' }])
  }
}
