import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import { startRest } from '../support/rest.ts'

const { call, group, send, close, service } = await startRest()
after(close)

const nowhere = '0123456789abcdef01234567'

test('a message is sent, read, changed and deleted', async () => {
  const { id } = await group('alice', 'bob')
  const sent = await call<MessageView>('POST', `/groups/${id}/messages`, {
    as: 'bob',
    body: { content: 'hullo' },
  })
  assert.equal(sent.status, 201)
  assert.equal(sent.headers.get('location'), `/api/chat/messages/${sent.body.id}`)
  assert.deepEqual(sent.body, {
    id: sent.body.id,
    group_id: id,
    sender_id: 'bob',
    sender: { id: 'bob', username: 'bob', display_name: 'bob', avatar_url: null },
    content: 'hullo',
    created_at: sent.body.created_at,
    updated_at: sent.body.created_at,
    edited_at: null,
    is_deleted: false,
    seq: 1,
    ver: 1,
    reply_to: null,
    thread_id: null,
    reply_count: 0,
    mentions: [],
    mention_all: false,
    reactions: [],
    pinned_at: null,
    attachments: [],
    metadata: {},
    my_reactions: [],
  })
  const path = `/messages/${sent.body.id}`
  assert.deepEqual((await call<MessageView>('GET', path, { as: 'alice' })).body, sent.body)

  const edited = await call<MessageView>('PUT', path, { as: 'bob', body: { content: 'hello' } })
  assert.equal(edited.status, 200)
  assert.deepEqual([edited.body.content, edited.body.seq, edited.body.ver], ['hello', 1, 2])
  assert.equal(edited.body.edited_at, edited.body.updated_at)
  assert.deepEqual((await call<MessageView>('GET', path, { as: 'alice' })).body, edited.body)

  assert.equal((await call('DELETE', path, { as: 'bob' })).status, 204)
  assert.equal((await call('GET', path, { as: 'alice' })).status, 404)
  assert.equal((await call('PUT', path, { as: 'bob', body: { content: 'again' } })).status, 404)
  assert.equal((await call('DELETE', path, { as: 'bob' })).status, 204, 'deleting again does no harm')
})

test('a repeat under the same key is the first message; another content is a conflict', async () => {
  const { id } = await group('alice', 'bob')
  const post = (as: string, content: string, key: { header?: string; body?: string }) =>
    call<MessageView>('POST', `/groups/${id}/messages`, {
      as,
      body: { content, ...(key.body && { client_id: key.body }) },
      headers: key.header ? { 'idempotency-key': key.header } : {},
    })
  const first = await post('alice', 'once', { body: 'k1' })
  assert.deepEqual([first.status, first.body.client_id], [201, 'k1'])
  for (const key of [{ body: 'k1' }, { header: 'k1' }, { header: '"k1"' }, { header: 'k1', body: 'k1' }]) {
    const again = await post('alice', 'once', key)
    assert.deepEqual([again.status, again.body], [200, first.body], JSON.stringify(key))
    assert.equal(again.headers.get('location'), null)
  }
  assert.equal((await post('alice', 'twice', { body: 'k1' })).status, 409)
  assert.equal((await post('alice', 'once', { header: 'k1', body: 'k2' })).status, 422)
  assert.equal((await post('alice', 'once', { header: 'k'.repeat(65) })).status, 422)
  assert.equal((await post('bob', 'once', { body: 'k1' })).status, 201, "a key is its sender's own")
  const together = await Promise.all(Array.from({ length: 8 }, () => post('alice', 'many', { body: 'k3' })))
  assert.equal(new Set(together.map(({ body }) => body.id)).size, 1)
  assert.equal(together.filter(({ status }) => status === 201).length, 1)
})

test('a repeat tells of the message as it is now', async () => {
  const { id } = await group('alice')
  const body = { content: 'first', client_id: 'key' }
  const post = () => call<MessageView>('POST', `/groups/${id}/messages`, { as: 'alice', body })
  const sent = await post()
  await call('PUT', `/messages/${sent.body.id}`, { as: 'alice', body: { content: 'second' } })
  const edited = await post()
  assert.deepEqual([edited.status, edited.body.content], [200, 'second'])
  await call('DELETE', `/messages/${sent.body.id}`, { as: 'alice' })
  const deleted = await post()
  assert.deepEqual([deleted.status, deleted.body.content, deleted.body.is_deleted], [200, '', true])
})

