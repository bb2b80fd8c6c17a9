import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import { startRest } from '../support/rest.ts'

const { call, group, send, close, service } = await startRest()
after(close)

const root = 'root (admin)'

interface Page {
  messages: MessageView[]
  total: number
  has_more: boolean
  cursor: string
}

const page = async (as: string, id: string, query = '') =>
  (await call<Page>('GET', `/groups/${id}/messages${query}`, { as })).body
const events = async (as: string, id: string, query = '') =>
  (
    await call<{ events: Record<string, unknown>[]; cursor: string }>('GET', `/groups/${id}/events${query}`, {
      as,
    })
  ).body
const remove = async (as: string, { id }: MessageView) =>
  assert.equal((await call('DELETE', `/messages/${id}`, { as })).status, 204)
const restore = (as: string, { id }: { id: string }) =>
  call<MessageView & { my_reactions: string[] }>('POST', `/messages/${id}/restore`, { as })

test('an operator reads what was deleted, by all kinds of page; nobody else ever does', async () => {
  const { id } = await group('alice', 'bob')
  const sent: MessageView[] = []
  for (const text of ['one', 'two', 'three']) sent.push(await send(id, text, { as: 'alice' }))
  const [, two] = sent
  assert.ok(two)
  const { cursor } = await events('bob', id)
  await page(root, id, '?include_deleted=true')
  await remove('alice', two)

  const texts = async (query: string) =>
    (await page(root, id, query)).messages.map(({ content, is_deleted }) => [content, is_deleted])
  const [one, gone, three] = [
    ['one', false],
    ['two', true],
    ['three', false],
  ]
  assert.deepEqual(await texts('?include_deleted=true'), [three, gone, one])
  assert.deepEqual(await texts('?include_deleted=true&order=asc'), [one, gone, three])
  assert.deepEqual(await texts('?include_deleted=true&page=2&page_size=1'), [gone])
  assert.deepEqual(await texts('?include_deleted=true&before=3'), [gone, one])
  assert.deepEqual(await texts('?include_deleted=true&after=1&limit=1'), [gone])
  const whole = await page(root, id, '?include_deleted=true&page_size=2')
  assert.deepEqual([whole.total, whole.has_more], [3, true])
  assert.deepEqual(await texts('?include_deleted=false'), [three, one])

  for (const as of ['alice', 'bob', 'eve']) {
    const refused = await call('GET', `/groups/${id}/messages?include_deleted=true`, { as })
    assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden'], as)
  }
  assert.equal((await call('GET', `/groups/${id}/messages?include_deleted=yes`, { as: root })).status, 422)
  const nowhere = await call('GET', `/groups/${'f'.repeat(24)}/messages?include_deleted=true`, { as: root })
  assert.equal(nowhere.status, 404)

  for (const as of ['bob', root]) {
    assert.equal((await call('GET', `/messages/${two.id}`, { as })).status, 404)
    const told = [await page(as, id), await events(as, id, `?after=${cursor}`)]
    assert.doesNotMatch(JSON.stringify(told), /"two"/)
  }
  const socket = await service.socket('alice', `/ws/${id}`, { after: cursor })
  await socket.next('message_deleted')
  const ack = await socket.ask({ type: 'delete', message_id: two.id })
  assert.deepEqual([ack.type, (ack.message as MessageView).content], ['ack', ''])
  assert.doesNotMatch(JSON.stringify(socket.frames), /"two"/)
  await socket.close()
})

test('an operator brings a message back: all are told, and it counts again', async () => {
  const { id } = await group('alice', 'bob')
  const [one, two] = [await send(id, 'one', { as: 'alice' }), await send(id, 'two', { as: 'bob' })]
  await call('PUT', `/messages/${one.id}/reactions/${encodeURIComponent('👍')}`, { as: 'bob' })
  await call('PUT', `/messages/${one.id}/pin`, { as: 'alice' })
  const socket = await service.socket('bob', `/ws/${id}`)
  const { cursor } = await events('bob', id)
  await remove('alice', one)
  assert.equal((await page('bob', id)).total, 1)

  for (const as of ['alice', 'bob', 'eve']) assert.equal((await restore(as, one)).status, 403, as)
  const restored = await restore(root, one)
  const { reactions, updated_at } = restored.body
  const expected = { ...one, reactions, updated_at, ver: 3 }
  assert.deepEqual([restored.status, restored.body], [200, { ...expected, my_reactions: [] }])
  assert.deepEqual(reactions, [{ emoji: '👍', count: 1, user_ids: ['bob'] }])
  const told = await socket.next('message_updated')
  assert.deepEqual(told, { type: 'message_updated', group_id: id, message: expected, cursor: told.cursor })

  const again = await restore(root, one)
  assert.deepEqual([again.status, again.body], [200, restored.body], 'again changes nothing')
  const now = await page('bob', id)
  assert.deepEqual([now.total, now.messages.map(({ seq }) => seq)], [2, [2, 1]])
  assert.deepEqual((await call<Page>('GET', `/groups/${id}/pins`, { as: 'bob' })).body.messages, [])
  const since = (await events('bob', id, `?after=${cursor}`)).events
  assert.deepEqual(
    since.map(({ type, message }) => [type, message]),
    [['message_updated', expected]],
    'who was away is told once, how it is now',
  )
  await send(id, 'after', { as: 'bob' })
  await socket.next((frame) => frame.type === 'new_message')
  assert.equal(socket.frames.filter(({ type }) => type === 'message_updated').length, 1)

  assert.equal(
    (await call('PUT', `/messages/${one.id}`, { as: 'alice', body: { content: 'uno' } })).status,
    200,
  )
  assert.equal((await restore(root, two)).body.ver, 1, 'what is not deleted stays as it is')
  assert.equal((await restore(root, { id: 'f'.repeat(24) })).status, 404)
  await socket.close()
})

test('where texts are not kept, they are gone at once', async () => {
  const wiping = await startRest({ KEEP_DELETED_TEXT: 'false' })
  try {
    const { id } = await wiping.group('alice')
    const message = await wiping.send(id, 'secret', { as: 'alice' })
    await wiping.call('DELETE', `/messages/${message.id}`, { as: 'alice' })
    const { body } = await wiping.call<Page>('GET', `/groups/${id}/messages?include_deleted=true`, {
      as: root,
    })
    assert.deepEqual(
      body.messages.map(({ content, is_deleted }) => [content, is_deleted]),
      [['', true]],
    )
    const refused = await wiping.call('POST', `/messages/${message.id}/restore`, { as: root })
    assert.deepEqual([refused.status, refused.body.code], [409, 'wiped'])
  } finally {
    await wiping.close()
  }
})
