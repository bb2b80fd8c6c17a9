import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { GroupView } from '../../src/domain/group.ts'
import { startRest } from '../support/rest.ts'

const { call, group, send, close } = await startRest()
after(close)

interface GroupPage {
  groups: GroupView[]
  total: number
  page: number
  page_size: number
  has_more: boolean
}

const nowhere = '0123456789abcdef01234567'

test('who makes a group owns it, and is its first member', async () => {
  const { status, headers, body } = await call<GroupView>('POST', '/groups', {
    as: 'alice',
    body: { name: 'Tea', description: 'and cake', authorized_user_ids: ['bob', 'alice', 'bob'] },
  })
  assert.equal(status, 201)
  assert.equal(headers.get('location'), `/api/chat/groups/${body.id}`)
  assert.deepEqual(body, {
    id: body.id,
    name: 'Tea',
    description: 'and cake',
    authorized_user_ids: ['alice', 'bob'],
    member_count: 2,
    owner_id: 'alice',
    created_at: body.created_at,
    updated_at: body.created_at,
  })
  const read = await call<GroupView>('GET', `/groups/${body.id}`, { as: 'bob' })
  assert.deepEqual([read.status, read.body], [200, body])
})

test("a list holds the caller's own groups, newest first, page by page", async () => {
  const made: string[] = []
  for (let i = 0; i < 3; i++) made.unshift((await group('lister', 'other')).id)
  await group('other')
  const page = async (number: number) =>
    (await call<GroupPage>('GET', `/groups?page=${number}&page_size=2`, { as: 'lister' })).body
  const [first, second, third] = [await page(1), await page(2), await page(3)]
  assert.deepEqual(
    [...first.groups, ...second.groups].map(({ id }) => id),
    made,
  )
  assert.deepEqual([first.total, first.page, first.page_size, first.has_more], [3, 1, 2, true])
  assert.deepEqual([second.groups.length, second.has_more], [1, false])
  assert.deepEqual([third.groups.length, third.total, third.has_more], [0, 3, false])
  const none = await call<GroupPage>('GET', '/groups', { as: 'nobody' })
  assert.deepEqual(none.body, { groups: [], total: 0, page: 1, page_size: 50, has_more: false })
})

test('the owner changes what is sent, and the rest stays', async () => {
  const { id } = await group('alice', 'bob')
  const change = (body: unknown) => call<GroupView>('PUT', `/groups/${id}`, { as: 'alice', body })
  assert.equal((await change({ name: 'New' })).body.name, 'New')
  const changed = await change({ description: 'more', authorized_user_ids: ['alice', 'carol'] })
  assert.equal(changed.status, 200)
  assert.equal(changed.body.name, 'New')
  assert.equal(changed.body.description, 'more')
  assert.deepEqual(changed.body.authorized_user_ids, ['alice', 'carol'])
  assert.equal((await call('GET', `/groups/${id}`, { as: 'bob' })).status, 403)
  assert.equal((await call('GET', `/groups/${id}`, { as: 'carol' })).status, 200)
})

test('a deleted group is gone with its messages', async () => {
  const { id } = await group('alice')
  const message = await send(id, 'hello', { as: 'alice' })
  const gone = await call('DELETE', `/groups/${id}`, { as: 'alice' })
  assert.deepEqual([gone.status, gone.text, gone.headers.get('content-length')], [204, '', null])
  for (const path of [
    `/groups/${id}`,
    `/groups/${id}/messages`,
    `/groups/${id}/events`,
    `/messages/${message.id}`,
  ])
    assert.equal((await call('GET', path, { as: 'alice' })).status, 404, path)
  assert.equal((await call('DELETE', `/groups/${id}`, { as: 'alice' })).status, 404)
})

test('a group that is not there is 404', async () => {
  for (const [method, body] of [['GET'], ['PUT', { name: 'x' }], ['DELETE']] as const)
    assert.equal((await call(method, `/groups/${nowhere}`, { as: 'alice', body })).status, 404)
})

test('what is no id is 422, and is named', async () => {
  for (const id of [
    'x',
    `${nowhere}0`,
    nowhere.toUpperCase(),
    'a%2Fb',
    '%00',
    '..%2f..',
    '[object Object]',
  ]) {
    const { status, body } = await call('GET', `/groups/${id}`, { as: 'alice' })
    assert.equal(status, 422, id)
    assert.equal(body.errors?.[0]?.field, 'group_id')
  }
})

test('every field that is wrong is named', async () => {
  const { status, body } = await call('POST', '/groups', {
    as: 'alice',
    body: { name: '', description: 7, authorized_user_ids: ['bob', ''] },
  })
  assert.equal(status, 422)
  assert.equal(body.code, 'invalid')
  assert.equal(typeof body.detail, 'string')
  const fields = new Set(body.errors?.map(({ field }) => field))
  assert.deepEqual(fields, new Set(['name', 'description', 'authorized_user_ids.1']))
})

test('values at their limits are taken, beyond them refused', async () => {
  const status = async (body: unknown) => (await call('POST', '/groups', { as: 'alice', body })).status
  assert.equal(await status({ name: 'n'.repeat(100), description: 'd'.repeat(500) }), 201)
  assert.equal(await status({ name: '😀'.repeat(100) }), 201)
  for (const body of [
    {},
    [],
    'name',
    null,
    { name: 'n'.repeat(101) },
    { name: 'n', description: 'd'.repeat(501) },
    { name: '   ' },
    { name: 'a\u0007b' },
    { name: '\ud800' },
    { name: { $gt: '' } },
    { name: null },
    { name: ['n'] },
    { name: 'n', authorized_user_ids: 'bob' },
    { name: 'n', authorized_user_ids: [{ $ne: null }] },
    { name: 'n', authorized_user_ids: ['u'.repeat(129)] },
  ])
    assert.equal(await status(body), 422, JSON.stringify(body))
})

test('a change of nothing is refused', async () => {
  const { id } = await group('alice')
  for (const body of [{}, { nmae: 'misspelt' }])
    assert.equal((await call('PUT', `/groups/${id}`, { as: 'alice', body })).status, 422)
})

test('fields that are not ours are ignored, whatever they are called', async () => {
  const raw = `{"name":"first","name":"last","__proto__":{"owner_id":"eve"},"constructor":1,"id":"${nowhere}",
    "owner_id":"eve","seq":9,"created_at":"2001-01-01T00:00:00Z","toString":null}`
  const { status, body } = await call<GroupView>('POST', '/groups', { as: 'alice', raw })
  assert.equal(status, 201)
  assert.equal(body.name, 'last')
  assert.equal(body.owner_id, 'alice')
  assert.notEqual(body.id, nowhere)
  assert.ok(Date.parse(body.created_at) > Date.parse('2020-01-01'))
  assert.equal(({} as Record<string, unknown>).owner_id, undefined)
})
