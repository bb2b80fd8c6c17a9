import { deviceExample } from '../../../src/domain/device.ts'
import type { Who } from './people.ts'
import type { Need } from './rules.ts'
import { soon } from './scene.ts'

/** One call, what it needs, and how it is answered when that is given. */
export interface Call {
  readonly method: string
  /** `:name` stands for an id of the scene. */
  readonly path: string
  readonly body?: object
  readonly need: Need
  readonly status: number
  /** The path begins at the root, and not below the core's prefix. */
  readonly isAtRoot: boolean
  /** Answers that have another reason than access. */
  readonly but?: Partial<Record<Who, number>>
}

type Row = [call: string, need: Need, status: number, body?: object | undefined, but?: Call['but']]

const rows: Row[] = [
  ['GET /groups', 'a token', 200],
  ['POST /groups', 'a token', 201, { name: 'New' }],
  ['GET /groups/:group', 'listen', 200],
  ['PUT /groups/:group', 'describe', 200, { description: 'new' }],
  ['PUT /groups/:group', 'manage', 200, { post_policy: 'admins' }],
  ['PUT /groups/:group', 'manage', 200, { visibility: 'open' }],
  ['PUT /groups/:group', 'manage', 200, { authorized_user_ids: ['owner', 'other'] }],
  ['DELETE /groups/:group', 'delete', 204],
  ['POST /groups/:group/join', 'to join', 200],
  ['PATCH /groups/:group/me', 'markRead', 200, { notify: 'none' }],
  ['GET /groups/:group/online', 'seeMembers', 200],
  ['GET /push/key', 'a token', 200],
  ['PUT /push/subscriptions', 'a token', 204, deviceExample],
  ['DELETE /push/subscriptions', 'a token', 404, { endpoint: 'https://push.example.com/none' }],

  ['GET /groups/:group/members', 'seeMembers', 200],
  ['POST /groups/:group/members', 'moderate', 201, { user_id: 'new' }],
  ['PATCH /groups/:group/members/target', 'moderate', 200, { muted_until: soon }],
  ['PATCH /groups/:group/members/target', 'manage', 200, { role: 'admin' }],
  ['DELETE /groups/:group/members/target', 'moderate', 204],
  // Nobody is a member of the guest's kind, and the last owner of a group can't go.
  ['DELETE /groups/:group/members/:me', 'listen', 204, undefined, { guest: 404, operator: 404, owner: 409 }],
  ['GET /groups/:group/bans', 'moderate', 200],
  ['PUT /groups/:group/bans/target', 'moderate', 200, { reason: 'spam' }],
  ['DELETE /groups/:group/bans/gone', 'moderate', 204],
  ['GET /groups/:group/invites', 'moderate', 200],
  ['POST /groups/:group/invites', 'moderate', 201, {}],
  ['DELETE /groups/:group/invites/:invite', 'moderate', 204],
  ['GET /invites/:invite', 'a token', 200],
  ['POST /invites/:invite/accept', 'no ban', 200],
  ['POST /direct', 'a token', 201, { user_id: 'other' }],

  ['GET /groups/:group/messages', 'listen', 200],
  ['GET /groups/:group/messages?include_deleted=true', 'to be operator', 200],
  ['POST /groups/:group/messages', 'write', 201, { content: 'hi' }],
  ['GET /groups/:group/events', 'listen', 200],
  ['GET /groups/:group/pins', 'listen', 200],
  ['PUT /groups/:group/read', 'markRead', 200, { seq: 1 }],
  ['GET /groups/:group/reads', 'seeReads', 200],

  ['GET /search?q=hi', 'a token', 200],
  ['GET /search?q=hi&group_id=:group', 'listen', 200],

  ['GET /messages/:other', 'listen', 200],
  ['GET /messages/:other/replies', 'listen', 200],
  ['GET /messages/:other/thread', 'listen', 200],
  ['GET /messages/:other/revisions', 'to see revisions', 200],
  ['GET /messages/:mine/revisions', 'to delete own', 200],
  ['PUT /messages/:other', 'to edit', 200, { content: 'mine' }],
  ['PUT /messages/:mine', 'to edit own', 200, { content: 'mine' }],
  ['DELETE /messages/:other', 'to delete', 204],
  ['DELETE /messages/:mine', 'to delete own', 204],
  ['POST /messages/:deleted/restore', 'to be operator', 200],
  ['PUT /messages/:other/pin', 'pin', 200],
  ['DELETE /messages/:other/pin', 'pin', 204],
  ['PUT /messages/:other/reactions/:emoji', 'write', 200],
  ['DELETE /messages/:other/reactions/:emoji', 'write', 200],

  ['POST /messages/:other/reports', 'listen', 201, { reason: 'spam' }],
  ['GET /reports', 'an operator', 200],
  ['PATCH /reports/:report', 'an operator', 200, { status: 'resolved' }],
  ['GET /users/me/export', 'a token', 200],
  ['GET /users/other/export', 'an operator', 200],
  ['DELETE /users/erased', 'an operator', 200],
  ['POST /users/erased/admit', 'an operator', 204],
  ['GET /audit', 'an operator', 200],

  ['GET /users/me', 'a token', 200],
  ['PUT /users/me', 'a token', 200, { display_name: 'New' }],
  ['GET /users/search?q=x', 'a token', 200],
  ['GET /users/by-name/owner', 'a token', 200],
  ['GET /users/owner', 'a token', 200],
  ['PATCH /users/:me', 'an operator', 404, { disabled: true }],
  ['POST /api/auth/register', 'nothing', 422, { username: 'ab', password: 'white rabbit' }],
  ['POST /api/auth/login', 'nothing', 401, { username: 'nobody', password: 'white rabbit' }],
  ['POST /api/auth/refresh', 'nothing', 401, { refresh_token: 'none' }],
  // The tokens of these people are those of another issuer, where they have to be ended.
  ['POST /api/auth/logout', 'a token', 403, {}],
  ['POST /api/auth/logout-all', 'a token', 403, {}],
  ['POST /api/auth/password', 'a token', 403, { old: 'white rabbit', new: 'black rabbit' }],
  ['GET /users/me/blocks', 'a token', 200],
  ['PUT /users/me/blocks/mallory', 'a token', 200],
  ['DELETE /users/me/blocks/mallory', 'a token', 204],
  ['PUT /users/me/avatar', 'a token', 422, { no: 'picture' }],
  ['DELETE /users/me/avatar', 'a token', 204],
  ['PUT /groups/:group/avatar', 'describe', 422, { no: 'picture' }],
  ['DELETE /groups/:group/avatar', 'describe', 204],
  ['GET /avatars/none', 'nothing', 404],

  ['GET /groups/:group/files', 'listen', 200],
  ['POST /groups/:group/files', 'write', 201, {}],
  ['GET /files/:file', 'listen', 200],
  ['POST /files/:file/link', 'listen', 200],
  ['GET /files/:file/content?:link', 'nothing', 200],
  ['DELETE /files/:file', 'to delete', 204],
  ['DELETE /files/:own', 'to delete own', 204],

  ['GET /health', 'nothing', 200],
  ['GET /livez', 'nothing', 200],
  ['GET /readyz', 'nothing', 200],
  ['GET /', 'nothing', 200],
  ['GET /openapi.json', 'nothing', 200],
  ['GET /chat-ui', 'nothing', 200],
  ['GET /chat-worker.js', 'nothing', 200],
  ['GET /manifest.webmanifest', 'nothing', 200],
  ['GET /icon.svg', 'nothing', 200],
  ['GET /icon-192.png', 'nothing', 200],
  ['GET /icon-512.png', 'nothing', 200],
  ['GET /icon-maskable.png', 'nothing', 200],
  ['GET /websocket-test', 'nothing', 200],
  ['GET /client.js', 'nothing', 200],
  ['GET /client.d.ts', 'nothing', 200],
]