test('contents at their limits are taken, beyond them refused', async () => {
  const { id } = await group('alice')
  const post = async (body: unknown) =>
    (await call('POST', `/groups/${id}/messages`, { as: 'alice', body })).status
  assert.equal(await post({ content: 'x'.repeat(10_000) }), 201)
  assert.equal(await post({ content: '😀'.repeat(10_000) }), 201, 'code points are counted')
  assert.equal(await post({ content: 'a\n\tb' }), 201)
  assert.equal(await post({ content: 'x', client_id: 'k'.repeat(64) }), 201)
  for (const body of [
    {},
    { content: '' },
    { content: ' \n ' },
    { content: 'x'.repeat(10_001) },
    { content: '😀'.repeat(10_001) },
    { content: '\udc00' },
    { content: null },
    { content: 7 },
    { content: { $gt: '' } },
    { content: ['x'] },
    { content: 'x', client_id: '' },
    { content: 'x', client_id: 'k'.repeat(65) },
    { content: 'x', client_id: 7 },
    { content: 'x', client_id: null },
  ]) {
    assert.equal(await post(body), 422, JSON.stringify(body).slice(0, 60))
  }
})

test('fields that the service gives cannot be sent', async () => {
  const { id } = await group('alice')
  const { status, body } = await call<MessageView>('POST', `/groups/${id}/messages`, {
    as: 'alice',
    raw: `{"content":"x","seq":99,"ver":9,"sender_id":"eve","id":"${nowhere}","is_deleted":true,"__proto__":{"seq":5}}`,
  })
  assert.equal(status, 201)
  assert.deepEqual([body.seq, body.ver, body.sender_id, body.is_deleted], [1, 1, 'alice', false])
})

test('a message that is not there is 404, what is no id 422', async () => {
  for (const [method, body] of [['GET'], ['PUT', { content: 'x' }], ['DELETE']] as const) {
    assert.equal((await call(method, `/messages/${nowhere}`, { as: 'alice', body })).status, 404)
    assert.equal((await call(method, '/messages/7', { as: 'alice', body })).status, 422)
  }
  const into = await call('POST', `/groups/${nowhere}/messages`, { as: 'alice', body: { content: 'x' } })
  assert.equal(into.status, 404)
})

test('the same edit again changes nothing', async () => {
  const { id } = await group('alice')
  const message = await send(id, 'as it is', { as: 'alice' })
  const edited = await call<MessageView>('PUT', `/messages/${message.id}`, {
    as: 'alice',
    body: { content: 'as it is' },
  })
  assert.deepEqual([edited.status, edited.body], [200, { ...message, my_reactions: [] }])
})

test('who owns the group deletes what others sent, and all hear and read by whom', async () => {
  const { id } = await group('alice', 'bob', 'carol')
  const [one, two] = [await send(id, 'one', { as: 'bob' }), await send(id, 'two', { as: 'bob' })]
  const { cursor } = (await call<{ cursor: string }>('GET', `/groups/${id}/events`, { as: 'bob' })).body
  const socket = await service.socket('bob', `/ws/${id}`)
  const alice = await service.socket('alice', '/ws')
  assert.equal((await call('DELETE', `/messages/${one.id}`, { as: 'carol' })).status, 403)
  assert.equal((await call('DELETE', `/messages/${one.id}`, { as: 'alice' })).status, 204)
  const told = await socket.next('message_deleted')
  const event = { type: 'message_deleted', group_id: id, message_id: one.id, seq: 1, by: 'alice' }
  assert.deepEqual(told, { ...event, cursor: told.cursor })
  assert.equal((await alice.ask({ type: 'delete', message_id: two.id })).type, 'ack')
  assert.equal((await socket.next('message_deleted')).by, 'alice')
  const since = async (after: string) =>
    (
      await call<{ events: object[]; cursor: string }>('GET', `/groups/${id}/events?after=${after}`, {
        as: 'carol',
      })
    ).body
  const { events } = await since(cursor)
  assert.deepEqual(
    events.map(({ cursor: _, ...rest }: { cursor?: string }) => rest),
    [event, { ...event, message_id: two.id, seq: 2 }],
    'a change that is replayed',
  )
  const three = await send(id, 'three', { as: 'carol' })
  await call('DELETE', `/messages/${three.id}`, { as: 'carol' })
  const own = (await since(`${cursor.split('.')[0]}.2.2`)).events[0]
  assert.deepEqual(
    { ...own, cursor: null },
    { ...event, message_id: three.id, seq: 3, by: 'carol', cursor: null },
    'a message that is gone already',
  )
  await Promise.all([socket.close(), alice.close()])
})

test('files are refused, as long as messages have none', async () => {
  const { id } = await group('alice')
  const post = (attachments: unknown) =>
    call<MessageView>('POST', `/groups/${id}/messages`, {
      as: 'alice',
      body: { content: 'look', attachments },
    })
  assert.deepEqual((await post([])).body.attachments, [])
  for (const attachments of [[nowhere], [1], {}, 'a file', null])
    assert.equal((await post(attachments)).status, 422, JSON.stringify(attachments))
})
