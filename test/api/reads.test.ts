import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { ReadMarkView, ReadStateView } from '../../src/domain/read.ts'
import { startRest } from '../support/rest.ts'
import { namedUser, numbers } from '../support/samples.ts'

const { call, group, send, close, service } = await startRest({ RATE_LIMIT_READS: '0' })
after(close)

const mark = (as: string, id: string, seq: number) =>
  call<ReadStateView>('PUT', `/groups/${id}/read`, { as, body: { seq } })
const reads = async (as: string, id: string) => {
  const { body } = await call<{ reads: ReadMarkView[] }>('GET', `/groups/${id}/reads`, { as })
  return body.reads
}
const groupOf = async (as: string, id: string) => (await call('GET', `/groups/${id}`, { as })).body
const unread = async (as: string, id: string) => {
  const { read_seq, unread_count, mention_count } = await groupOf(as, id)
  return [read_seq, unread_count, mention_count]
}

/** A group in which the first member has sent so many messages. */
async function talk(count: number, ...members: string[]): Promise<string> {
  const { id } = await group(...members)
  for (const n of numbers(1, count)) await send(id, `message ${n}`, { as: members[0] ?? '' })
  return id
}

test('what is read is marked, never goes back, and ends at the last message', async () => {
  const id = await talk(3, 'alice', 'bob')
  assert.deepEqual(await unread('bob', id), [0, 3, 0])
  assert.deepEqual(await unread('alice', id), [3, 0, 0])
  const { status, body } = await mark('bob', id, 2)
  assert.deepEqual([status, body], [200, { seq: 2, unread_count: 1, mention_count: 0 }])
  assert.deepEqual((await mark('bob', id, 1)).body, body)
  const beyond = await call('PUT', `/groups/${id}/read`, { as: 'bob', body: { seq: 4 } })
  assert.deepEqual([beyond.status, beyond.body.errors?.[0]?.field], [422, 'seq'])
  for (const seq of [-1, 1.5, '1', null, undefined])
    assert.equal((await call('PUT', `/groups/${id}/read`, { as: 'bob', body: { seq } })).status, 422)
  assert.deepEqual(await unread('bob', id), [2, 1, 0])
})

test('mentions that are unread are counted, as long as they are there', async () => {
  const { id } = await group('alice', 'bob', 'cem')
  const say = async (fields: object) =>
    (await call('POST', `/groups/${id}/messages`, { as: 'alice', body: { content: 'hello', ...fields } }))
      .body
  await say({ mentions: ['bob'] })
  await say({})
  const second = await say({ mentions: ['bob', 'cem'] })
  assert.deepEqual(await unread('bob', id), [0, 3, 2])
  assert.deepEqual(await unread('cem', id), [0, 3, 1])
  assert.deepEqual((await mark('bob', id, 1)).body, { seq: 1, unread_count: 2, mention_count: 1 })
  await call('DELETE', `/messages/${second.id}`, { as: 'alice' })
  assert.deepEqual((await mark('bob', id, 1)).body, { seq: 1, unread_count: 1, mention_count: 0 })
})

test('who has read up to where is told to members, most read first', async () => {
  const id = await talk(3, 'alice', 'bob', 'cem', 'dee')
  await mark('bob', id, 1)
  await mark('cem', id, 2)
  const found = await reads('dee', id)
  assert.deepEqual(
    found.map(({ user_id, seq }) => [user_id, seq]),
    [
      ['alice', 3],
      ['cem', 2],
      ['bob', 1],
    ],
  )
  const [first] = found
  assert.deepEqual([first?.username, first?.display_name], ['alice', 'alice'])
  assert.ok(Math.abs(Date.parse(first?.at ?? '') - Date.now()) < 60_000)
})

test('who joins has read what was there', async () => {
  const id = await talk(3, 'alice')
  const body = { authorized_user_ids: ['alice', 'bob'] }
  await call('PUT', `/groups/${id}`, { as: 'alice', body })
  assert.deepEqual(await unread('bob', id), [3, 0, 0])
  await send(id, 'welcome', { as: 'alice' })
  assert.deepEqual(await unread('bob', id), [3, 1, 0])
})

