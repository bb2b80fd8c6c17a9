import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { startRest } from '../support/rest.ts'

/** Who asks, of an open group: anybody, somebody who is banned, a member who is muted, an admin. access.test.ts has the others. */
const callers = ['guest', 'banned', 'muted', 'admin'] as const

type Row = [method: string, path: string, body: object | undefined, ...statuses: number[]]

const later = { muted_until: '2090-01-01T00:00:00Z' }

/** `:mine` is a message of the one who asks, `:other` of another member. */
const table: Row[] = [
  ['GET', '/groups/:group', undefined, 200, 403, 200, 200],
  ['PUT', '/groups/:group', { description: 'new' }, 403, 403, 403, 200],
  ['PUT', '/groups/:group', { visibility: 'private' }, 403, 403, 403, 403],
  ['DELETE', '/groups/:group', undefined, 403, 403, 403, 403],
  ['GET', '/groups/:group/members', undefined, 200, 403, 200, 200],
  ['POST', '/groups/:group/members', { user_id: 'new' }, 403, 403, 403, 201],
  ['PATCH', '/groups/:group/members/:target', { role: 'admin' }, 403, 403, 403, 403],
  ['PATCH', '/groups/:group/members/:target', later, 403, 403, 403, 200],
  ['PATCH', '/groups/:group/members/:owner', later, 403, 403, 403, 403],
  ['PATCH', '/groups/:group/members/:stranger', later, 403, 403, 403, 200],
  ['DELETE', '/groups/:group/members/:target', undefined, 403, 403, 403, 204],
  ['DELETE', '/groups/:group/members/:owner', undefined, 403, 403, 403, 403],
  ['DELETE', '/groups/:group/members/:self', undefined, 404, 403, 204, 204],
  ['POST', '/groups/:group/join', undefined, 200, 403, 200, 200],
  ['GET', '/groups/:group/bans', undefined, 403, 403, 403, 200],
  ['PUT', '/groups/:group/bans/:target', {}, 403, 403, 403, 200],
  ['PUT', '/groups/:group/bans/:owner', {}, 403, 403, 403, 403],
  ['DELETE', '/groups/:group/bans/:victim', undefined, 403, 403, 403, 204],
  ['GET', '/groups/:group/invites', undefined, 403, 403, 403, 200],
  ['POST', '/groups/:group/invites', {}, 403, 403, 403, 201],
  ['DELETE', '/groups/:group/invites/:code', undefined, 403, 403, 403, 204],
  ['PATCH', '/groups/:group/me', { pinned: true }, 403, 403, 200, 200],
  ['GET', '/groups/:group/messages', undefined, 200, 403, 200, 200],
  ['POST', '/groups/:group/messages', { content: 'hi' }, 201, 403, 403, 201],
  ['GET', '/groups/:group/events', undefined, 200, 403, 200, 200],
  ['GET', '/groups/:group/online', undefined, 200, 403, 200, 200],
  ['PUT', '/groups/:group/read', { seq: 0 }, 403, 403, 200, 200],
  ['GET', '/groups/:group/reads', undefined, 403, 403, 200, 200],
  ['GET', '/messages/:other', undefined, 200, 403, 200, 200],
  ['GET', '/messages/:other/revisions', undefined, 403, 403, 403, 200],
  ['GET', '/messages/:mine/revisions', undefined, 200, 403, 200, 200],
  ['GET', '/messages/:other/replies', undefined, 200, 403, 200, 200],
  ['GET', '/messages/:other/thread', undefined, 200, 403, 200, 200],
  ['PUT', '/messages/:other', { content: 'mine' }, 403, 403, 403, 403],
  ['DELETE', '/messages/:other', undefined, 403, 403, 403, 204],
  ['PUT', '/messages/:mine', { content: 'mine' }, 200, 403, 403, 200],
  ['DELETE', '/messages/:mine', undefined, 204, 403, 204, 204],
  ['POST', '/messages/:mine/restore', undefined, 403, 403, 403, 403],
  ['PUT', '/messages/:other/reactions/:emoji', undefined, 200, 403, 403, 200],
  ['DELETE', '/messages/:other/reactions/:emoji', undefined, 200, 403, 403, 200],
  ['PUT', '/messages/:other/pin', undefined, 403, 403, 403, 200],
  ['DELETE', '/messages/:other/pin', undefined, 403, 403, 403, 204],
  ['GET', '/groups/:group/pins', undefined, 200, 403, 200, 200],
]

const { call, send, service, close } = await startRest()
after(close)

/** A group with all that the caller and the path need, and nothing else: each write costs. */
async function scene(caller: string, path: string) {
  const members = ['other', ...(caller === 'guest' ? [] : [caller])]
  const made = await call('POST', '/groups', {
    as: 'owner',
    body: { name: 'Open', visibility: 'open', authorized_user_ids: members },
  })
  const group = String(made.body.id)
  const ask = async (method: string, below: string, body: object) =>
    (await call(method, `/groups/${group}${below}`, { as: 'owner', body })).body
  const other = path.includes(':other') ? (await send(group, 'of another', { as: 'other' })).id : ''
  const mine = path.includes(':mine') ? (await send(group, 'of my own', { as: caller })).id : ''
  if (caller === 'admin') await ask('PATCH', '/members/admin', { role: 'admin' })
  if (caller === 'muted') await ask('PATCH', '/members/muted', later)
  if (caller === 'banned') await ask('PUT', '/bans/banned', {})
  if (path.includes(':victim')) await ask('PUT', '/bans/victim', {})
  const code = path.includes(':code') ? String((await ask('POST', '/invites', {})).code) : ''
  const people = { target: 'other', owner: 'owner', self: caller, victim: 'victim', stranger: 'stranger' }
  return { group, other, mine, code, emoji: '👍', ...people }
}

for (const [method, path, body, ...statuses] of table)
  describe(`${method} ${path} ${body ? JSON.stringify(body) : ''}`, () => {
    for (const [index, caller] of callers.entries())
      test(`${caller}: ${statuses[index]}`, async () => {
        const ids = await scene(caller, path)
        const url = path.replace(/:(\w+)/g, (_, name: keyof typeof ids) => ids[name])
        const { status, body: answer } = await call(method, url, { as: caller, ...(body && { body }) })
        assert.equal(status, statuses[index])
        if (caller === 'banned') assert.equal(answer.code, 'banned')
      })
  })

test('the table names every route of a group or a message', async () => {
  const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  const shape = (path: string) => path.replace(/[:{]\w+\}?/g, '*').replace('/api/chat', '')
  const documented = Object.entries(document.paths)
    .filter(([path]) => /\{(group|message)_id\}/.test(path))
    .flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${shape(path)}`),
    )
  assert.deepEqual(new Set(table.map(([method, path]) => `${method} ${shape(path)}`)), new Set(documented))
})
