import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { tokenOf } from '../../support/api.ts'
import { eventually } from '../../support/eventually.ts'
import { startRest } from '../../support/rest.ts'
import type { Frame, TestSocket } from '../../support/socket.ts'
import { enter, newRoomName, type RoomItem } from './support.ts'

const rest = await startRest()
after(rest.close)
const { service, root } = rest

const history = async (room: string, as: string) =>
  (await root<RoomItem[]>('GET', `/chat/messages/${encodeURIComponent(room)}?limit=100`, { as })).body

const close = (...sockets: TestSocket[]) => Promise.all(sockets.map((socket) => socket.close()))
const saying = (content: string) => (frame: Frame) => frame.type === 'message' && frame.content === content

/** All frames that the socket heard before this message, which it hears last. */
async function heardUntil(socket: TestSocket, room: string): Promise<Frame[]> {
  const end = `the end ${Math.random()}`
  const other = await enter(service, room, 'the-end')
  other.send({ content: end })
  await socket.next(saying(end))
  await other.close()
  return socket.frames.filter((frame) => frame.user_id !== 'the-end')
}

test('a message is told to everybody in the room, the sender included, with the seven fields', async () => {
  const room = newRoomName()
  const [mia, tom] = [await enter(service, room, 'mia'), await enter(service, room, 'tom')]
  mia.send({ content: 'Good morning' })
  const [own, told] = [await mia.next('message'), await tom.next('message')]
  assert.deepEqual(own, told)
  const { _id, created_at, ...rest } = own
  assert.deepEqual(rest, {
    type: 'message',
    user_id: 'mia',
    username: 'mia',
    content: 'Good morning',
    room,
  })
  assert.match(String(_id), /^[0-9a-f]{24}$/)
  assert.equal(new Date(String(created_at)).toISOString(), created_at)
  assert.deepEqual(
    await history(room, 'tom'),
    [{ ...rest, _id, created_at, updated_at: created_at, deleted: false, deleted_at: null }].map(
      ({ type: _, ...item }) => item,
    ),
  )
  await close(mia, tom)
})

test('a frame may say that it is a message; what it says of sender and place has no effect', async () => {
  const room = newRoomName()
  const mia = await enter(service, room, 'mia')
  const spoofed = { user_id: 'tom', username: 'tom', room: 'general', _id: 'x', id: {}, created_at: 1 }
  mia.send({ type: 'message', content: 'me', ...spoofed })
  const { user_id, username, room: told } = await mia.next('message')
  assert.deepEqual([user_id, username, told], ['mia', 'mia', room])
  assert.deepEqual(
    (await history(room, 'mia')).map((item) => [item.user_id, item.content]),
    [['mia', 'me']],
  )
  assert.deepEqual(
    (await history('general', 'mia')).filter(({ content }) => content === 'me'),
    [],
  )
  await close(mia)
})

test('forty messages of two users at once reach both in one order, which is that of the history', async () => {
  const room = newRoomName()
  const [mia, tom] = [await enter(service, room, 'mia'), await enter(service, room, 'tom')]
  for (let i = 0; i < 20; i++) {
    mia.send({ content: `mia ${i}` })
    tom.send({ content: `tom ${i}` })
  }
  const heard = ({ frames }: TestSocket) =>
    frames.filter(({ type }) => type === 'message').map(({ _id }) => _id)
  await eventually('forty', () => heard(mia).length === 40 && heard(tom).length === 40)
  assert.deepEqual(heard(mia), heard(tom))
  assert.deepEqual(
    (await history(room, 'mia')).map(({ _id }) => _id),
    heard(mia),
  )
  await close(mia, tom)
})

test('with a client_id, which is told to all, sending again is safe', async () => {
  const room = newRoomName()
  const mia = await enter(service, room, 'mia')
  mia.send({ content: 'once', client_id: 'c1' })
  assert.equal((await mia.next('message')).client_id, 'c1')
  mia.send({ content: 'once', client_id: 'c1' })
  mia.send({ content: 'another', client_id: 'c1' })
  assert.equal((await mia.next('error')).code, 'conflict')
  const heard = await heardUntil(mia, room)
  assert.equal(heard.filter(({ type }) => type === 'message').length, 1)
  await close(mia)
})

