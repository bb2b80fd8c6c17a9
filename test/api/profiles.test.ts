import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import type { OwnProfileView, ProfileView } from '../../src/domain/profile.ts'
import { type Answer, createApi } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { type TestClaims, tokenFor } from '../support/process.ts'
import { startRest } from '../support/rest.ts'

const { call, group, send, service, close } = await startRest()
after(close)

const api = async (sub: string, claims: TestClaims) =>
  createApi(service.base, { token: await tokenFor(sub, claims) })
const me = async (sub: string, claims: TestClaims = {}) =>
  (await (await api(sub, claims)).call<OwnProfileView>('GET', '/users/me')).body
const of = (userId: string, as = 'anybody') =>
  call<ProfileView>('GET', `/users/${encodeURIComponent(userId)}`, { as })
const is = (answer: Answer<unknown>, status: number) => assert.equal(answer.status, status, answer.text)

describe('a profile', () => {
  test('is what the token says, the address for oneself only', async () => {
    const own = await me('sub-1', { username: 'mia', name: 'Mia K.', email: 'mia@example.org' })
    const { number, created_at, last_seen_at } = own
    assert.ok(number >= 1)
    assert.ok(Math.abs(Date.now() - Date.parse(created_at)) < 60_000)
    assert.deepEqual(own, {
      id: 'sub-1',
      number,
      username: 'mia',
      display_name: 'Mia K.',
      avatar_url: null,
      created_at,
      last_seen_at,
      email: 'mia@example.org',
    })
    const { email: _, ...others } = own
    assert.deepEqual((await of('sub-1')).body, others)
    const named = await call('GET', '/users/by-name/MIA', { as: 'anybody' })
    assert.deepEqual(named.body, others)
    is(await of('nobody at all'), 404)
    is(await call('GET', '/users/by-name/nobody', { as: 'anybody' }), 404)
  })

  test('has no more than the id where the token says no more', async () => {
    const own = await me('sub-2')
    assert.deepEqual([own.username, own.display_name, own.email], ['sub-2', 'sub-2', null])
    const named = await me('sub-3', { name: 'Only Name' })
    assert.deepEqual([named.username, named.display_name], ['Only Name', 'Only Name'])
  })

  test('has a number of its own, and a name of its own', async () => {
    const first = await me('sub-4', { username: 'tom', name: 'Tom' })
    const second = await me('sub-5', { username: 'Tom', name: 'Other Tom' })
    assert.notEqual(first.number, second.number)
    assert.equal(first.username, 'tom')
    assert.equal(second.username, `Tom~${second.number}`)
    const found = await call<ProfileView>('GET', `/users/by-name/Tom~${second.number}`, { as: 'anybody' })
    assert.equal(found.body.id, 'sub-5')
  })

  test('is there for whoever was added and not seen yet', async () => {
    const { id } = await group('owner', 'listed')
    is(await call('POST', `/groups/${id}/members`, { as: 'owner', body: { user_ids: ['added/a b'] } }), 201)
    for (const userId of ['listed', 'added/a b']) {
      const stub = await of(userId)
      is(stub, 200)
      assert.deepEqual([stub.body.username, stub.body.last_seen_at], [userId, null])
      assert.ok(stub.body.number >= 1)
    }
    const { number } = (await of('added/a b')).body
    assert.equal((await me('added/a b', { name: 'Seen' })).number, number)
  })

  test('has the display name that its user chooses', async () => {
    const anna = await api('sub-6', { name: 'Anna' })
    const put = (body: unknown) => anna.call<OwnProfileView>('PUT', '/users/me', { body })
    const changed = await put({ display_name: 'Annie' })
    is(changed, 200)
    assert.equal(changed.body.display_name, 'Annie')
    assert.equal((await me('sub-6', { name: 'Anna' })).display_name, 'Annie')
    for (const body of [
      {},
      { display_name: '' },
      { display_name: 'x'.repeat(101) },
      { display_name: 'a\nb' },
    ])
      is(await put(body), 422)
    // The address is that of the token.
    is(await put({ email: 'anna@example.org' }), 422)
  })

  test('tells when its user was last here: when the last socket ends', async () => {
    const before = await me('sub-7')
    const { path } = await service.group('owner', 'sub-7')
    const [one, two] = [await service.socket('sub-7', path), await service.socket('sub-7', path)]
    await Promise.all([one.next('connected'), two.next('connected')])
    service.advance(2_000)
    const closing = Date.now() + 2_000
    await Promise.all([one.close(), two.close()])
    assert.ok(Date.parse(before.last_seen_at ?? '') < closing)
    await eventually(
      'seen at the end',
      async () => Date.parse((await of('sub-7')).body.last_seen_at ?? '') >= closing,
    )
  })
})

