import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { tokenOf } from '../../support/api.ts'
import { eventually } from '../../support/eventually.ts'
import { startRest } from '../../support/rest.ts'
import { openSocket } from '../../support/socket.ts'
import { enter, newRoomName, openAt, type RoomItem, refusalOf } from './support.ts'

const rest = await startRest()
after(rest.close)
const { service, root, call } = rest

/** As the contract has it: the first 12 bytes of SHA-256 over the length-prefixed "room" and name. */
const idOf = (room: string): string => {
  const hash = createHash('sha256')
  for (const part of ['room', room]) hash.update(`${Buffer.byteLength(part)}:${part}`)
  return hash.digest('hex').slice(0, 24)
}

const history = (room: string, as: string) =>
  root<RoomItem[]>('GET', `/chat/messages/${encodeURIComponent(room)}`, { as })

test('a name makes its room with the first connection: open, without an owner, under an id of its own', async () => {
  const room = newRoomName()
  assert.equal((await call('GET', `/groups/${idOf(room)}`, { as: 'mia' })).status, 404)
  await (await enter(service, room, 'mia')).close()
  const { body } = await call('GET', `/groups/${idOf(room)}`, { as: 'mia' })
  const { name, visibility, owner_id, member_count, kind } = body
  assert.deepEqual([name, visibility, owner_id, member_count, kind], [room, 'open', null, 0, 'group'])
})

test('one room for all who come at once', async () => {
  const room = newRoomName()
  const sockets = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((user) => enter(service, room, user)))
  sockets[0]?.send({ content: 'to all' })
  for (const socket of sockets) assert.equal((await socket.next('message')).content, 'to all')
  await Promise.all(sockets.map((socket) => socket.close()))
})

test('names are percent-encoded, their case matters, and the form of their characters does not', async () => {
  const room = newRoomName()
  const name = `Ünder ${room} #?%`
  const [composed, decomposed] = [name.normalize('NFC'), name.normalize('NFD')]
  const [mia, tom] = [await enter(service, composed, 'mia'), await enter(service, decomposed, 'tom')]
  tom.send({ content: 'here' })
  const { room: told } = await mia.next('message')
  assert.equal(told, composed)
  assert.equal((await history(decomposed, 'mia')).body[0]?.room, composed)
  assert.equal((await history(name.toUpperCase(), 'mia')).body.length, 0)
  await Promise.all([mia.close(), tom.close()])
})

test('a name has 1 to 64 characters on one line, and no slash', async () => {
  for (const good of [
    'a',
    'x'.repeat(64),
    '😀'.repeat(64),
    'é'.normalize('NFD').repeat(64),
    '65c1e1b0b7d2f3a9c8e10b57',
  ])
    await (await enter(service, good, 'gus')).close()
  for (const bad of [
    '%20',
    '%20%E2%80%8B',
    'x'.repeat(65),
    'a%2Fb',
    '%2F',
    'a%0Ab',
    'a%00',
    '%zz',
    '%ff',
    'a%E2%80%AEb',
  ]) {
    const { status, detail } = await refusalOf(openAt(service, `/${bad}`, 'gus'))
    assert.equal(status, 422, bad)
    assert.match(detail, /^room: must have 1 to 64 characters/)
  }
  for (const bad of ['%20', 'x'.repeat(65), 'a%2Fb', 'a%0Ab'])
    assert.equal((await root('GET', `/chat/messages/${bad}`, { as: 'gus' })).status, 422, bad)
  for (const path of ['', '/', '/a/b'])
    assert.equal((await refusalOf(openAt(service, path, 'gus'))).status, 404)
})

test('a slash at the end makes no difference', async () => {
  const room = newRoomName()
  const [mia, tom] = [
    await enter(service, room, 'mia'),
    await openAt(service, `/${encodeURIComponent(room)}/`, 'tom'),
  ]
  tom.send({ content: 'the same' })
  assert.equal((await mia.next('message')).room, room)
  assert.equal(
    (await root<RoomItem[]>('GET', `/chat/messages/${encodeURIComponent(room)}/`, { as: 'mia' })).body.length,
    1,
  )
  await Promise.all([mia.close(), tom.close()])
})

