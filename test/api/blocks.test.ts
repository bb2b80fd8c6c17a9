import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { GroupView } from '../../src/domain/group.ts'
import { limits } from '../../src/domain/limits.ts'
import type { Answer } from '../support/api.ts'
import { startRest } from '../support/rest.ts'

const { call, group, send, service, close } = await startRest()
after(close)

const is = (answer: Answer<unknown>, status: number, code?: string) => {
  assert.equal(answer.status, status, answer.text)
  if (code) assert.equal((answer.body as { code: string }).code, code)
}
const block = (as: string, userId: string) =>
  call('PUT', `/users/me/blocks/${encodeURIComponent(userId)}`, { as })
const unblock = (as: string, userId: string) =>
  call('DELETE', `/users/me/blocks/${encodeURIComponent(userId)}`, { as })
const direct = (as: string, user_id: string) => call<GroupView>('POST', '/direct', { as, body: { user_id } })
const userIds = (answer: Answer<GroupView>) => answer.body.authorized_user_ids

test('one sees whom one has blocked, and nobody else does', async () => {
  const put = await block('ann', 'mal/lory')
  is(put, 200)
  const { created_at } = put.body
  const named = { user_id: 'mal/lory', username: 'mal/lory', display_name: 'mal/lory' }
  assert.deepEqual(put.body, { ...named, created_at })
  assert.deepEqual((await block('ann', 'mal/lory')).body, put.body)
  const list = async (as: string) => (await call('GET', '/users/me/blocks', { as })).body
  assert.deepEqual(await list('ann'), { blocks: [put.body] })
  assert.deepEqual(await list('mal/lory'), { blocks: [] })
  is(await block('ann', 'ann'), 422)
  is(await unblock('ann', 'mal/lory'), 204)
  is(await unblock('ann', 'mal/lory'), 204)
  assert.deepEqual(await list('ann'), { blocks: [] })
})

describe('who is blocked', () => {
  test('can neither open nor write the direct chat', async () => {
    is(await block('a1', 'b1'), 200)
    is(await direct('b1', 'a1'), 403, 'blocked')
    const opened = await direct('a1', 'b1')
    is(opened, 201)
    const { id } = opened.body
    is(await direct('b1', 'a1'), 403, 'blocked')
    is(await call('POST', `/groups/${id}/messages`, { as: 'b1', body: { content: 'hi' } }), 403, 'blocked')
    const sent = await send(id, 'from ann', { as: 'a1' })
    is(await call('PUT', `/messages/${sent.id}/reactions/👍`, { as: 'b1' }), 403, 'blocked')
    const socket = await service.socket('b1', `/ws/${id}`)
    await socket.next('connected')
    const refused = await socket.ask({ type: 'message', content: 'hi' })
    assert.equal(refused.code, 'blocked')
    is(await unblock('a1', 'b1'), 204)
    await send(id, 'at last', { as: 'b1' })
    const { type } = await socket.ask({ type: 'message', content: 'me too' })
    assert.equal(type, 'ack')
    // At once, however much has just been written.
    is(await block('a1', 'b1'), 200)
    is(await call('POST', `/groups/${id}/messages`, { as: 'b1', body: { content: 'hi' } }), 403, 'blocked')
    is(await call('GET', `/groups/${id}/messages`, { as: 'b1' }), 200)
  })

  test('can not add one to groups: one is left out of lists', async () => {
    is(await block('a2', 'b2'), 200)
    const body = { name: 'Yours', authorized_user_ids: ['a2', 'c2'] }
    const made = await call<GroupView>('POST', '/groups', { as: 'b2', body })
    is(made, 201)
    assert.deepEqual(userIds(made), ['b2', 'c2'])
    const path = `/groups/${made.body.id}`
    const add = (user_ids: string[]) => call('POST', `${path}/members`, { as: 'b2', body: { user_ids } })
    const some = await add(['a2', 'd2'])
    is(some, 201)
    assert.deepEqual(
      (some.body.members as { user_id: string }[]).map(({ user_id }) => user_id),
      ['d2'],
    )
    const nobody = await add(['a2'])
    is(nobody, 200)
    assert.deepEqual(nobody.body, { members: [] })
    const put = (authorized_user_ids: string[]) =>
      call<GroupView>('PUT', path, { as: 'b2', body: { authorized_user_ids } })
    assert.deepEqual(userIds(await put(['b2', 'a2', 'e2'])), ['b2', 'e2'])
    // Who adds others without the right to is told so, whoever has blocked them.
    is(await call('POST', `${path}/members`, { as: 'e2', body: { user_id: 'a2' } }), 403, 'forbidden')
    // Who came in by themselves stays.
    is(await call('PUT', path, { as: 'b2', body: { visibility: 'open' } }), 200)
    is(await call('POST', `${path}/join`, { as: 'a2' }), 200)
    assert.deepEqual(userIds(await put(['b2', 'a2'])), ['b2', 'a2'])
  })

  test('calls nobody by mentions, which do not count either', async () => {
    const { id } = await group('b3', 'a3', 'c3')
    is(await block('a3', 'b3'), 200)
    const socket = await service.socket('a3', '/ws?subscribe=none')
    await socket.next('connected')
    const mention = (as: string, body: object) =>
      call('POST', `/groups/${id}/messages`, { as, body: { content: 'you', ...body } })
    is(await mention('b3', { mentions: ['a3'] }), 201)
    is(await mention('b3', { mention_all: true }), 201)
    is(await mention('c3', { mentions: ['a3'] }), 201)
    const heard = await socket.next('mention')
    assert.equal((heard.message as { sender_id: string }).sender_id, 'c3')
    const seen = (await call('GET', `/groups/${id}`, { as: 'a3' })).body
    assert.deepEqual([seen.mention_count, seen.unread_count], [1, 3])
    const history = await call<{ messages: { mentions: string[] }[] }>('GET', `/groups/${id}/messages`, {
      as: 'a3',
    })
    assert.deepEqual(history.body.messages.at(-1)?.mentions, ['a3'])
  })
})

test(`one blocks at most ${limits.blocks} users`, async () => {
  const ids = Array.from({ length: limits.blocks }, (_, n) => `user-${n}`)
  for (let i = 0; i < ids.length; i += 100)
    await Promise.all(ids.slice(i, i + 100).map((id) => block('a4', id)))
  is(await block('a4', 'one-more'), 409, 'limit_reached')
})
