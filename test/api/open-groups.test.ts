import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { GroupView } from '../../src/domain/group.ts'
import type { AnyBody } from '../support/api.ts'
import { startRest } from '../support/rest.ts'

const { call, group, send, service, close } = await startRest({ MAX_GROUP_MEMBERS: '3' })
after(close)

const setVisibility = (id: string, visibility: 'open' | 'private') =>
  call('PUT', `/groups/${id}`, { as: 'olga', body: { visibility } })

async function openGroup(...others: string[]): Promise<string> {
  const { id } = await group('olga', ...others)
  assert.equal((await setVisibility(id, 'open')).status, 200)
  return id
}

const join = (id: string, as: string) => call<GroupView & AnyBody>('POST', `/groups/${id}/join`, { as })

const leave = async (id: string, as: string) =>
  (await call('DELETE', `/groups/${id}/members/${as}`, { as })).status

test('guests read, write and see the members, and are none', async () => {
  const id = await openGroup()
  const as = 'guest'
  assert.equal((await call('GET', `/groups/${id}`, { as })).status, 200)
  const message = await send(id, 'hello', { as })
  assert.equal((await call('PUT', `/messages/${message.id}`, { as, body: { content: 'hi' } })).status, 200)
  assert.equal((await call('PUT', `/messages/${message.id}/reactions/👍`, { as })).status, 200)
  assert.equal((await call('GET', `/groups/${id}/messages`, { as })).status, 200)
  assert.equal((await call('DELETE', `/messages/${message.id}`, { as })).status, 204)
  const { body } = await call<{ members: { user_id: string }[] }>('GET', `/groups/${id}/members`, { as })
  assert.deepEqual(
    body.members.map(({ user_id }) => user_id),
    ['olga'],
  )
  assert.equal((await call('GET', '/groups', { as })).body.total, 0)
  assert.equal((await call('GET', `/groups/${id}/bans`, { as })).status, 403)
  assert.equal((await call('PUT', `/groups/${id}`, { as, body: { name: 'Mine' } })).status, 403)
})

test('one joins an open group, once, and no private one', async () => {
  const id = await openGroup()
  const joined = await join(id, 'mia')
  assert.deepEqual([joined.status, joined.body.authorized_user_ids], [200, ['olga', 'mia']])
  const again = await join(id, 'mia')
  assert.deepEqual([again.status, again.body], [200, joined.body])
  await setVisibility(id, 'private')
  const refused = await join(id, 'nina')
  assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden'])
  assert.equal((await join(id, 'mia')).status, 200)
  assert.equal((await join('0123456789abcdef01234567', 'mia')).status, 404)
})

test('a group is full for every way in', async () => {
  const id = await openGroup('mia', 'mike')
  const full = [409, 'group_full']
  const code = ({ status, body }: { status: number; body: AnyBody }) => [status, body.code]
  assert.deepEqual(code(await join(id, 'nina')), full)
  const body = { user_id: 'nina' }
  assert.deepEqual(code(await call('POST', `/groups/${id}/members`, { as: 'olga', body })), full)
  const four = { authorized_user_ids: ['olga', 'mia', 'mike', 'nina'] }
  assert.deepEqual(code(await call('PUT', `/groups/${id}`, { as: 'olga', body: four })), full)
  const made = await call('POST', '/groups', { as: 'olga', body: { name: 'Four', ...four } })
  assert.deepEqual(code(made), full)
  assert.equal((await join(id, 'mia')).status, 200)
  assert.equal(await leave(id, 'mia'), 204)
  assert.equal((await join(id, 'nina')).status, 200)
})

test('guests listen on either socket, and hear that they were made members', async () => {
  const id = await openGroup()
  const single = await service.socket('guest', `/ws/${id}`)
  const all = await service.socket('guest', '/ws')
  await Promise.all([single.next('connected'), all.next('connected')])
  assert.equal((await all.ask({ type: 'subscribe', group_id: id })).type, 'ack')
  await send(id, 'for all', { as: 'olga' })
  await Promise.all([single.next('new_message'), all.next('new_message')])
  const { type } = await all.ask({ type: 'message', group_id: id, content: 'from a guest' })
  assert.equal(type, 'ack')
  assert.equal((await join(id, 'guest')).status, 200)
  const added = await all.next('group_added')
  assert.deepEqual([added.group_id, (added.group as GroupView).member_count], [id, 2])
  await single.next('member_added')
  await Promise.all([single.close(), all.close()])
})

test('who leaves an open group hears it on; who leaves a private one is out', async () => {
  const id = await openGroup('mia')
  const single = await service.socket('mia', `/ws/${id}`)
  const all = await service.socket('mia', '/ws')
  await Promise.all([single.next('connected'), all.next('connected')])
  assert.equal(await leave(id, 'mia'), 204)
  await send(id, 'still here?', { as: 'olga' })
  await Promise.all([single.next('new_message'), all.next('new_message')])
  await join(id, 'mia')
  await setVisibility(id, 'private')
  await send(id, 'and now?', { as: 'olga' })
  await Promise.all([single.next('new_message'), all.next('new_message')])
  assert.equal(await leave(id, 'mia'), 204)
  assert.equal((await single.closed).code, 4500)
  assert.equal((await all.next('unsubscribed')).code, 4500)
  await all.close()
})

test('a group that becomes private has no guests any more, at once', async () => {
  const id = await openGroup('mia')
  const [member, single, all] = await Promise.all([
    service.socket('mia', `/ws/${id}`),
    service.socket('guest', `/ws/${id}`),
    service.socket('guest', '/ws'),
  ])
  await Promise.all([member, single, all].map((socket) => socket.next('connected')))
  await all.ask({ type: 'subscribe', group_id: id })
  await setVisibility(id, 'private')
  await send(id, 'among us', { as: 'olga' })
  await member.next('new_message')
  assert.equal((await single.closed).code, 4500)
  assert.equal((await all.next('unsubscribed')).code, 4500)
  assert.equal((await all.ask({ type: 'message', group_id: id, content: 'hi' })).code, 'forbidden')
  for (const socket of [single, all]) assert.ok(!socket.frames.some(({ type }) => type === 'new_message'))
  const updated = (await member.next('group_updated')).group as GroupView
  assert.deepEqual([updated.visibility, updated.authorized_user_ids], ['private', ['olga', 'mia']])
  await Promise.all([member.close(), all.close()])
})
