import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, describe, test } from 'node:test'
import { type AnyBody, tokenOf } from '../support/api.ts'
import { startRest } from '../support/rest.ts'
import { namedUser } from '../support/samples.ts'

const rest = await startRest()
const { call, group, service, close } = rest
after(close)

interface MemberView {
  user_id: string
  username: string
  display_name: string
  role: 'owner' | 'admin' | 'member'
  joined_at: string
  muted_until: string | null
  online: boolean
}
interface Listed {
  members: MemberView[]
  total: number
  next: string | null
}

const one = (id: string, userId: string) => `/groups/${id}/members/${encodeURIComponent(userId)}`

const list = async (id: string, as: string, query = '') =>
  (await call<Listed>('GET', `/groups/${id}/members${query}`, { as })).body

const names = ({ members }: Pick<Listed, 'members'>) => members.map(({ user_id }) => user_id)

const add = (id: string, as: string, ...user_ids: string[]) =>
  call<Listed & AnyBody>('POST', `/groups/${id}/members`, { as, body: { user_ids } })

const change = (id: string, as: string, userId: string, body: object) =>
  call<MemberView & AnyBody>('PATCH', one(id, userId), { as, body })

const remove = (id: string, as: string, userId: string) => call('DELETE', one(id, userId), { as })

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString()

/** A group of olga, who owns it, of adam, who is an admin, and of mia and mike. */
async function staffed() {
  const { id } = await group('olga', 'mia', 'adam', 'mike')
  assert.equal((await change(id, 'olga', 'adam', { role: 'admin' })).status, 200)
  return id
}

describe('the list of members', () => {
  test('has owners and admins first, then the others, each in the order of joining', async () => {
    const id = await staffed()
    const { members, total, next } = await list(id, 'mia')
    assert.deepEqual([names({ members }), total, next], [['olga', 'adam', 'mia', 'mike'], 4, null])
    assert.deepEqual(members[1], {
      user_id: 'adam',
      username: 'adam',
      display_name: 'adam',
      role: 'admin',
      joined_at: members[0]?.joined_at,
      muted_until: null,
      online: false,
    })
  })

  test('is read page by page, by role and by the beginnings of words', async () => {
    const { id } = await group('olga', 'mia', 'Mia Two', 'two-mia', 'amia')
    await change(id, 'olga', 'amia', { role: 'admin' })
    const seen: string[] = []
    let pages = 0
    for (let after: string | null = ''; after !== null; pages++) {
      const page: Listed = await list(id, 'mia', `?limit=2${after && `&after=${encodeURIComponent(after)}`}`)
      assert.equal(page.total, 5)
      seen.push(...names(page))
      after = page.next
    }
    assert.deepEqual([seen, pages], [['olga', 'amia', 'mia', 'Mia Two', 'two-mia'], 3])
    assert.deepEqual(names(await list(id, 'mia', '?role=admin')), ['amia'])
    const found = await list(id, 'mia', '?q=MIA')
    assert.deepEqual([names(found), found.total], [['mia', 'Mia Two', 'two-mia'], 3])
    assert.deepEqual(await list(id, 'mia', '?q=mia&role=owner'), { members: [], total: 0, next: null })
  })

  test('refuses queries that it can not read', async () => {
    const { id } = await group('olga')
    for (const query of ['limit=0', 'limit=101', 'role=king', 'limit=x', 'nonsense=1'])
      assert.equal((await call('GET', `/groups/${id}/members?${query}`, { as: 'olga' })).status, 422, query)
    const { status } = await call('GET', `/groups/${id}/members?after=nonsense`, { as: 'olga' })
    assert.ok([400, 422].includes(status), `${status}`)
  })

  test('tells who is online, in whatever group and over whichever socket', async () => {
    const { id } = await group('olga', 'mia', 'mike')
    const online = async () =>
      (await list(id, 'olga')).members.filter((member) => member.online).map(({ user_id }) => user_id)
    assert.deepEqual(await online(), [])
    const own = await service.socket('mia', `/ws/${id}`)
    const all = await service.socket('mike', '/ws')
    await Promise.all([own.next('connected'), all.next('connected')])
    assert.deepEqual(await online(), ['mia', 'mike'])
    await Promise.all([own.close(), all.close()])
  })
})

