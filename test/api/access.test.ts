import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { startRest } from '../support/rest.ts'

/** Who may do what, of: nobody in particular, somebody else, someone put out, a member, the owner, an operator. */
const callers = ['anonymous', 'outsider', 'removed', 'member', 'owner', 'root (admin)'] as const

type Row = [method: string, path: string, body: object | undefined, ...statuses: number[]]

/** `:mine` is a message of the one who asks, or of the owner where the one who asks cannot have one. */
const table: Row[] = [
  ['GET', '/groups', undefined, 401, 200, 200, 200, 200, 200],
  ['POST', '/groups', { name: 'New' }, 401, 201, 201, 201, 201, 201],
  ['GET', '/groups/:group', undefined, 401, 403, 403, 200, 200, 200],
  ['PUT', '/groups/:group', { description: 'new' }, 401, 403, 403, 403, 200, 200],
  ['DELETE', '/groups/:group', undefined, 401, 403, 403, 403, 204, 204],
  ['GET', '/groups/:group/members', undefined, 401, 403, 403, 200, 200, 200],
  ['POST', '/groups/:group/members', { user_id: 'new' }, 401, 403, 403, 403, 201, 201],
  ['PATCH', '/groups/:group/members/:target', { role: 'admin' }, 401, 403, 403, 403, 200, 200],
  ['DELETE', '/groups/:group/members/:target', undefined, 401, 403, 403, 403, 204, 204],
  ['POST', '/groups/:group/join', undefined, 401, 403, 403, 200, 200, 200],
  ['GET', '/groups/:group/bans', undefined, 401, 403, 403, 403, 200, 200],
  ['PUT', '/groups/:group/bans/:target', {}, 401, 403, 403, 403, 200, 200],
  ['DELETE', '/groups/:group/bans/:victim', undefined, 401, 403, 403, 403, 204, 204],
  ['PATCH', '/groups/:group/me', { pinned: true }, 401, 403, 403, 200, 200, 403],
  ['GET', '/groups/:group/invites', undefined, 401, 403, 403, 403, 200, 200],
  ['POST', '/groups/:group/invites', {}, 401, 403, 403, 403, 201, 201],
  ['DELETE', '/groups/:group/invites/:code', undefined, 401, 403, 403, 403, 204, 204],
  ['GET', '/invites/:code', undefined, 401, 200, 200, 200, 200, 200],
  ['POST', '/invites/:code/accept', undefined, 401, 200, 200, 200, 200, 200],
  ['POST', '/direct', { user_id: 'somebody' }, 401, 201, 201, 201, 201, 201],
  ['GET', '/groups/:group/messages', undefined, 401, 403, 403, 200, 200, 200],
  ['POST', '/groups/:group/messages', { content: 'hi' }, 401, 403, 403, 201, 201, 201],
  ['GET', '/groups/:group/events', undefined, 401, 403, 403, 200, 200, 200],
  ['GET', '/groups/:group/online', undefined, 401, 403, 403, 200, 200, 200],
  ['GET', '/messages/:other', undefined, 401, 403, 403, 200, 200, 200],
  ['GET', '/messages/:other/replies', undefined, 401, 403, 403, 200, 200, 200],
  ['GET', '/messages/:other/revisions', undefined, 401, 403, 403, 403, 200, 200],
  ['GET', '/messages/:mine/revisions', undefined, 401, 403, 403, 200, 200, 200],
  ['GET', '/messages/:other/thread', undefined, 401, 403, 403, 200, 200, 200],
  ['PUT', '/messages/:other', { content: 'mine' }, 401, 403, 403, 403, 403, 403],
  ['DELETE', '/messages/:other', undefined, 401, 403, 403, 403, 204, 204],
  ['PUT', '/messages/:mine', { content: 'mine' }, 401, 403, 403, 200, 200, 200],
  ['DELETE', '/messages/:mine', undefined, 401, 403, 403, 204, 204, 204],
  ['PUT', '/groups/:group/read', { seq: 1 }, 401, 403, 403, 200, 200, 403],
  ['GET', '/groups/:group/reads', undefined, 401, 403, 403, 200, 200, 200],
  ['PUT', '/messages/:other/reactions/:emoji', undefined, 401, 403, 403, 200, 200, 200],
  ['DELETE', '/messages/:other/reactions/:emoji', undefined, 401, 403, 403, 200, 200, 200],
  ['POST', '/messages/:other/restore', undefined, 401, 403, 403, 403, 403, 200],
  ['PUT', '/messages/:other/pin', undefined, 401, 403, 403, 403, 200, 200],
  ['DELETE', '/messages/:other/pin', undefined, 401, 403, 403, 403, 204, 204],
  ['GET', '/groups/:group/pins', undefined, 401, 403, 403, 200, 200, 200],
  ['GET', '/health', undefined, 200, 200, 200, 200, 200, 200],
  ['GET', '/livez', undefined, 200, 200, 200, 200, 200, 200],
  ['GET', '/readyz', undefined, 200, 200, 200, 200, 200, 200],
  ['GET', '/', undefined, 200, 200, 200, 200, 200, 200],
  ['GET', '/openapi.json', undefined, 200, 200, 200, 200, 200, 200],
]

const rest = await startRest()
after(rest.close)

/** A group in which everyone but the outsider has sent a message, the removed one is no member any more, and one is banned. */
async function scene(caller: string) {
  const { id: group } = await rest.group('owner', 'member', 'removed', 'other')
  const { id: other } = await rest.send(group, 'of another', { as: 'other' })
  const sends = caller !== 'anonymous' && caller !== 'outsider'
  const { id: mine } = sends ? await sendAs(caller, group) : { id: other }
  const authorized_user_ids = ['owner', 'member', 'other']
  await rest.call('PUT', `/groups/${group}`, { as: 'owner', body: { authorized_user_ids } })
  await rest.call('PUT', `/groups/${group}/bans/victim`, { as: 'owner', body: {} })
  const invite = await rest.call('POST', `/groups/${group}/invites`, { as: 'owner', body: {} })
  return {
    group,
    other,
    mine,
    emoji: '👍',
    target: 'other',
    victim: 'victim',
    code: String(invite.body.code),
  }
}

const sendAs = (caller: string, group: string) => rest.send(group, 'of my own', { as: caller })

for (const [method, path, body, ...statuses] of table)
  describe(`${method} ${path}`, () => {
    for (const [index, caller] of callers.entries())
      test(`${caller}: ${statuses[index]}`, async () => {
        const ids = await scene(caller)
        const url = path.replace(/:(\w+)/g, (_, name: keyof typeof ids) => ids[name])
        const ask = /^\/(groups|messages|invites|direct)/.test(path) ? rest.call : rest.root
        const { status, headers } = await ask(method, url, {
          ...(caller !== 'anonymous' && { as: caller }),
          ...(body && { body }),
        })
        assert.equal(status, statuses[index])
        if (status === 401) assert.equal(headers.get('www-authenticate'), 'Bearer')
      })
  })

test('the table names every route there is', async () => {
  const document = (await (await fetch(`${rest.service.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  const shape = (path: string) => path.replace(/[:{]\w+\}?/g, '*').replace('/api/chat', '')
  const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${shape(path)}`),
  )
  const open = ['/metrics', '/dashboard']
  assert.deepEqual(
    new Set(documented.filter((each) => !open.some((path) => each.includes(path)))),
    new Set([...table.map(([method, path]) => `${method} ${shape(path)}`)]),
  )
})