test('others hear who comes and goes, with the first connection and the last; oneself does not', async () => {
  const room = newRoomName()
  const mia = await enter(service, room, 'mia')
  const [tom, second] = [await enter(service, room, 'tom'), await enter(service, room, 'tom')]
  const { timestamp, ...joined } = await mia.next('system')
  assert.deepEqual(joined, {
    type: 'system',
    content: 'tom joined the room',
    room,
    event: 'joined',
    user_id: 'tom',
    username: 'tom',
  })
  assert.equal(new Date(String(timestamp)).toISOString(), timestamp)
  await close(tom)
  second.send({ content: 'still here' })
  await mia.next(saying('still here'))
  await close(second)
  const { timestamp: _, ...left } = await mia.next('system')
  assert.deepEqual(left, { ...joined, content: 'tom left the room', event: 'left' })
  assert.deepEqual(
    [...tom.frames, ...second.frames].filter(({ type }) => type === 'system'),
    [],
  )
  await close(mia)
})

test('the others hear who types, and a ping is answered', async () => {
  const room = newRoomName()
  const [mia, tom] = [await enter(service, room, 'mia'), await enter(service, room, 'tom')]
  tom.send({ type: 'typing' })
  assert.deepEqual(await mia.next('typing'), { type: 'typing', user_id: 'tom', username: 'tom', room })
  tom.send({ type: 'ping' })
  assert.deepEqual(await tom.next('pong'), { type: 'pong' })
  tom.send({ content: 'typed' })
  await Promise.all([mia.next(saying('typed')), tom.next(saying('typed'))])
  assert.equal(mia.frames.filter(({ type }) => type === 'typing').length, 1, 'its end is not told')
  assert.equal(tom.frames.filter(({ type }) => type === 'typing').length, 0)
  await close(mia, tom)
})

test('there is no greeting, no answer and no history on the socket, and no word of what rooms do not know', async () => {
  const room = newRoomName()
  const mia = await enter(service, room, 'mia')
  mia.send({ content: 'first' })
  const { _id } = await mia.next('message')
  await rest.call('PUT', `/messages/${_id}/reactions/${encodeURIComponent('👍')}`, { as: 'tom' })
  const late = await enter(service, room, 'late')
  const heard = await heardUntil(late, room)
  assert.deepEqual(heard, [])
  assert.deepEqual(
    mia.frames.map(({ type }) => type).filter((type) => type !== 'system'),
    ['message', 'message'],
  )
  await close(mia, late)
})

test('an edit and a deletion in the core are told', async () => {
  const room = newRoomName()
  const mia = await enter(service, room, 'mia')
  mia.send({ content: 'Lnch?', client_id: 'lunch' })
  const sent = await mia.next('message')
  const at = `/messages/${sent._id}`
  assert.equal((await rest.call('PUT', at, { as: 'mia', body: { content: 'Lunch?' } })).status, 200)
  const { updated_at, ...edited } = await mia.next('message_updated')
  assert.deepEqual(edited, { ...sent, type: 'message_updated', content: 'Lunch?' })
  assert.ok(String(updated_at) >= String(sent.created_at))
  assert.equal((await history(room, 'mia'))[0]?.updated_at, updated_at)
  assert.equal((await rest.call('DELETE', at, { as: 'mia' })).status, 204)
  assert.deepEqual(await mia.next('message_deleted'), { type: 'message_deleted', _id: sent._id, room })
  await close(mia)
})