test('a socket needs a token, in any of three places, and no foreign origin', async () => {
  const room = newRoomName()
  const token = await tokenOf('mia')
  const url = `${service.url}/chat/ws/${encodeURIComponent(room)}`
  for (const options of [
    {},
    { token: 'no' },
    { token: `${token}x` },
    { headers: { authorization: 'Bearer no' } },
  ])
    assert.equal((await refusalOf(openSocket(url, options))).status, 401)
  assert.equal(
    (await refusalOf(openSocket(`${service.url}/chat/ws/%20`, {}))).status,
    401,
    'before the name is looked at',
  )
  const headers = { origin: 'https://elsewhere.example' }
  assert.equal((await refusalOf(openSocket(url, { token, headers }))).status, 403)
  for (const options of [
    { token },
    { headers: { authorization: `Bearer ${token}` } },
    { protocols: ['chat.v1', `bearer.${token}`] },
    { token, headers: { origin: 'http://localhost:3000' } },
  ])
    await (await openSocket(url, options)).close()
})

test('a user makes at most twenty rooms an hour; general, and rooms that are there, do not count', async () => {
  const local = await startRest()
  const rooms = Array.from({ length: 21 }, newRoomName)
  for (const room of rooms.slice(0, 20)) await (await enter(local.service, room, 'mia')).close()
  const [twentyFirst = ''] = rooms.slice(20)
  const { status } = await refusalOf(enter(local.service, twentyFirst, 'mia'))
  assert.equal(status, 429)
  for (const room of ['general', ...rooms.slice(0, 2)])
    await (await enter(local.service, room, 'mia')).close()
  await (await enter(local.service, twentyFirst, 'tom')).close()
  await (await enter(local.service, twentyFirst, 'mia')).close()
  local.service.advance(3_600_001)
  await (await enter(local.service, newRoomName(), 'mia')).close()
  await local.close()
})

test('who listens is no member; who has written is, and finds the room in their list', async () => {
  const room = newRoomName()
  const [mia, tom] = [await enter(service, room, 'mia'), await enter(service, room, 'tom')]
  mia.send({ content: 'hello' })
  await tom.next('message')
  const mine = async (as: string) => {
    const { body } = await call<{ groups: { id: string; unread_count: number }[] }>('GET', '/groups', { as })
    return body.groups.filter(({ id }) => id === idOf(room)).map(({ unread_count }) => unread_count)
  }
  await eventually('mia’s list', async () => isDeepStrictEqual(await mine('mia'), [0]))
  assert.deepEqual(await mine('tom'), [])
  tom.send({ content: 'hello to you' })
  await eventually('both lists', async () =>
    isDeepStrictEqual([await mine('mia'), await mine('tom')], [[1], [0]]),
  )
  await Promise.all([mia.close(), tom.close()])
})

test('a full room takes messages all the same', async () => {
  const local = await startRest({ MAX_GROUP_MEMBERS: '1' })
  const room = newRoomName()
  const [mia, tom] = [await enter(local.service, room, 'mia'), await enter(local.service, room, 'tom')]
  for (const socket of [mia, tom]) {
    socket.send({ content: 'one' })
    await mia.next('message')
    socket.send({ content: 'two' })
    await mia.next('message')
  }
  assert.deepEqual(
    [...mia.frames, ...tom.frames].filter(({ type }) => type === 'error'),
    [],
  )
  await Promise.all([mia.close(), tom.close()])
  await local.close()
})

