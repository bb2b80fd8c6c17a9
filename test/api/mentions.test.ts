import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import { startRest } from '../support/rest.ts'
import { numbers } from '../support/samples.ts'

const { call, group, service, close } = await startRest()
after(close)

const post = (id: string, as: string, body: object) =>
  call<MessageView & { errors: { field: string }[]; code: string }>('POST', `/groups/${id}/messages`, {
    as,
    body: { content: 'hello', ...body },
  })
const put = (id: string, as: string, body: object) =>
  call<MessageView & { errors: { field: string }[] }>('PUT', `/messages/${id}`, { as, body })
const fields = ({ status, body }: { status: number; body: { errors?: { field: string }[] } }) => [
  status,
  ...(body.errors ?? []).map(({ field }) => field),
]

test('what a message says beside its text is answered, told and kept', async () => {
  const { id } = await group('alice', 'bob')
  const bob = await service.socket('bob', `/ws/${id}`)
  const said = {
    mentions: ['bob', 'alice'],
    mention_all: true,
    metadata: { 'a.b': { $x: [1, null] }, '': '' },
  }
  const sent = await post(id, 'alice', said)
  assert.equal(sent.status, 201)
  assert.partialDeepStrictEqual(sent.body, said)
  assert.deepEqual((await call('GET', `/messages/${sent.body.id}`, { as: 'bob' })).body, sent.body)
  const told = (await bob.next('new_message')).message as MessageView
  assert.partialDeepStrictEqual(told, said)

  const edited = await put(sent.body.id, 'alice', { mentions: [], metadata: {} })
  assert.partialDeepStrictEqual(edited.body, {
    content: 'hello',
    mentions: [],
    mention_all: true,
    metadata: {},
    ver: 2,
  })
  assert.notEqual(edited.body.edited_at, null)
  const again = await put(sent.body.id, 'alice', { mentions: [], content: 'hello' })
  assert.deepEqual(again.body, edited.body)
  const heard = await bob.next('message_updated')
  assert.equal((heard.message as MessageView).ver, 2)
  await bob.close()
})

test('who cannot read the group cannot be mentioned in it, by a send or an edit', async () => {
  const { id } = await group('alice', 'bob')
  assert.deepEqual(fields(await post(id, 'alice', { mentions: ['bob', 'eve'] })), [422, 'mentions.1'])
  assert.deepEqual(fields(await post(id, 'alice', { mentions: ['bob', 'bob'] })), [422, 'mentions'])
  assert.deepEqual(fields(await post(id, 'alice', { mentions: 'bob' })), [422, 'mentions'])
  assert.deepEqual(fields(await post(id, 'alice', { mentions: [{ $gt: '' }] })), [422, 'mentions.0'])
  assert.deepEqual(fields(await post(id, 'alice', { mention_all: 'yes' })), [422, 'mention_all'])
  const many = numbers(1, 51).map((n) => `user-${n}`)
  assert.deepEqual(fields(await post(id, 'alice', { mentions: many })), [422, 'mentions'])
  assert.equal((await post(id, 'eve', { mentions: ['alice'] })).status, 403)
  const { body: message } = await post(id, 'alice', { mentions: ['bob'] })
  assert.deepEqual(fields(await put(message.id, 'alice', { mentions: ['eve'] })), [422, 'mentions.0'])
  assert.equal((await put(message.id, 'eve', { mentions: ['eve'] })).status, 403)
  assert.deepEqual(fields(await put(message.id, 'alice', {})), [422, 'content'])
  await call('PUT', `/groups/${id}`, { as: 'alice', body: { authorized_user_ids: ['alice'] } })
  const kept = await put(message.id, 'alice', { content: 'bob was here', mentions: ['bob'] })
  assert.deepEqual([kept.status, kept.body.mentions], [200, ['bob']], 'whoever was mentioned stays so')
})

test('metadata is an object of at most 4,096 bytes', async () => {
  const { id } = await group('alice')
  const sized = (bytes: number) => ({ metadata: { a: 'ü'.repeat((bytes - 8) / 2) } })
  assert.equal((await post(id, 'alice', sized(4_096))).status, 201)
  assert.deepEqual(fields(await post(id, 'alice', sized(4_098))), [422, 'metadata'])
  for (const metadata of [[], null, 'text', 1])
    assert.deepEqual(fields(await post(id, 'alice', { metadata })), [422, 'metadata'])
})

