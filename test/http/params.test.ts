import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { UserId } from '../../src/domain/text.ts'
import { openApi } from '../../src/http/openapi.ts'
import { jsonReply } from '../../src/http/reply.ts'
import { publicRoute, type Route } from '../../src/http/route.ts'
import { serve } from './serve.ts'

const id = 'a'.repeat(24)

const route: Route = publicRoute({
  method: 'PATCH',
  path: '/groups/:group_id/members/:user_id',
  name: 'members.change',
  about: '',
  params: Type.Object({ user_id: UserId }),
  answers: {},
  errors: [],
  handle: ({ params }) => jsonReply(200, params),
})

test('a parameter of a path is an id, or as its route has it, percent-encoded', async () => {
  await using service = await serve([route])
  const ask = async (path: string) => {
    const response = await fetch(service.url + path, { method: 'PATCH' })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  for (const userId of ['bob', 'a/b ü?#%', '…', '{bob}'])
    assert.deepEqual(await ask(`/groups/${id}/members/${encodeURIComponent(userId)}`), {
      status: 200,
      body: { group_id: id, user_id: userId },
    })
  for (const [path, field] of [
    [`/groups/${id}/members/%20`, 'user_id'],
    [`/groups/${id}/members/${'x'.repeat(1_000)}`, 'user_id'],
    [`/groups/${id}/members/a%E2%80%AEb`, 'user_id'],
    ['/groups/none/members/bob', 'group_id'],
  ] as const) {
    const { status, body } = await ask(path)
    assert.deepEqual(
      [status, body.code, (body.errors as { field: string }[])[0]?.field],
      [422, 'invalid', field],
    )
  }
})

test('the documentation has the schema of each parameter', () => {
  const { paths } = openApi([route], { version: '1', prefix: '' }) as {
    paths: Record<string, { patch: { parameters: { name: string; schema: object }[] } }>
  }
  const { parameters } = paths['/groups/{group_id}/members/{user_id}']?.patch ?? { parameters: [] }
  assert.deepEqual(
    parameters.map(({ name }) => name),
    ['group_id', 'user_id'],
  )
  assert.notDeepEqual(parameters[0]?.schema, parameters[1]?.schema)
})