describe('adding members', () => {
  test('answers those who are new, and 200 where nobody is', async () => {
    const { id } = await group('olga', 'mia')
    const added = await add(id, 'olga', 'mia', 'nina', 'nina', 'noah')
    assert.deepEqual([added.status, names(added.body)], [201, ['nina', 'noah']])
    assert.ok(added.body.members.every(({ role, muted_until }) => role === 'member' && muted_until === null))
    const again = await add(id, 'olga', 'nina')
    assert.deepEqual([again.status, again.body], [200, { members: [] }])
    const single = await call('POST', `/groups/${id}/members`, { as: 'olga', body: { user_id: 'pia' } })
    assert.equal(single.status, 201)
    assert.deepEqual(names(await list(id, 'pia')), ['olga', 'mia', 'nina', 'noah', 'pia'])
  })

  test('takes one user or up to a hundred, and not both', async () => {
    const { id } = await group('olga')
    const many = Array.from({ length: 101 }, (_, i) => `u${i}`)
    for (const body of [
      {},
      { user_id: 'a', user_ids: ['b'] },
      { user_ids: [] },
      { user_ids: many },
      { user_id: '.' },
      { user_ids: ['ok', '..'] },
      { user_id: 7 },
      { user_id: null },
    ])
      assert.equal(
        (await call('POST', `/groups/${id}/members`, { as: 'olga', body })).status,
        422,
        JSON.stringify(body),
      )
    assert.equal((await add(id, 'olga', ...many.slice(1))).status, 201)
    assert.equal((await list(id, 'olga')).total, 101)
  })

  test('adds all or none: one who is banned holds up the others', async () => {
    const { id } = await group('olga', 'mia')
    await call('PUT', `/groups/${id}/bans/bad`, { as: 'olga', body: {} })
    const refused = await add(id, 'olga', 'nina', 'bad')
    assert.deepEqual([refused.status, refused.body.code], [409, 'user_banned'])
    assert.deepEqual(names(await list(id, 'olga')), ['olga', 'mia'])
    const whole = await call('PUT', `/groups/${id}`, {
      as: 'olga',
      body: { authorized_user_ids: ['olga', 'bad'] },
    })
    assert.deepEqual([whole.status, whole.body.code], [409, 'user_banned'])
  })

  test('is for admins; no member adds, and nobody outside', async () => {
    const id = await staffed()
    assert.equal((await add(id, 'adam', 'nina')).status, 201)
    for (const as of ['mia', 'stranger']) assert.equal((await add(id, as, 'nora')).status, 403, as)
  })
})

describe('roles', () => {
  test('are given by owners; there may be several, of whom the longest-serving is told', async () => {
    const id = await staffed()
    for (const as of ['adam', 'mia'])
      assert.equal((await change(id, as, 'mike', { role: 'admin' })).status, 403, as)
    const second = await change(id, 'olga', 'mia', { role: 'owner' })
    assert.deepEqual([second.status, second.body.role], [200, 'owner'])
    const owner = async () => (await call('GET', `/groups/${id}`, { as: 'mike' })).body.owner_id
    assert.equal(await owner(), 'olga')
    assert.equal((await change(id, 'mia', 'olga', { role: 'member' })).status, 200)
    assert.equal(await owner(), 'mia')
    assert.deepEqual(names(await list(id, 'mike', '?role=owner')), ['mia'])
  })

  test('the last owner can not be lowered, nor leave, nor be dropped from the list', async () => {
    const { id } = await group('olga', 'mia')
    const code = async (answer: Promise<{ status: number; body: AnyBody }>) => {
      const { status, body } = await answer
      return [status, body.code]
    }
    const lastOwner = [409, 'last_owner']
    assert.deepEqual(await code(change(id, 'olga', 'olga', { role: 'member' })), lastOwner)
    assert.deepEqual(await code(change(id, 'root (admin)', 'olga', { role: 'admin' })), lastOwner)
    assert.deepEqual(await code(remove(id, 'olga', 'olga')), lastOwner)
    const body = { authorized_user_ids: ['mia'] }
    assert.deepEqual(await code(call('PUT', `/groups/${id}`, { as: 'olga', body })), lastOwner)
    assert.equal((await change(id, 'olga', 'mia', { role: 'owner' })).status, 200)
    assert.equal((await remove(id, 'olga', 'olga')).status, 204)
  })

  test('a change needs something that is valid, of somebody who is there', async () => {
    const { id } = await group('olga', 'mia')
    for (const body of [
      {},
      { role: 'king' },
      { muted_until: 'tomorrow' },
      { muted_until: 7 },
      { muted_until: '2026-12-31T23:59:60Z' },
      { muted_until: '2030-01-01' },
    ])
      assert.equal((await change(id, 'olga', 'mia', body)).status, 422, JSON.stringify(body))
    assert.equal((await change(id, 'olga', 'stranger', { role: 'admin' })).status, 404)
    assert.equal((await change(id, 'olga', 'stranger', { muted_until: inAnHour() })).status, 404)
  })
})