test('the banned are out with 4500, and neither read nor come again', async () => {
  const room = newRoomName()
  const mia = await enter(service, room, 'mia')
  mia.send({ content: 'spam' })
  const { _id } = await mia.next('message')
  const ban = await call('PUT', `/groups/${idOf(room)}/bans/mia`, { as: 'root (admin)', body: {} })
  assert.equal(ban.status, 200)
  assert.equal((await mia.closed).code, 4500)
  assert.equal((await refusalOf(enter(service, room, 'mia'))).status, 403)
  const { status, body } = await root('GET', `/chat/messages/${encodeURIComponent(room)}`, { as: 'mia' })
  assert.deepEqual([status, body.code, body.detail], [403, 'banned', 'You are banned from this room.'])
  assert.equal((await root('DELETE', `/chat/messages/${_id}`, { as: 'mia' })).status, 403)
})

test('who is muted is told so in the words of rooms, and hears on', async () => {
  const room = newRoomName()
  const [mia, tom] = [await enter(service, room, 'mia'), await enter(service, room, 'tom')]
  const muted_until = new Date(Date.now() + 3_600_000).toISOString()
  const path = `/groups/${idOf(room)}/members/mia`
  assert.equal((await call('PATCH', path, { as: 'root (admin)', body: { muted_until } })).status, 200)
  mia.send({ content: 'x' })
  assert.equal((await mia.next('error')).code, 'muted')
  const group = { post_policy: 'admins' }
  await call('PUT', `/groups/${idOf(room)}`, { as: 'root (admin)', body: group })
  tom.send({ content: 'x' })
  const { code, detail } = await tom.next('error')
  assert.deepEqual([code, detail], ['forbidden', 'Only admins and owners write in this room.'])
  await Promise.all([mia.close(), tom.close()])
})

test('a room that is deleted ends with 4501, and its name makes another one', async () => {
  const room = newRoomName()
  const mia = await enter(service, room, 'mia')
  mia.send({ content: 'old' })
  await mia.next('message')
  assert.equal((await call('DELETE', `/groups/${idOf(room)}`, { as: 'root (admin)' })).status, 204)
  assert.equal((await mia.closed).code, 4501)
  assert.deepEqual((await history(room, 'mia')).body, [])
  const again = await enter(service, room, 'mia')
  again.send({ content: 'new' })
  await again.next('message')
  assert.deepEqual(
    (await history(room, 'mia')).body.map(({ content }) => content),
    ['new'],
  )
  assert.equal((await call('GET', `/groups/${idOf(room)}`, { as: 'mia' })).status, 404)
  await again.close()
})

test('general is there for everybody, and neither deleted nor renamed nor owned', async () => {
  const mia = await enter(service, 'general', 'mia')
  mia.send({ content: 'hello' })
  assert.equal((await mia.next('message')).room, 'general')
  const path = `/groups/${idOf('general')}`
  const as = 'root (admin)'
  for (const refused of [
    await call('DELETE', path, { as }),
    await call('PUT', path, { as, body: { name: 'Other' } }),
    await call('PATCH', `${path}/members/mia`, { as, body: { role: 'owner' } }),
  ])
    assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden'])
  assert.equal((await call('PUT', path, { as, body: { name: 'general', description: 'All' } })).status, 200)
  await mia.close()
})

test('another group of the same name is another group', async () => {
  const { id } = await rest.createGroup('general', [], { as: 'mia' })
  await rest.send(id, 'not in the room', { as: 'mia' })
  assert.ok((await history('general', 'mia')).body.every(({ content }) => content !== 'not in the room'))
})

test('where the dialect is off there is nothing of it', async () => {
  for (const env of [{ DIALECTS: 'none' }, { ENVIRONMENT: 'production', ACCOUNTS: 'true' }]) {
    const local = await startRest(env)
    for (const [method, path] of [
      ['GET', '/chat/messages/general'],
      ['DELETE', '/chat/messages/65c1e1b0b7d2f3a9c8e10b57'],
      ['POST', '/users/'],
      ['GET', '/users/me'],
      ['POST', '/auths/login'],
      ['POST', '/auth/login'],
    ] as const)
      assert.equal((await local.root(method, path, { as: 'mia' })).status, 404, path)
    assert.equal((await refusalOf(enter(local.service, 'general', 'mia'))).status, 404)
    await local.close()
  }
})
