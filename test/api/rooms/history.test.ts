import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startRest } from '../../support/rest.ts'
import { enter, newRoomName, type RoomItem } from './support.ts'

const rest = await startRest()
after(rest.close)
const { service, root, call } = rest

const read = (room: string, query = '', as = 'mia') =>
  root<RoomItem[]>('GET', `/chat/messages/${encodeURIComponent(room)}${query}`, { as })

/** A new room with so many messages of mia's. */
async function roomOf(count: number): Promise<{ room: string; ids: string[] }> {
  const room = newRoomName()
  const socket = await enter(service, room, 'mia')
  const ids: string[] = []
  for (let i = 0; i < count; i++) {
    socket.send({ content: `${i}` })
    ids.push(String((await socket.next('message'))._id))
  }
  await socket.close()
  return { room, ids }
}

test('the newest messages come oldest first, fifty unless a limit is given', async () => {
  const { room } = await roomOf(60)
  const contents = async (query: string) =>
    (await read(room, query)).body.map(({ content }) => Number(content))
  const all = Array.from({ length: 60 }, (_, i) => i)
  assert.deepEqual(await contents(''), all.slice(10))
  assert.deepEqual(await contents('?limit=50'), all.slice(10))
  assert.deepEqual(await contents('?limit=1'), [59])
  assert.deepEqual(await contents('?limit=100'), all)
})

test('before is the page before a message, also before one that is deleted since', async () => {
  const { room, ids } = await roomOf(6)
  const [before] = ids.slice(3)
  const page = async () => (await read(room, `?before=${before}&limit=2`)).body.map(({ content }) => content)
  assert.deepEqual(await page(), ['1', '2'])
  assert.equal((await root('DELETE', `/chat/messages/${before}`, { as: 'mia' })).status, 200)
  assert.deepEqual(await page(), ['1', '2'])
  assert.deepEqual((await read(room, `?before=${ids[0]}`)).body, [])
  assert.equal((await read(room, '?before=65c1e1b0b7d2f3a9c8e10b57')).status, 404)
  const { ids: others } = await roomOf(1)
  assert.equal((await read(room, `?before=${others[0]}`)).status, 404, 'of another room')
})

test('bad limits and ids are refused, each with its field', async () => {
  for (const query of [
    '?limit=0',
    '?limit=101',
    '?limit=-1',
    '?limit=x',
    '?limit=1.5',
    '?limit=',
    '?before=x',
  ]) {
    const answer = await root('GET', `/chat/messages/general${query}`, { as: 'mia' })
    assert.deepEqual([answer.status, answer.body.code], [422, 'invalid'], query)
    assert.equal(typeof answer.body.detail, 'string')
    assert.equal(answer.body.errors?.[0]?.field, query.slice(1, query.indexOf('=')))
  }
})

test('a room that nobody has used is empty, and not made by that', async () => {
  const room = newRoomName()
  const { status, body } = await read(room)
  assert.deepEqual([status, body], [200, []])
  const open = await call<{ groups: { name: string }[] }>('GET', '/groups?scope=open&q=tea&page_size=100', {
    as: 'mia',
  })
  assert.ok(open.body.groups.every(({ name }) => name !== room))
})

test('without a good token there is nothing to read', async () => {
  for (const headers of [{}, { authorization: 'Bearer no' }]) {
    const answer = await root('GET', '/chat/messages/general', { headers })
    assert.equal(answer.status, 401)
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/)
    assert.equal(answer.headers.get('content-type'), 'application/problem+json')
  }
})

test('one deletes one’s own messages only, softly, and the others are told', async () => {
  const { room, ids } = await roomOf(2)
  const [id, kept] = ids
  const tom = await enter(service, room, 'tom')
  const remove = (as: string, which = id) => root('DELETE', `/chat/messages/${which}`, { as })
  // Not even an operator deletes another's here.
  for (const as of ['tom', 'root (admin)']) assert.equal((await remove(as)).status, 403)
  const { status, body } = await remove('mia')
  assert.deepEqual([status, Object.keys(body), typeof body.message], [200, ['message'], 'string'])
  assert.deepEqual(await tom.next('message_deleted'), { type: 'message_deleted', _id: id, room })
  assert.equal((await remove('mia')).status, 200, 'a second time')
  assert.deepEqual(
    (await read(room)).body.map(({ _id }) => _id),
    [kept],
  )
  assert.equal((await remove('mia', '65c1e1b0b7d2f3a9c8e10b57')).status, 404)
  for (const malformed of ['x', 'general', '65C1E1B0B7D2F3A9C8E10B57'])
    assert.equal((await remove('mia', malformed)).status, 422, malformed)
  await tom.close()
})

test('an id is never read as a room', async () => {
  const { ids } = await roomOf(1)
  assert.deepEqual((await read(String(ids[0]))).body, [])
})