test('what is wrong with a frame is told to its sender alone', async () => {
  const room = newRoomName()
  const [mia, tom] = [await enter(service, room, 'mia'), await enter(service, room, 'tom')]
  for (const [frame, detail] of [
    [{ content: '' }, 'content: must not be blank.'],
    [{ content: ' \n\u200b' }, 'content: must not be blank.'],
    [{ content: 7 }, 'content: must be string.'],
    [{ content: null }, 'content: must be string.'],
    [{}, 'content: is required.'],
    [{ content: 'x'.repeat(10_001) }, 'content: must not have more than 10000 characters.'],
    [{ content: '\ud800' }, 'content: must be well-formed Unicode.'],
    [{ content: 'x', type: 'shout' }, 'type: must be one of message, typing, ping, or left out.'],
    [{ content: 'x', type: null }, 'type: must be one of message, typing, ping, or left out.'],
  ] as const) {
    mia.send(frame)
    assert.deepEqual(await mia.next('error'), { type: 'error', code: 'invalid', detail })
  }
  mia.send({ content: '😀'.repeat(10_000) })
  await mia.next('message')
  assert.deepEqual(
    (await heardUntil(tom, room)).map(({ type }) => type),
    ['message'],
  )
  await close(mia, tom)
})

test('what is no JSON object is refused, and the twentieth closes the socket with 4502', async () => {
  const room = newRoomName()
  const mia = await enter(service, room, 'mia')
  // What is an object does not count.
  for (let i = 0; i < 30; i++) mia.send({ type: 'shout' })
  const bad = ['{', 'hello', '[]', '7', 'null', '"x"']
  for (let i = 0; i < 19; i++) mia.ws.send(bad[i % bad.length] ?? '')
  for (let i = 0; i < 30; i++) await mia.next((frame) => frame.code === 'invalid')
  for (let i = 0; i < 19; i++) {
    const { type, code, detail } = await mia.next((frame) => frame.code === 'malformed')
    assert.deepEqual([type, code, typeof detail], ['error', 'malformed', 'string'])
  }
  mia.send({ content: 'still open' })
  await mia.next(saying('still open'))
  mia.ws.send('no')
  assert.equal((await mia.closed).code, 4502)
})

test('a message with files names each, and where it is', async () => {
  const room = newRoomName()
  const mia = await enter(service, room, 'mia')
  mia.send({ content: 'now' })
  const { _id } = await mia.next('message')
  const { group_id } = (await rest.call('GET', `/messages/${_id}`, { as: 'mia' })).body
  const upload = async (name: string) => {
    const body = new FormData()
    body.set('file', new Blob(['x']), name)
    const headers = { authorization: `Bearer ${await tokenOf('mia')}` }
    const answer = await fetch(`${service.base}/groups/${group_id}/files`, { method: 'POST', body, headers })
    return ((await answer.json()) as { id: string }).id
  }
  const [plan, map] = [await upload('plan.txt'), await upload('map.txt')]
  const send = (body: object) => rest.call('POST', `/groups/${group_id}/messages`, { as: 'mia', body })
  assert.equal((await send({ content: '', attachments: [plan] })).status, 201)
  assert.equal((await mia.next('message')).content, `plan.txt /api/chat/files/${plan}`)
  assert.equal((await send({ content: 'Look', attachments: [map] })).status, 201)
  assert.equal((await mia.next('message')).content, `Look\nmap.txt /api/chat/files/${map}`)
  assert.equal((await history(room, 'mia')).at(-1)?.content, `Look\nmap.txt /api/chat/files/${map}`)
  await close(mia)
})

test('a client of the core in the same room hears the same in its own words', async () => {
  const room = newRoomName()
  const mia = await enter(service, room, 'mia')
  mia.send({ content: 'one' })
  const { _id } = await mia.next('message')
  const { group_id } = (await rest.call('GET', `/messages/${_id}`, { as: 'tom' })).body
  const tom = await service.socket('tom', `/ws/${group_id}`)
  assert.equal((await mia.next((frame) => frame.event === 'joined')).username, 'tom')
  await tom.ask({ type: 'message', content: 'two' })
  mia.send({ content: 'three' })
  await Promise.all([
    mia.next(saying('three')),
    tom.next(({ message }) => (message as RoomItem)?.content === 'three'),
  ])
  const inCore = tom.frames.flatMap(({ type, message }) =>
    type === 'new_message' ? [(message as RoomItem).content] : [],
  )
  const inRoom = mia.frames.flatMap(({ type, content }) => (type === 'message' ? [content] : []))
  assert.deepEqual(
    [inCore, inRoom],
    [
      ['two', 'three'],
      ['one', 'two', 'three'],
    ],
  )
  await close(mia, tom)
})
