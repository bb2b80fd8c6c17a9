import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { AnyBody } from '../support/api.ts'
import { startRest } from '../support/rest.ts'
import { namedUser } from '../support/samples.ts'

const { call, group, send, service, close } = await startRest()
after(close)

interface BanView {
  user_id: string
  username: string
  display_name: string
  reason: string
  until: string | null
  created_at: string
  created_by: string
}

const ban = (id: string, as: string, userId: string, body: object = {}) =>
  call<BanView & AnyBody>('PUT', `/groups/${id}/bans/${encodeURIComponent(userId)}`, { as, body })

const unban = async (id: string, as: string, userId: string) =>
  (await call('DELETE', `/groups/${id}/bans/${encodeURIComponent(userId)}`, { as })).status

const bans = async (id: string, as: string) =>
  (await call<{ bans: BanView[] }>('GET', `/groups/${id}/bans`, { as })).body.bans

const read = async (id: string, as: string) => {
  const { status, body } = await call('GET', `/groups/${id}/messages`, { as })
  return status === 200 ? 200 : body.code
}

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString()

async function openGroup(...members: string[]): Promise<string> {
  const { id } = await group(...members)
  await call('PUT', `/groups/${id}`, { as: members[0] ?? '', body: { visibility: 'open' } })
  return id
}

describe('a ban', () => {
  test('needs no body, because all that it says is optional', async () => {
    const { id } = await group('olga')
    const { status, body } = await call('PUT', `/groups/${id}/bans/mia`, { as: 'olga' })
    assert.deepEqual([status, body.user_id, body.reason, body.until], [200, 'mia', '', null])
  })

  test('puts a member out, and is listed, oldest first; a member or not', async () => {
    const { id } = await group('olga', 'mia')
    const { status, body } = await ban(id, 'olga', 'mia', { reason: 'Spam' })
    assert.equal(status, 200)
    assert.deepEqual(body, {
      user_id: 'mia',
      username: 'mia',
      display_name: 'mia',
      reason: 'Spam',
      until: null,
      created_at: body.created_at,
      created_by: 'olga',
    })
    const { body: other } = await ban(id, 'olga', 'a/b ü?#%', { until: inAnHour() })
    assert.deepEqual(await bans(id, 'olga'), [body, other])
    assert.equal(await read(id, 'mia'), 'banned')
    assert.deepEqual((await call('GET', `/groups/${id}`, { as: 'olga' })).body.authorized_user_ids, ['olga'])
    assert.equal((await call('GET', '/groups', { as: 'mia' })).body.total, 0)
  })

  test('again is replaced', async () => {
    const { id } = await group('olga', 'mia')
    await ban(id, 'olga', 'mia', { reason: 'Spam', until: inAnHour() })
    const { body } = await ban(id, 'olga', 'mia', { reason: 'More spam' })
    assert.deepEqual([body.reason, body.until], ['More spam', null])
    assert.deepEqual(await bans(id, 'olga'), [body])
  })

  test('is asked about before any list or role, but never of an operator', async () => {
    const id = await openGroup('olga', 'mia')
    await ban(id, 'olga', 'guest')
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', '/messages', undefined],
      ['GET', '/members', undefined],
      ['POST', '/join', undefined],
      ['POST', '/messages', { content: 'hi' }],
      ['PUT', '', { name: 'x' }],
    ] as const) {
      const answer = await call(method, `/groups/${id}${path}`, { as: 'guest', ...(body && { body }) })
      assert.deepEqual([answer.status, answer.body.code], [403, 'banned'], `${method} ${path}`)
    }
    await ban(id, 'olga', 'root')
    assert.equal(await read(id, 'root (admin)'), 200)
  })

  test('ends by itself: the next request succeeds', async () => {
    const id = await openGroup('olga')
    await ban(id, 'olga', 'guest', { until: new Date(Date.now() + 30_000).toISOString() })
    assert.equal(await read(id, 'guest'), 'banned')
    service.advance(31_000)
    assert.equal(await read(id, 'guest'), 200)
    assert.deepEqual(await bans(id, 'olga'), [])
    assert.equal((await call('POST', `/groups/${id}/join`, { as: 'guest' })).status, 200)
  })

  test('of oneself, or one that would be over already, is refused', async () => {
    const { id } = await group('olga', 'mia')
    assert.equal((await ban(id, 'olga', 'olga')).status, 422)
    for (const body of [
      { until: '2001-01-01T00:00:00Z' },
      { until: new Date().toISOString() },
      { until: 'soon' },
      { until: '2030-12-31T23:59:60Z' },
      { until: '9999-12-31T23:59:59-10:00' },
      { reason: 7 },
      { reason: 'r'.repeat(501) },
      { reason: 'turned \u202e' },
    ])
      assert.equal((await ban(id, 'olga', 'mia', body)).status, 422, JSON.stringify(body))
    assert.deepEqual(await bans(id, 'olga'), [])
  })

  test('is for admins, and of lower roles; nobody bans an owner', async () => {
    const { id } = await group('olga', 'adam', 'ada', 'mia', 'mike')
    for (const admin of ['adam', 'ada'])
      await call('PATCH', `/groups/${id}/members/${admin}`, { as: 'olga', body: { role: 'admin' } })
    const statuses: number[] = []
    for (const [as, target] of [
      ['mia', 'mike'],
      ['mia', 'stranger'],
      ['stranger', 'mia'],
      ['adam', 'ada'],
      ['adam', 'olga'],
      ['root (admin)', 'olga'],
      ['adam', 'mike'],
      ['olga', 'ada'],
    ] as const)
      statuses.push((await ban(id, as, target)).status)
    assert.deepEqual(statuses, [403, 403, 403, 403, 403, 403, 200, 200])
    assert.equal((await call('GET', `/groups/${id}/bans`, { as: 'mia' })).status, 403)
    assert.equal(await unban(id, 'mia', 'mike'), 403)
  })
})

