import type { IncomingMessage } from 'node:http'
import { ChatError } from '../domain/errors.ts'
import { isId } from '../domain/text.ts'
import { invalid } from '../domain/validate.ts'
import type { SocketApi } from './words.ts'

/** What an upgrade request asks for. */
export interface Handshake<Api> {
  /** The API whose socket it is. */
  readonly api: Api
  /** null: the socket for all of the caller's groups. */
  readonly groupId: string | null
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
export function readHandshake<Api extends Pick<SocketApi, 'socketPath'>>(
  request: IncomingMessage,
  { apis, corsOrigins }: Rules<Api>,
): Handshake<Api> {
  const [path = '', search = ''] = split(request.url ?? '', '?')
  const { api, groupId } = placeOf(path, apis)
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
  checkQuery(query, groupId === null)
  return { api, groupId, token, after: query.get('after') ?? undefined, silent: query.has('subscribe') }
}

/** A misspelt parameter must not be ignored: a client whose `after` was ignored would not hear what it missed. */
function checkQuery(query: URLSearchParams, forAllGroups: boolean): void {
  const names = forAllGroups ? ['token', 'subscribe'] : ['token', 'after']
  for (const name of query.keys()) {
    if (name === 'after' && forAllGroups)
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

function placeOf<Api extends Pick<SocketApi, 'socketPath'>>(
  path: string,
  apis: readonly Api[],
): Pick<Handshake<Api>, 'api' | 'groupId'> {
  for (const api of apis) {
    const { socketPath } = api
    if (path === socketPath || path === `${socketPath}/`) return { api, groupId: null }
    const groupId = path.startsWith(`${socketPath}/`) ? path.slice(socketPath.length + 1) : ''
    if (isId(groupId)) return { api, groupId }
  }
  const places = apis.flatMap(({ socketPath }) => [socketPath, `${socketPath}/{group_id}`])
  throw new ChatError('not_found', `No such socket: connect to ${places.join(' or ')}.`)
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