/** Those of the dialects, whose paths begin at the root. */
const dialectRows: Row[] = [
  ['POST /users', 'nothing', 422, { username: 'ab', password: 'white rabbit' }],
  ['GET /users/me', 'a token', 200],
  ['POST /auths/login', 'nothing', 401, { username: 'nobody else', password: 'white rabbit' }],
  ['POST /auth/login', 'nothing', 401, { username: 'nobody at all', password: 'white rabbit' }],
  ['GET /chat/messages/:group', 'a token', 200],
  // One's own messages alone, whatever one is.
  ['DELETE /chat/messages/:other', 'listen', 403],
  ['DELETE /chat/messages/:mine', 'to delete own', 200, undefined, { outsider: 403 }],
]

const belowPrefix = /^\/(groups|messages|files|invites|direct|audit|reports|search|users|push)/

const callOf = ([call, need, status, body, but]: Row, isDialect: boolean): Call => {
  const [method, path] = call.split(' ') as [string, string]
  const isAtRoot = isDialect || !belowPrefix.test(path)
  return { method, path, need, status, isAtRoot, ...(body && { body }), ...(but && { but }) }
}

export const calls: readonly Call[] = [
  ...rows.map((row) => callOf(row, false)),
  ...dialectRows.map((row) => callOf(row, true)),
]
