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
    number: body.number,
    kind: 'group',
    name: 'Tea',
    description: 'and cake',
    visibility: 'private',
    post_policy: 'everyone',
    metadata: {},
    avatar_url: null,
    retention_days: null,
    authorized_user_ids: ['alice', 'bob'],
    member_count: 2,
    owner_id: 'alice',
    created_at: body.created_at,
    updated_at: body.created_at,
    seq: 0,
    last_message_at: null,
    role: 'owner',
    read_seq: 0,
    unread_count: 0,
    mention_count: 0,
    last_message: null,
  })
  const read = await call<GroupView>('GET', `/groups/${body.id}`, { as: 'bob' })
  assert.deepEqual([read.status, read.body], [200, { ...body, role: 'member' }])
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

test('groups are numbered for good, and no number is given twice', async () => {
  const [first, second] = [await group('alice'), await group('bob')]
  await call('DELETE', `/groups/${second.id}`, { as: 'bob' })
  const third = await group('carol')
  assert.ok(first.number && second.number && third.number)
  assert.ok(first.number < second.number && second.number < third.number)
})

test('what a group is made with can be changed, each by whom it concerns', async () => {
  const settings = {
    visibility: 'open',
    post_policy: 'admins',
    metadata: { colour: ['green'] },
    retention_days: 90,
  }
  const { body: made } = await call<GroupView>('POST', '/groups', {
    as: 'alice',
    body: {
      name: 'Set',
      authorized_user_ids: ['adam', 'bob'],
      ...settings,
      avatar_url: 'https://example.com/a.png',
    },
  })
  const { visibility, post_policy, metadata, retention_days } = made
  assert.deepEqual({ visibility, post_policy, metadata, retention_days }, settings)
  assert.equal(made.avatar_url, null)
  const path = `/groups/${made.id}`
  await call('PATCH', `${path}/members/adam`, { as: 'alice', body: { role: 'admin' } })
  const change = async (as: string, body: object) => (await call('PUT', path, { as, body })).status
  for (const body of [{ name: 'Other' }, { description: 'd' }, { metadata: { size: 1 } }])
    assert.deepEqual(
      [await change('bob', body), await change('adam', body), await change('alice', body)],
      [403, 200, 200],
      JSON.stringify(body),
    )
  for (const body of [
    { visibility: 'private' },
    { post_policy: 'everyone' },
    { retention_days: null },
    { authorized_user_ids: ['alice', 'adam', 'bob', 'carol'] },
    { name: 'Both', visibility: 'open' },
  ])
    assert.deepEqual(
      [await change('bob', body), await change('adam', body), await change('alice', body)],
      [403, 403, 200],
      JSON.stringify(body),
    )
  const { body: read } = await call<GroupView>('GET', path, { as: 'bob' })
  assert.deepEqual(
    [read.name, read.visibility, read.post_policy, read.metadata, read.retention_days],
    ['Both', 'open', 'everyone', { size: 1 }, null],
  )
})

test('settings that there are not are refused', async () => {
  const { id } = await group('alice')
  for (const body of [
    { visibility: 'secret' },
    { post_policy: null },
    { metadata: [] },
    { metadata: null },
    { metadata: { text: 'x'.repeat(4_096) } },
    { retention_days: 0 },
    { retention_days: 1.5 },
  ])
    for (const [method, path] of [
      ['POST', '/groups'],
      ['PUT', `/groups/${id}`],
    ] as const)
      assert.equal(
        (await call(method, path, { as: 'alice', body: { name: 'n', ...body } })).status,
        422,
        JSON.stringify(body),
      )
})

test('where only admins write, others are refused, and read all the same', async () => {
  const { id } = await group('alice', 'bob')
  await call('PUT', `/groups/${id}`, { as: 'alice', body: { post_policy: 'admins' } })
  const say = async (as: string) =>
    (await call('POST', `/groups/${id}/messages`, { as, body: { content: 'hi' } })).status
  assert.deepEqual([await say('bob'), await say('alice'), await say('root (admin)')], [403, 201, 201])
  assert.equal((await call('GET', `/groups/${id}/messages`, { as: 'bob' })).status, 200)
})
