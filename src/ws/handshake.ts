import type { IncomingMessage } from 'node:http'
import { ChatError } from '../domain/errors.ts'
import { invalid } from '../domain/validate.ts'
import type { SocketApi, SocketPlace } from './words.ts'

/** What an upgrade request asks for. */
export interface Handshake<Api> {
  /** The API whose socket it is. */
  readonly api: Api
  readonly place: SocketPlace
  /** What stands where the place's path has its parameter, as it came. */
  readonly parameter: string
  readonly token: string
  /** The cursor to resume from. */
  readonly after: string | undefined
  /** Subscribe to no group: the client will subscribe itself, to each with a cursor. */
  readonly silent: boolean
}

interface Rules<Api> {
  apis: readonly Api[]
  corsOrigins: readonly string[]
}

/** Throws not_found, forbidden (a foreign Origin), unauthenticated (no token), invalid (a parameter that would change nothing). */
export function readHandshake<Api extends Pick<SocketApi, 'places'>>(
  request: IncomingMessage,
  { apis, corsOrigins }: Rules<Api>,
): Handshake<Api> {
  const [path = '', search = ''] = split(request.url ?? '', '?')
  const found = placeOf(path, apis)
  const { origin } = request.headers
  if (origin !== undefined && !isAllowed(origin, request.headers.host, corsOrigins))
    throw new ChatError('forbidden', 'This origin may not connect: add it to CORS_ORIGINS.')
  const query = new URLSearchParams(search)
  const token = tokenOf(request, query)
  if (!token)
    throw new ChatError(
      'unauthenticated',
      'Send a token: ?token=, Authorization: Bearer, or the subprotocol bearer.TOKEN.',
    )
  const { query: allowed } = found.place
  if (allowed) checkQuery(query, ['token', ...allowed])
  return { ...found, token, after: query.get('after') ?? undefined, silent: query.has('subscribe') }
}

/** A misspelt parameter must not be ignored: a client whose `after` was ignored would not hear what it missed. */
function checkQuery(query: URLSearchParams, names: readonly string[]): void {
  for (const name of query.keys()) {
    if (name === 'after' && names.includes('subscribe'))
      throw invalid([
        {
          field: name,
          message: 'is for the socket of one group: send a frame "subscribe" for each, with its cursor',
        },
      ])
    if (!names.includes(name))
      throw invalid([{ field: name, message: `is unknown here: there are ${names.join(', ')}` }])
    if (query.getAll(name).length > 1) throw invalid([{ field: name, message: 'must be given once' }])
  }
  if ((query.get('subscribe') ?? 'none') !== 'none')
    throw invalid([{ field: 'subscribe', message: 'must be none, or left out' }])
}

/** One slash at the end makes no difference. */
function placeOf<Api extends Pick<SocketApi, 'places'>>(
  path: string,
  apis: readonly Api[],
): Pick<Handshake<Api>, 'api' | 'place' | 'parameter'> {
  const asked = path.replace(/(?<=.)\/$/, '')
  for (const api of apis)
    for (const place of api.places) {
      const parameter = parameterIn(asked, place)
      if (parameter !== null) return { api, place, parameter }
    }
  const paths = apis.flatMap(({ places }) => places.map((place) => place.path.replace(/:(\w+)$/, '{$1}')))
  throw new ChatError('not_found', `No such socket: connect to ${paths.join(' or ')}.`)
}

/** Empty for a place without one; null where the path does not lead to the place. */
function parameterIn(path: string, { path: own, takes }: SocketPlace): string | null {
  const [above = ''] = own.split(':')
  if (above === own) return path === own ? '' : null
  const parameter = path.startsWith(above) ? path.slice(above.length) : ''
  const isOne = parameter !== '' && !parameter.includes('/')
  return isOne && (takes?.(parameter) ?? true) ? parameter : null
}

/** A browser sends the origin of its page; other clients send none, and are let in. */
function isAllowed(origin: string, host: string | undefined, allowed: readonly string[]): boolean {
  return allowed.includes(origin) || allowed.includes('*') || URL.parse(origin)?.host === host
}

function tokenOf(request: IncomingMessage, query: URLSearchParams): string | undefined {
  const bearer = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim())
  return (
    bearer ??
    offered.find((each) => each.startsWith('bearer.'))?.slice('bearer.'.length) ??
    query.get('token') ??
    undefined
  )
}

function split(text: string, at: string): [string, string] {
  const index = text.indexOf(at)
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)]
}