describe('a mute', () => {
  const send = (id: string, as: string) =>
    call('POST', `/groups/${id}/messages`, { as, body: { content: 'hello' } })

  test('ends all writing until its time, and nothing else', async () => {
    const id = await staffed()
    const { id: own } = await rest.send(id, 'before', { as: 'mia' })
    const until = inAnHour()
    const muted = await change(id, 'adam', 'mia', { muted_until: until })
    assert.deepEqual([muted.status, muted.body.muted_until], [200, until])
    const refused = await send(id, 'mia')
    assert.deepEqual([refused.status, refused.body.code], [403, 'muted'])
    const edit = await call('PUT', `/messages/${own}`, { as: 'mia', body: { content: 'other' } })
    assert.equal(edit.body.code, 'muted')
    assert.equal((await call('PUT', `/messages/${own}/reactions/👍`, { as: 'mia' })).body.code, 'muted')
    assert.equal((await call('GET', `/groups/${id}/messages`, { as: 'mia' })).status, 200)
    assert.equal((await call('DELETE', `/messages/${own}`, { as: 'mia' })).status, 204)
    assert.equal((await change(id, 'adam', 'mia', { muted_until: null })).body.muted_until, null)
    assert.equal((await send(id, 'mia')).status, 201)
  })

  test('takes times with any offset, and one in the past ends it', async () => {
    const id = await staffed()
    const { body } = await change(id, 'olga', 'mia', { muted_until: '2031-01-01T00:00:00+02:00' })
    assert.equal(body.muted_until, '2030-12-31T22:00:00.000Z')
    assert.equal((await send(id, 'mia')).status, 403)
    await change(id, 'olga', 'mia', { muted_until: '2001-01-01T00:00:00Z' })
    assert.equal((await send(id, 'mia')).status, 201)
  })

  test('goes on when one leaves and comes back', async () => {
    const id = await staffed()
    await change(id, 'olga', 'mia', { muted_until: inAnHour() })
    assert.equal((await remove(id, 'mia', 'mia')).status, 204)
    await add(id, 'olga', 'mia')
    assert.equal((await send(id, 'mia')).status, 403)
  })

  test('is for those of higher roles only', async () => {
    const id = await staffed()
    await change(id, 'olga', 'mike', { role: 'admin' })
    const statuses = async (as: string, target: string) =>
      (await change(id, as, target, { muted_until: inAnHour() })).status
    assert.deepEqual(
      [await statuses('mia', 'adam'), await statuses('adam', 'mike'), await statuses('adam', 'olga')],
      [403, 403, 403],
    )
    assert.deepEqual([await statuses('adam', 'mia'), await statuses('olga', 'adam')], [200, 200])
  })
})

describe('the end of a membership', () => {
  test('one leaves, and is removed by those of higher roles', async () => {
    const id = await staffed()
    assert.equal((await remove(id, 'mia', 'mike')).status, 403)
    assert.equal((await remove(id, 'adam', 'olga')).status, 403)
    assert.equal((await remove(id, 'adam', 'mike')).status, 204)
    assert.equal((await remove(id, 'mia', 'mia')).status, 204)
    assert.equal((await call('GET', `/groups/${id}`, { as: 'mia' })).status, 403)
    assert.equal((await remove(id, 'olga', 'mia')).status, 404)
    assert.deepEqual(names(await list(id, 'olga')), ['olga', 'adam'])
  })

  test('the group goes with an owner who is alone, and that is told', async () => {
    const { id } = await group('olga')
    const socket = await service.socket('olga', `/ws/${id}`)
    await socket.next('connected')
    assert.equal((await remove(id, 'olga', 'olga')).status, 204)
    assert.equal((await socket.next('group_deleted')).group_id, id)
    assert.equal((await socket.closed).code, 4501)
    assert.equal((await call('GET', `/groups/${id}`, { as: 'olga' })).status, 404)
  })
})