describe('the end of a ban', () => {
  test('brings no membership back, and can be asked for once', async () => {
    const { id } = await group('olga', 'mia')
    await ban(id, 'olga', 'mia')
    assert.equal(await unban(id, 'olga', 'mia'), 204)
    assert.equal(await unban(id, 'olga', 'mia'), 404)
    assert.equal(await read(id, 'mia'), 'forbidden')
    const body = { user_id: 'mia' }
    assert.equal((await call('POST', `/groups/${id}/members`, { as: 'olga', body })).status, 201)
    assert.equal(await read(id, 'mia'), 200)
  })
})

describe('sockets', () => {
  test('of one group close with 4500, those of all hear that they are out; then nothing', async () => {
    const id = await openGroup('olga', 'mia')
    const [watcher, single, all, guest] = await Promise.all([
      service.socket('olga', `/ws/${id}`),
      service.socket('mia', `/ws/${id}`),
      service.socket('mia', '/ws'),
      service.socket('guest', `/ws/${id}`),
    ])
    await Promise.all([single, all, guest].map((socket) => socket.next('connected')))
    await ban(id, 'olga', 'mia')
    await ban(id, 'olga', 'guest')
    assert.deepEqual([(await single.closed).code, (await guest.closed).code], [4500, 4500])
    const { code, group_id } = await all.next('unsubscribed')
    assert.deepEqual([code, group_id], [4500, id])
    await send(id, 'not for them', { as: 'olga' })
    await watcher.next('new_message')
    await all.ask({ type: 'ping' })
    for (const socket of [single, all, guest])
      assert.ok(!socket.frames.some(({ type }) => type === 'new_message'))
    const told = watcher.frames.filter(({ type }) => type.startsWith('member_'))
    assert.deepEqual(
      told.map(({ cursor: _, ...event }) => event),
      [
        { type: 'member_removed', group_id: id, ...namedUser('mia'), by: 'olga' },
        { type: 'member_banned', group_id: id, ...namedUser('mia') },
        { type: 'member_banned', group_id: id, ...namedUser('guest') },
      ],
    )
    await Promise.all([watcher.close(), all.close()])
  })

  test('hear that the ban is over, and an open group again that they heard before', async () => {
    const id = await openGroup('olga', 'mia')
    const [member, guest, stranger] = await Promise.all([
      service.socket('mia', '/ws'),
      service.socket('guest', '/ws'),
      service.socket('stranger', '/ws'),
    ])
    await Promise.all([member, guest, stranger].map((socket) => socket.next('connected')))
    assert.equal((await guest.ask({ type: 'subscribe', group_id: id })).type, 'ack')
    await guest.next('subscribed')
    for (const userId of ['mia', 'guest', 'stranger']) await ban(id, 'olga', userId)
    await Promise.all([member.next('unsubscribed'), guest.next('unsubscribed')])
    const refused = await guest.ask({ type: 'subscribe', group_id: id })
    assert.deepEqual([refused.type, refused.code], ['error', 'banned'])
    for (const userId of ['mia', 'guest', 'stranger']) assert.equal(await unban(id, 'olga', userId), 204)
    for (const socket of [member, guest, stranger]) assert.equal((await socket.next('unbanned')).group_id, id)
    await Promise.all([member.next('subscribed'), guest.next('subscribed')])
    await send(id, 'welcome back', { as: 'olga' })
    await Promise.all([member.next('new_message'), guest.next('new_message')])
    await stranger.ask({ type: 'ping' })
    assert.deepEqual(
      stranger.frames.map(({ type }) => type),
      ['connected', 'unbanned', 'pong'],
    )
    assert.ok(!member.frames.some(({ type }) => type === 'group_added'), 'a guest is no member')
    await Promise.all([member.close(), guest.close(), stranger.close()])
  })

  test('of a private group hear that the ban is over, and nothing of the group', async () => {
    const { id } = await group('olga', 'mia')
    const socket = await service.socket('mia', '/ws')
    await socket.next('connected')
    await ban(id, 'olga', 'mia')
    await socket.next('unsubscribed')
    await unban(id, 'olga', 'mia')
    await socket.next('unbanned')
    assert.equal((await socket.ask({ type: 'subscribe', group_id: id })).code, 'forbidden')
    await socket.close()
  })

  test('are refused at the door while the ban counts', async () => {
    const id = await openGroup('olga')
    await ban(id, 'olga', 'guest')
    await assert.rejects(service.socket('guest', `/ws/${id}`), { status: 403 })
    await unban(id, 'olga', 'guest')
    const socket = await service.socket('guest', `/ws/${id}`)
    await socket.close()
  })
})
