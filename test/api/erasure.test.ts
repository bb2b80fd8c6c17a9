import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import { startRest } from '../support/rest.ts'

const { call, group, send, close, service } = await startRest()
after(close)

const root = 'root (admin)'
const erase = (userId: string, as = root) => call('DELETE', `/users/${encodeURIComponent(userId)}`, { as })

interface Page {
  messages: MessageView[]
  total: number
}

test('of an erased user nothing is left but deleted messages of nobody, and they come in no more', async () => {
  const userId = 'zoë / 1'
  const own = await group(userId, 'bob', 'carol')
  const other = await group('bob', userId)
  const alone = await group(userId)
  await call('PUT', '/users/me', { as: userId, body: { display_name: 'My real name' } })
  await call('PUT', '/users/me/blocks/carol', { as: userId })
  const first = await send(own.id, 'my secret', { as: userId })
  await send(own.id, 'an answer', { as: 'bob' })
  const theirs = await send(other.id, 'hi', { as: 'bob' })
  await call('PUT', `/messages/${theirs.id}/reactions/${encodeURIComponent('👍')}`, { as: userId })
  await call('PUT', `/groups/${other.id}/read`, { as: userId, body: { seq: 1 } })
  await call('PATCH', `/groups/${other.id}/me`, { as: userId, body: { hidden: true } })
  const { cursor } = (await call('GET', `/groups/${own.id}/messages`, { as: 'bob' })).body
  const [listener, erased] = [
    await service.socket('bob', `/ws/${own.id}`),
    await service.socket(userId, '/ws'),
  ]
  for (const socket of [listener, erased]) await socket.next('connected')

  const answer = await erase(userId)
  assert.equal(answer.status, 200, answer.text)
  assert.deepEqual(answer.body, { messages: 1, reactions: 1, files: 0, reads: 2, memberships: 3 })
  const told = await listener.next('messages_erased')
  assert.deepEqual([told.group_id, told.message_ids], [own.id, [first.id]])
  assert.equal((await erased.closed).code, 4503)

  for (const [method, path] of [
    ['GET', '/groups'],
    ['POST', `/groups/${own.id}/messages`],
  ] as const) {
    const body = method === 'POST' ? { body: { content: 'again' } } : {}
    const refused = await call(method, path, { as: userId, ...body })
    assert.deepEqual([refused.status, refused.body.code], [401, 'unauthenticated'])
  }
  await assert.rejects(service.socket(userId, '/ws'))

  const all = await call<Page>('GET', `/groups/${own.id}/messages?include_deleted=true`, { as: root })
  const gone = all.body.messages.find(({ id }) => id === first.id)
  assert.deepEqual([gone?.content, gone?.is_deleted], ['', true])
  assert.match(gone?.sender_id ?? '', /^erased-[0-9a-f]{24}$/)
  assert.equal((await call('POST', `/messages/${first.id}/restore`, { as: root })).status, 409)
  assert.equal((await call('GET', `/groups/${alone.id}`, { as: root })).status, 404)
  const after = (await call('GET', `/groups/${own.id}`, { as: 'bob' })).body
  assert.deepEqual(
    [after.owner_id, after.authorized_user_ids, after.member_count],
    ['bob', ['bob', 'carol'], 2],
  )
  assert.deepEqual((await call('GET', `/messages/${theirs.id}`, { as: 'bob' })).body.reactions, [])
  const events = await call('GET', `/groups/${own.id}/events?after=${cursor}`, { as: 'bob' })
  const types = (events.body.events as { type: string }[]).map(({ type }) => type)
  assert.deepEqual(types, ['member_updated', 'member_removed', 'messages_erased', 'group_updated'])
  assert.ok(!events.text.includes('zoë'), events.text)

  const profile = await call('GET', `/users/${encodeURIComponent(userId)}`, { as: 'bob' })
  assert.ok(!profile.text.includes('real name'), profile.text)
  assert.deepEqual((await erase(userId)).body, answer.body, 'what was erased is told again')
  const { body: audit } = await call('GET', `/audit?user_id=${encodeURIComponent(userId)}`, { as: root })
  assert.deepEqual(
    (audit.entries as { action: string; by: string }[]).map(({ action, by }) => [action, by]),
    [
      ['user_erased', root],
      ['user_erased', root],
    ],
  )

  const admit = () => call('POST', `/users/${encodeURIComponent(userId)}/admit`, { as: root })
  assert.deepEqual([(await admit()).status, (await admit()).status], [204, 204])
  const back = await call('GET', '/groups', { as: userId })
  assert.deepEqual([back.status, back.body.total], [200, 0])
  const blocks = await call('GET', '/users/me/blocks', { as: userId })
  assert.ok(!blocks.text.includes('carol'), blocks.text)
  const me = await call('GET', '/users/me', { as: userId })
  assert.ok(!me.text.includes('real name'), me.text)
  await listener.close()
})

test('a large crowd of messages goes in steps, and of who never came nothing has to', async () => {
  const { id } = await group('bob', 'many')
  for (let n = 0; n < 230; n++) await send(id, `${n}`, { as: 'many' })
  assert.equal((await erase('many')).body.messages, 230)
  const { body } = await call<Page>('GET', `/groups/${id}/messages`, { as: 'bob' })
  assert.deepEqual([body.messages, body.total], [[], 0])
  const none = { messages: 0, reactions: 0, files: 0, reads: 0, memberships: 0 }
  assert.deepEqual((await erase('nobody ever')).body, none)
  assert.equal((await erase('bob', 'bob')).status, 403)
  assert.equal((await call('POST', '/users/many/admit', { as: 'bob' })).status, 403)
})