describe('a name', () => {
  test('is on messages, members, bans, reads, who is online, and events', async () => {
    const names = { username: 'kim', name: 'Kim P.' }
    const kim = await api('sub-kim', names)
    const { id } = await group('owner', 'sub-kim')
    const sender = { id: 'sub-kim', username: 'kim', display_name: 'Kim P.', avatar_url: null }
    const named = { user_id: 'sub-kim', username: 'kim', display_name: 'Kim P.' }
    const has = (value: unknown) => {
      const { user_id, username, display_name } = value as typeof named
      assert.deepEqual({ user_id, username, display_name }, named)
    }
    const owner = await service.socket('owner', `/ws/${id}`)
    await owner.next('connected')
    const socket = await service.socket('', `/ws/${id}`, { token: await tokenFor('sub-kim', names) })
    await socket.next('connected')
    has(await owner.next('user_joined'))
    const list = async (path: string, key: string) =>
      ((await call('GET', `/groups/${id}/${path}`, { as: 'owner' })).body[key] as unknown[]).find(
        (each) => (each as typeof named).user_id === 'sub-kim',
      )
    has(await list('online', 'users'))
    has(await list('members', 'members'))

    const sent = await kim.send(id, 'hello')
    assert.deepEqual(sent.sender, sender)
    assert.deepEqual(((await owner.next('new_message')).message as MessageView).sender, sender)
    const acked = await socket.ask({ type: 'message', content: 'again' })
    assert.deepEqual((acked.message as MessageView).sender, sender)
    socket.send({ type: 'typing' })
    has(await owner.next('typing'))
    const { seq } = await send(id, 'more', { as: 'owner' })
    socket.send({ type: 'read', seq })
    has(await owner.next('read'))
    has(await list('reads', 'reads'))
    has(await call('PUT', `/groups/${id}/bans/sub-kim`, { as: 'owner', body: {} }).then(({ body }) => body))
    has(await owner.next('member_removed'))
    has(await owner.next('member_banned'))
    has(await list('bans', 'bans'))
    has(await owner.next('user_left'))
  })

  test('that is new is on cached pages within five seconds, and on what is told', async () => {
    const { id } = await group('owner', 'sub-new')
    const one = await api('sub-new', { name: 'First' })
    await one.send(id, 'hello')
    const page = async () =>
      (await call<{ messages: MessageView[] }>('GET', `/groups/${id}/messages`, { as: 'owner' })).body
        .messages[0]?.sender.display_name
    assert.deepEqual([await page(), await page()], ['First', 'First'])
    const began = performance.now()
    await me('sub-new', { name: 'Second' })
    await eventually('the second name', async () => (await page()) === 'Second')
    await one.call('PUT', '/users/me', { body: { display_name: 'Third' } })
    await eventually('the third name', async () => (await page()) === 'Third')
    assert.ok(performance.now() - began < 5_000)
    // Somebody else's new name takes nothing from the page.
    await me('sub-other', { name: 'Other' })
    assert.equal(await page(), 'Third')
  })
})

describe('a search', () => {
  const found = async (q: string, query = '') => {
    const answer = await call<{ users: ProfileView[] }>(
      'GET',
      `/users/search?q=${encodeURIComponent(q)}${query}`,
      { as: 'searcher' },
    )
    is(answer, 200)
    return answer.body.users.map(({ id }) => id)
  }

  test('finds people by how their names begin, without case and accents', async () => {
    await me('s-1', { username: 'zoe.one', name: 'Ärne Quist' })
    await me('s-2', { username: 'other.name', name: 'Quentin Zoë' })
    assert.deepEqual(await found('ZOE'), ['s-2', 's-1'])
    assert.deepEqual(await found('arne q'), ['s-1'])
    assert.deepEqual(await found('qu'), ['s-2', 's-1'])
    assert.deepEqual(await found('qu', '&limit=1'), ['s-2'])
    assert.deepEqual(await found('%_'), [])
  })

  test('is for what can be searched for', async () => {
    for (const query of ['', '?q=', `?q=${'x'.repeat(129)}`, '?q=a&limit=0', '?q=a&limit=51', '?q=a&limit=x'])
      is(await call('GET', `/users/search${query}`, { as: 'searcher' }), 422)
  })
})

test('without a search of people one knows those with whom one shares a group', async () => {
  const rest = await startRest({ USER_SEARCH: 'off' })
  try {
    await rest.group('ann', 'bob')
    for (const as of ['ann', 'bob', 'eve']) is(await rest.call('GET', '/users/me', { as }), 200)
    const read = async (as: string, path: string) => (await rest.call('GET', `/users/${path}`, { as })).status
    for (const path of ['bob', 'by-name/bob']) {
      assert.equal(await read('ann', path), 200)
      assert.equal(await read('bob', path), 200)
      assert.equal(await read('eve', path), 404)
      assert.equal(await read('root (admin)', path), 200)
    }
    const search = async (as: string) =>
      (await rest.call<{ users: ProfileView[] }>('GET', '/users/search?q=b', { as })).body.users.length
    assert.deepEqual([await search('ann'), await search('eve'), await search('bob')], [1, 0, 1])
  } finally {
    await rest.close()
  }
})

test('searches for people have a limit of their own', async () => {
  const rest = await startRest({ RATE_LIMIT_USER_SEARCHES: '2' })
  try {
    const search = async () => (await rest.call('GET', '/users/search?q=a', { as: 'ann' })).status
    assert.deepEqual([await search(), await search(), await search()], [200, 200, 429])
    is(await rest.call('GET', '/users/me', { as: 'ann' }), 200)
  } finally {
    await rest.close()
  }
})
