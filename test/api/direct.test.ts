import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import type { GroupView } from '../../src/domain/group.ts'
import { startRest } from '../support/rest.ts'
import type { Frame } from '../support/socket.ts'

const { call, send, service, close } = await startRest()
after(close)

const open = (as: string, userId: unknown) =>
  call<GroupView>('POST', '/direct', { as, body: { user_id: userId } })
const leave = (as: string, { id }: GroupView) => call('DELETE', `/groups/${id}/members/${as}`, { as })

/** Two users whom no other test knows. */
function pair(): { ann: string; bob: string } {
  const id = randomUUID()
  return { ann: `ann-${id}`, bob: `bob-${id}` }
}

async function chat() {
  const { ann, bob } = pair()
  return { ann, bob, group: (await open(ann, bob)).body }
}

async function listed(as: string, query = ''): Promise<string[]> {
  const { body } = await call<{ groups: GroupView[] }>('GET', `/groups${query}`, { as })
  return body.groups.map(({ id }) => id)
}

const groupIds = (connected: Frame) => (connected.groups as { group_id: string }[]).map((one) => one.group_id)

test('two users have one chat, whoever asks', async () => {
  const { ann, bob } = pair()
  const first = await open(ann, bob)
  assert.equal(first.status, 201)
  const { body } = first
  assert.equal(first.headers.get('location'), `/api/chat/groups/${body.id}`)
  assert.deepEqual(
    [body.kind, body.name, body.user_ids, body.member_count, body.visibility, body.owner_id],
    ['direct', null, [ann, bob], 2, 'private', null],
  )
  for (const [as, other] of [
    [ann, bob],
    [bob, ann],
  ] as const) {
    const again = await open(as, other)
    assert.deepEqual([again.status, again.body.id], [200, body.id])
  }
  for (const as of [ann, bob]) assert.deepEqual(await listed(as), [body.id])
  assert.equal((await call('GET', `/groups/${body.id}`, { as: 'eve' })).status, 403)
})

test('when many ask at once there is one', async () => {
  const { ann, bob } = pair()
  const asked = await Promise.all(
    Array.from({ length: 8 }, (_, i) => (i % 2 ? open(ann, bob) : open(bob, ann))),
  )
  assert.equal(new Set(asked.map(({ body }) => body.id)).size, 1)
  assert.equal(asked.filter(({ status }) => status === 201).length, 1)
  assert.deepEqual(await listed(ann), [asked[0]?.body.id])
})

test('nobody has a chat with themselves, nor with what is no user', async () => {
  const { ann } = pair()
  for (const other of [ann, '', ' ', '.', '..', 7, null, ['bob'], { $gt: '' }, 'u'.repeat(129), undefined])
    assert.equal((await open(ann, other)).status, 422, JSON.stringify(other))
})

test('both hear of a new chat at once', async () => {
  const { ann, bob } = pair()
  const sockets = await Promise.all([ann, bob].map((as) => service.socket(as, '/ws')))
  await Promise.all(sockets.map((socket) => socket.next('connected')))
  const { body } = await open(ann, bob)
  for (const socket of sockets) {
    const told = await socket.next('group_added')
    assert.equal((told.group as GroupView).id, body.id)
  }
})

test('nobody is added, removed, promoted or banned, and nobody invites', async () => {
  const { ann, bob, group } = await chat()
  const path = `/groups/${group.id}`
  for (const as of [ann, 'root (admin)'])
    for (const [method, below, body] of [
      ['POST', '/members', { user_id: 'eve' }],
      ['DELETE', `/members/${bob}`],
      ['PATCH', `/members/${bob}`, { role: 'admin' }],
      ['PATCH', `/members/${bob}`, { muted_until: '2030-01-01T00:00:00Z' }],
      ['PUT', `/bans/${bob}`, {}],
      ['POST', '/invites', {}],
      ['PUT', '', { name: 'Ours' }],
      ['PUT', '', { visibility: 'open' }],
      ['PUT', '', { authorized_user_ids: [ann] }],
      ['POST', '/join'],
    ] as const) {
      if (below === '/join' && as === ann) continue
      const { status } = await call(method, path + below, { as, ...(body && { body }) })
      assert.equal(status, 403, `${as} ${method} ${below}`)
    }
  assert.equal((await call('DELETE', path, { as: ann })).status, 403)
  assert.equal((await call('DELETE', path, { as: 'root (admin)' })).status, 204)
})

test('leaving it is hiding it, until the next message', async () => {
  const { ann, bob, group } = await chat()
  await send(group.id, 'hello', { as: ann })
  const own = await service.socket(ann, `/ws/${group.id}`)
  const all = await service.socket(ann, '/ws')
  await Promise.all([own.next('connected'), all.next('connected')])
  assert.equal((await leave(ann, group)).status, 204)
  assert.equal((await own.closed).code, 4500)
  assert.deepEqual((({ group_id, code }) => [group_id, code])(await all.next('unsubscribed')), [
    group.id,
    4500,
  ])
  assert.deepEqual(await listed(ann), [])
  assert.deepEqual(await listed(bob), [group.id])
  const later = await service.socket(ann, '/ws')
  assert.deepEqual(groupIds(await later.next('connected')), [])

  const { id } = await send(group.id, 'are you there?', { as: bob })
  for (const socket of [all, later]) {
    assert.equal(((await socket.next('group_added')).group as GroupView).id, group.id)
    assert.equal((await socket.next('subscribed')).name, null)
  }
  const missed = await all.next('new_message')
  assert.equal((missed.message as { id: string }).id, id, 'it goes on from where it stood')
  assert.deepEqual(await listed(ann), [group.id])
  const { body } = await call<{ messages: { id: string }[] }>('GET', `/groups/${group.id}/messages`, {
    as: ann,
  })
  assert.equal(body.messages[0]?.id, id)
  const third = await send(group.id, 'yes?', { as: bob })
  for (const socket of [all, later]) {
    const told = await socket.next('new_message')
    assert.equal((told.message as { id: string }).id, third.id)
  }
})

test('both are still in it: who has hidden it may be asked for, and asks, again', async () => {
  for (const way of ['ann', 'bob'] as const) {
    const { ann, bob, group } = await chat()
    const socket = await service.socket(ann, '/ws')
    await socket.next('connected')
    await leave(ann, group)
    await socket.next('unsubscribed')
    assert.equal((await call('GET', `/groups/${group.id}`, { as: ann })).status, 200)
    const opened = way === 'ann' ? await open(ann, bob) : await open(bob, ann)
    assert.deepEqual([opened.status, opened.body.id], [200, group.id])
    await socket.next('group_added')
    assert.deepEqual(await listed(ann), [group.id])
  }
})

test('after a deletion the two have another chat', async () => {
  const { ann, bob, group } = await chat()
  await send(group.id, 'old', { as: ann })
  await call('DELETE', `/groups/${group.id}`, { as: 'root (admin)' })
  const { status, body } = await open(bob, ann)
  assert.equal(status, 201)
  assert.notEqual(body.id, group.id)
  assert.equal((await call('GET', `/groups/${group.id}`, { as: ann })).status, 404)
  const history = await call<{ total: number }>('GET', `/groups/${body.id}/messages`, { as: ann })
  assert.equal(history.body.total, 0)
})