test("a mark is told to the others and to one's own other sockets, and not to the one that made it", async () => {
  const id = await talk(4, 'alice', 'bob')
  const { id: other } = await group('bob')
  const [alice, marking, second, all, elsewhere] = [
    await service.socket('alice', `/ws/${id}`),
    await service.socket('bob', `/ws/${id}`),
    await service.socket('bob', `/ws/${id}`),
    await service.socket('bob', '/ws'),
    await service.socket('bob', '/ws?subscribe=none'),
  ]
  const single = await service.socket('bob', `/ws/${other}`)
  const ack = await marking.ask({ type: 'read', seq: 2 })
  assert.deepEqual(
    { ...ack, re: undefined },
    { type: 'ack', re: undefined, group_id: id, seq: 2, unread_count: 2, mention_count: 0 },
  )
  const told = { type: 'read', group_id: id, ...namedUser('bob'), seq: 2 }
  for (const socket of [alice, second, all, elsewhere]) assert.deepEqual(await socket.next('read'), told)

  assert.equal((await all.ask({ type: 'read', group_id: id, seq: 1 })).seq, 2, 'nothing new')
  assert.equal((await all.ask({ type: 'read', seq: 3 })).code, 'invalid')
  await all.ask({ type: 'read', group_id: id, seq: 3 })
  for (const socket of [alice, marking, second, elsewhere]) assert.equal((await socket.next('read')).seq, 3)
  await mark('bob', id, 4)
  for (const socket of [alice, marking, second, all, elsewhere])
    assert.equal((await socket.next('read')).seq, 4)

  // A send tells no mark: the message implies it.
  await second.ask({ type: 'message', content: 'mine' })
  for (const socket of [alice, marking, all]) await socket.next('new_message')
  const heard = [alice, marking, second, all, elsewhere, single].map(({ frames }) =>
    frames.filter(({ type }) => type === 'read').map(({ seq }) => seq),
  )
  assert.deepEqual(heard, [[2, 3, 4], [3, 4], [2, 3, 4], [2, 4], [2, 3, 4], []])
  for (const socket of [alice, marking, second, all, elsewhere, single]) await socket.close()
})

test('guests of an open group hear no marks, see none and make none', async () => {
  const members = ['alice', 'bob']
  const body = { name: 'Open', visibility: 'open', authorized_user_ids: members }
  const id = String((await call('POST', '/groups', { as: 'alice', body })).body.id)
  await send(id, 'hello', { as: 'alice' })
  const [alice, guest] = [
    await service.socket('alice', `/ws/${id}`),
    await service.socket('guest', `/ws/${id}`),
  ]
  assert.equal((await mark('guest', id, 1)).status, 403)
  assert.equal((await call('GET', `/groups/${id}/reads`, { as: 'guest' })).status, 403)
  await mark('bob', id, 1)
  assert.equal((await alice.next('read')).user_id, 'bob')
  assert.deepEqual(await unread('guest', id), [1, 0, 0])
  assert.equal((await groupOf('guest', id)).role, null)
  await send(id, 'the end', { as: 'bob' })
  await guest.next('new_message')
  assert.deepEqual(
    guest.frames.filter(({ type }) => type === 'read'),
    [],
  )
  await Promise.all([alice.close(), guest.close()])
})

test('in a large group a mark is told to its own user alone', async () => {
  const id = await talk(2, 'alice', 'bob', ...numbers(1, 199).map((n) => `user-${n}`))
  const [alice, bob] = [await service.socket('alice', `/ws/${id}`), await service.socket('bob', `/ws/${id}`)]
  await mark('bob', id, 1)
  assert.equal((await bob.next('read')).seq, 1)
  await mark('alice', id, 2)
  await send(id, 'the end', { as: 'bob' })
  await alice.next('new_message')
  assert.deepEqual(
    alice.frames.filter(({ type }) => type === 'read'),
    [],
  )
  await Promise.all([alice.close(), bob.close()])
})

test('the socket for all groups begins with what is read and unread, the latest activity first', async () => {
  const first = await talk(3, 'eve', 'fay')
  const second = await talk(1, 'eve', 'fay')
  await mark('fay', first, 1)
  await send(first, 'once more', { as: 'eve' })
  const socket = await service.socket('fay', '/ws')
  const { groups, total } = await socket.next('connected')
  assert.equal(total, 2)
  const shown = (groups as Record<string, unknown>[]).map(({ cursor: _, ...each }) => each)
  const counts = { role: 'member', mention_count: 0, name: 'A group' }
  assert.deepEqual(shown, [
    { group_id: first, ...counts, seq: 4, read_seq: 1, unread_count: 3 },
    { group_id: second, ...counts, seq: 1, read_seq: 0, unread_count: 1 },
  ])
  await socket.close()
})
