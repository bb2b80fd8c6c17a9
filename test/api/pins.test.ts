import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import { startRest } from '../support/rest.ts'
import { numbers } from '../support/samples.ts'

const { call, group, send, close, service } = await startRest({
  RATE_LIMIT_EDITS: '0',
  RATE_LIMIT_MESSAGES: '0',
})
after(close)

/** A group whose owner is `alice`, with the admin `bob`. */
async function team() {
  const made = await group('alice', 'bob', 'carol')
  await call('PATCH', `/groups/${made.id}/members/bob`, { as: 'alice', body: { role: 'admin' } })
  return made
}

type Answered = MessageView & { my_reactions: string[] }

const pin = (as: string, { id }: { id: string }) => call<Answered>('PUT', `/messages/${id}/pin`, { as })
const unpin = (as: string, { id }: { id: string }) => call('DELETE', `/messages/${id}/pin`, { as })
const pins = async (as: string, id: string) =>
  (await call<{ messages: Answered[] }>('GET', `/groups/${id}/pins`, { as })).body.messages
const events = async (id: string, after = '') =>
  (
    await call<{ events: Record<string, unknown>[]; cursor: string }>(
      'GET',
      `/groups/${id}/events${after && `?after=${after}`}`,
      { as: 'alice' },
    )
  ).body

test('who pins is answered the message, and all find it among the pins, the latest first', async () => {
  const { id } = await team()
  const [one, two] = [await send(id, 'one', { as: 'alice' }), await send(id, 'two', { as: 'bob' })]
  assert.equal(one.pinned_at, null)
  assert.deepEqual(await pins('bob', id), [])
  const first = await pin('alice', one)
  assert.deepEqual(
    [first.status, first.body],
    [200, { ...one, pinned_at: first.body.pinned_at, my_reactions: [] }],
  )
  assert.match(first.body.pinned_at ?? '', /^2\d{3}-.*Z$/)
  assert.deepEqual((await pin('bob', one)).body, first.body, 'again is the same')
  await pin('alice', two)
  await call('PUT', `/messages/${one.id}/reactions/%F0%9F%91%8D`, { as: 'bob' })
  const [latest, earlier] = await pins('bob', id)
  assert.deepEqual([latest?.id, earlier?.id, earlier?.my_reactions], [two.id, one.id, ['👍']])
  const { body } = await call<{ messages: Answered[] }>('GET', `/groups/${id}/messages`, { as: 'bob' })
  assert.deepEqual(body.messages, [latest, earlier], 'a page shows the pins')
  for (const _ of [1, 2]) assert.equal((await unpin('bob', one)).status, 204)
  assert.deepEqual(await pins('alice', id), [latest])
  const page = await call<{ messages: Answered[] }>('GET', `/groups/${id}/messages`, { as: 'bob' })
  assert.equal(page.body.messages[1]?.pinned_at, null, 'a page is as it is now')
})

test('a message that is deleted is not pinned, and can not be', async () => {
  const { id } = await group('alice')
  const message = await send(id, 'hello', { as: 'alice' })
  await pin('alice', message)
  await call('DELETE', `/messages/${message.id}`, { as: 'alice' })
  assert.deepEqual(await pins('alice', id), [])
  assert.equal((await pin('alice', message)).status, 404)
  assert.equal((await unpin('alice', message)).status, 404)
  assert.equal((await pin('alice', { id: 'f'.repeat(24) })).status, 404)
})

test('at most 50 in a group', async () => {
  const { id } = await group('alice')
  const all = await Promise.all(numbers(1, 51).map(() => send(id, 'hello', { as: 'alice' })))
  for (const message of all.slice(0, 50)) assert.equal((await pin('alice', message)).status, 200)
  const refused = await pin('alice', all[50] ?? assert.fail())
  assert.deepEqual([refused.status, refused.body], [409, { ...refused.body, code: 'limit_reached' }])
  assert.equal((await pins('alice', id)).length, 50)
})

test('sockets pin and unpin, and all hear of it once', async () => {
  const { id } = await team()
  const message = await send(id, 'hello', { as: 'alice' })
  const [alice, bob] = [await service.socket('alice', `/ws/${id}`), await service.socket('bob', '/ws')]
  for (const _ of [1, 2]) {
    const ack = await bob.ask({ type: 'pin', message_id: message.id })
    const { pinned_at } = ack.message as MessageView
    assert.deepEqual([ack.type, ack.message], ['ack', { ...message, pinned_at }])
    assert.ok(pinned_at)
  }
  const pinned = await alice.next('message_pinned')
  assert.deepEqual(pinned, {
    type: 'message_pinned',
    group_id: id,
    message_id: message.id,
    by: 'bob',
    cursor: pinned.cursor,
  })
  for (const _ of [1, 2])
    assert.deepEqual((await bob.ask({ type: 'unpin', message_id: message.id })).message, message)
  const unpinned = await alice.next('message_unpinned')
  assert.deepEqual(unpinned, {
    type: 'message_unpinned',
    group_id: id,
    message_id: message.id,
    cursor: unpinned.cursor,
  })
  await send(id, 'after', { as: 'bob' })
  await alice.next('new_message')
  assert.equal(alice.frames.filter(({ type }) => /pinned$/.test(type)).length, 2)
  const refused = await bob.ask({ type: 'pin', message_id: 'f'.repeat(24) })
  assert.deepEqual([refused.type, refused.code], ['error', 'not_found'])
  await Promise.all([alice.close(), bob.close()])
})

test('who comes back is told each pin as it is now, once, over REST and sockets alike', async () => {
  const { id } = await team()
  const [old, other, gone] = [
    await send(id, 'old', { as: 'alice' }),
    await send(id, 'other', { as: 'alice' }),
    await send(id, 'gone', { as: 'alice' }),
  ]
  const { cursor } = await events(id)
  for (const _ of [1, 2, 3]) {
    await pin('bob', old)
    await unpin('alice', old)
    await pin('alice', other)
    await unpin('alice', other)
  }
  await pin('bob', old)
  await pin('bob', gone)
  await call('DELETE', `/messages/${gone.id}`, { as: 'alice' })
  const latest = await send(id, 'new', { as: 'bob' })
  await pin('alice', latest)
  const { events: told } = await events(id, cursor)
  assert.deepEqual(
    told.map(({ type, message_id, by }) => [type, message_id, by]),
    [
      ['message_unpinned', other.id, undefined],
      ['message_pinned', old.id, 'bob'],
      ['message_deleted', gone.id, 'alice'],
      ['new_message', undefined, undefined],
    ],
  )
  const { message } = told[3] ?? {}
  assert.ok((message as MessageView).pinned_at)
  const socket = await service.socket('alice', `/ws/${id}`, { after: cursor })
  await socket.next('new_message')
  assert.deepEqual(
    socket.frames.filter(({ cursor, type }) => cursor && type !== 'connected'),
    told,
  )
  await socket.close()
})