test('all of it tells a repeat from another message, also when those mentioned have left', async () => {
  const { id } = await group('alice', 'bob')
  const said = { client_id: 'k', mentions: ['bob'], metadata: { a: 1, b: 2 } }
  const first = await post(id, 'alice', said)
  assert.equal(first.status, 201)
  for (const other of [{ mentions: [] }, { metadata: { a: 1 } }, { mention_all: true }])
    assert.equal((await post(id, 'alice', { ...said, ...other })).status, 409)
  const { client_id: _, ...rest } = said
  assert.equal((await post(id, 'alice', { ...rest, client_id: 'l' })).status, 201)
  await call('PUT', `/groups/${id}`, { as: 'alice', body: { authorized_user_ids: ['alice'] } })
  const again = await post(id, 'alice', { ...said, metadata: { b: 2, a: 1 } })
  assert.deepEqual([again.status, again.body], [200, first.body])
  assert.equal((await post(id, 'alice', { ...said, client_id: 'm' })).status, 422)
})

test('in a group of more than 50 only its owner and operators mention all', async () => {
  const members = numbers(1, 49).map((n) => `user-${n}`)
  const { id } = await group('alice', 'bob', ...members.slice(1))
  assert.equal((await post(id, 'bob', { mention_all: true })).status, 201, 'there are 50')
  const body = { authorized_user_ids: ['alice', 'bob', ...members] }
  await call('PUT', `/groups/${id}`, { as: 'alice', body })
  const refused = await post(id, 'bob', { mention_all: true })
  assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden'])
  assert.equal((await post(id, 'bob', { mention_all: false })).status, 201)
  for (const as of ['alice', 'root (admin)'])
    assert.equal((await post(id, as, { mention_all: true })).status, 201, as)
})

test('sockets say the same, in the order of their frames, though some have to be checked first', async () => {
  const { id } = await group('alice', 'bob')
  const alice = await service.socket('alice', `/ws/${id}`)
  const refused = await alice.ask({ type: 'message', content: 'x', mentions: ['eve'] })
  assert.deepEqual(
    [refused.code, refused.errors],
    ['invalid', [{ field: 'mentions.0', message: 'is nobody who may read this group' }]],
  )
  const metadata = { n: 1 }
  const acks = await Promise.all(
    numbers(1, 20).map((n) =>
      alice.ask({ type: 'message', content: `${n}`, metadata, ...(n % 3 === 0 && { mentions: ['bob'] }) }),
    ),
  )
  const messages = acks.map(({ message }) => message as MessageView)
  assert.deepEqual(
    messages.map(({ content, seq }) => [content, seq]),
    numbers(1, 20).map((n) => [`${n}`, n]),
  )
  assert.deepEqual(messages[2]?.mentions, ['bob'])
  const edit = { type: 'edit', message_id: messages[2]?.id, mentions: [], metadata: { n: 2 } }
  const { message } = await alice.ask(edit)
  assert.partialDeepStrictEqual(message, { content: '3', mentions: [], metadata: { n: 2 }, ver: 2 })
  const nothing = await alice.ask({ type: 'edit', message_id: messages[2]?.id })
  assert.equal(nothing.code, 'invalid')
  await alice.close()
})

test('in an open group whoever may read it is mentioned, and nobody who is banned', async () => {
  const { id } = await group('alice')
  await call('PUT', `/groups/${id}`, { as: 'alice', body: { visibility: 'open' } })
  const body = { content: 'hello', mentions: ['guest'] }
  assert.equal((await call('POST', `/groups/${id}/messages`, { as: 'alice', body })).status, 201)
  await call('PUT', `/groups/${id}/bans/guest`, { as: 'alice', body: {} })
  assert.equal((await call('POST', `/groups/${id}/messages`, { as: 'alice', body })).status, 422)
})

test('who is mentioned where their socket does not listen is told so, and nobody else', async () => {
  const [{ id }, other] = [await group('alice', 'bob', 'cem'), await group('alice', 'bob', 'cem')]
  const quiet = await service.socket('bob', '/ws?subscribe=none')
  const [all, single] = [await service.socket('bob', '/ws'), await service.socket('bob', `/ws/${other.id}`)]
  const [cem, alice] = [
    await service.socket('cem', '/ws?subscribe=none'),
    await service.socket('alice', '/ws?subscribe=none'),
  ]
  const { body: message } = await post(id, 'alice', { mentions: ['bob', 'alice'] })
  const told = await quiet.next('mention')
  const view = { ...message, my_reactions: undefined }
  assert.deepEqual(
    { ...told, message: { ...(told.message as MessageView), my_reactions: undefined } },
    { type: 'mention', group_id: id, message: view },
  )
  assert.equal(((await all.next('new_message')).message as MessageView).id, message.id)
  await post(id, 'alice', { content: 'all', mention_all: true })
  for (const socket of [quiet, cem, single])
    await socket.next(
      (frame) => frame.type === 'mention' && (frame.message as MessageView | undefined)?.content === 'all',
    )
  await post(other.id, 'alice', {})
  await single.next('new_message')
  const mentions = [quiet, cem, all, single, alice].map(
    ({ frames }) => frames.filter(({ type }) => type === 'mention').length,
  )
  assert.deepEqual(mentions, [2, 1, 0, 2, 0])
  await Promise.all([quiet, all, single, cem, alice].map((socket) => socket.close()))
})