test('any id that a token may have is one in a path, and none that a URL takes away', async () => {
  const odd = ['a/b ü?#%', 'x%2Fy', '...', 'ünïcødé', '+ &=', "o'hara;:@"]
  const { id } = await group('olga')
  assert.equal((await add(id, 'olga', ...odd)).status, 201)
  for (const userId of odd) {
    assert.equal((await change(id, 'olga', userId, { role: 'admin' })).body.user_id, userId)
    assert.equal((await remove(id, 'olga', userId)).status, 204)
  }
  for (const path of ['%2e', '%2e%2e', '.', '..']) {
    // A URL's own parser takes dots away, so the request is written by hand.
    const status = await rawStatus(`/api/chat/groups/${id}/members/${path}`, await tokenOf('olga'))
    assert.ok([404, 405, 422].includes(status), `${path}: ${status}`)
  }
  assert.equal((await call('GET', `/groups/${id}`, { as: 'olga' })).status, 200)
})

async function rawStatus(path: string, token: string): Promise<number> {
  const { hostname, port } = new URL(service.url)
  const headers = { authorization: `Bearer ${token}` }
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, method: 'DELETE', headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}

describe('what is told', () => {
  test('each event has who it is about, and is replayed as it was told', async () => {
    const { id } = await group('olga', 'mia')
    const { body: start } = await call('GET', `/groups/${id}/events`, { as: 'olga' })
    const socket = await service.socket('olga', `/ws/${id}`)
    await socket.next('connected')
    const { body: added } = await add(id, 'olga', 'nina')
    await change(id, 'olga', 'nina', { role: 'admin' })
    await remove(id, 'nina', 'mia')
    await remove(id, 'nina', 'nina')
    const told = [await socket.next('member_added'), await socket.next('member_updated')]
    for (const _ of [1, 2]) told.push(await socket.next('member_removed'))
    const { online: _, ...member } = added.members[0] ?? assert.fail()
    const withoutCursor = (events: readonly Record<string, unknown>[]) =>
      events.map(({ cursor: _, ...event }) => event)
    assert.deepEqual(withoutCursor(told), [
      { type: 'member_added', group_id: id, user_id: 'nina', member },
      { type: 'member_updated', group_id: id, member: { ...member, role: 'admin' } },
      { type: 'member_removed', group_id: id, ...namedUser('mia'), by: 'nina' },
      { type: 'member_removed', group_id: id, ...namedUser('nina'), by: 'nina' },
    ])
    const { body } = await call<{ events: Record<string, unknown>[] }>(
      'GET',
      `/groups/${id}/events?after=${start.cursor}`,
      { as: 'olga' },
    )
    assert.deepEqual(withoutCursor(body.events), withoutCursor(told))
    await socket.close()
  })

  test('who is made a member is told so on the socket for all groups, before the group is heard', async () => {
    const { id } = await group('olga')
    const socket = await service.socket('nina', '/ws')
    const elsewhere = await service.socket('nina', '/ws?subscribe=none')
    await Promise.all([socket.next('connected'), elsewhere.next('connected')])
    await add(id, 'olga', 'nina')
    const { group: told, ...rest } = await socket.next('group_added')
    const { body } = await call('GET', `/groups/${id}`, { as: 'nina' })
    assert.partialDeepStrictEqual(body, told as object)
    assert.deepEqual(rest, { type: 'group_added', group_id: id })
    await socket.next('subscribed')
    await elsewhere.next('group_added')
    assert.deepEqual(
      socket.frames.map(({ type }) => type),
      ['connected', 'group_added', 'subscribed'],
    )
    const { id: made } = await group('olga', 'nina')
    assert.equal((await socket.next('group_added')).group_id, made)
    assert.equal((await socket.next('subscribed')).group_id, made)
    await Promise.all([socket.close(), elsewhere.close()])
  })

  test('a socket that begins in a group is not told that its user came into it before', async () => {
    const { id } = await group('olga')
    await add(id, 'olga', 'nina')
    const socket = await service.socket('nina', '/ws')
    await socket.next('connected')
    await call('PUT', `/groups/${id}`, { as: 'olga', body: { name: 'Other' } })
    await socket.next((frame) => frame.type === 'group_updated' && frame.group_id === id)
    assert.ok(!socket.frames.some(({ type }) => type === 'group_added'))
    await socket.close()
  })
})
