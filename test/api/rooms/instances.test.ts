import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { mongoMissing } from '../../mongo/server.ts'
import { apiOf } from '../../support/api.ts'
import { eventually } from '../../support/eventually.ts'
import { newDatabaseEnv, startService, type TestService } from '../../support/service.ts'
import type { TestSocket } from '../../support/socket.ts'
import { enter, newRoomName, refusalOf } from './support.ts'

const idsHeard = ({ frames }: TestSocket) =>
  frames.flatMap(({ type, _id }) => (type === 'message' ? [_id] : []))

describe('two instances on one MongoDB', { skip: (await mongoMissing()) ?? false }, () => {
  let one: TestService
  let two: TestService
  before(async () => {
    const env = await newDatabaseEnv()
    one = await startService(env)
    two = await startService(env)
  })
  after(async () => {
    await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()])
  })

  test('a room that is entered on both at once is one, and tells all in one order', async () => {
    const room = newRoomName()
    const [mia, tom] = await Promise.all([enter(one, room, 'mia'), enter(two, room, 'tom')])
    for (let i = 0; i < 20; i++) {
      mia.send({ content: `mia ${i}` })
      tom.send({ content: `tom ${i}` })
    }
    await eventually('forty on both', () => idsHeard(mia).length === 40 && idsHeard(tom).length === 40)
    assert.deepEqual(idsHeard(mia), idsHeard(tom))
    await Promise.all([mia.close(), tom.close()])
  })

  test('comings and goings, typing and deletions are told on the other instance', async () => {
    const room = newRoomName()
    const mia = await enter(one, room, 'mia')
    const tom = await enter(two, room, 'tom')
    assert.equal((await mia.next('system')).content, 'tom joined the room')
    tom.send({ type: 'typing' })
    assert.equal((await mia.next('typing')).username, 'tom')
    tom.send({ content: 'gone soon' })
    const { _id } = await mia.next('message')
    const { status } = await apiOf(two.url, 'tom').call('GET', `/messages/${_id}`)
    assert.equal(status, 200)
    await apiOf(two.url, 'tom').call('DELETE', `/messages/${_id}`)
    assert.deepEqual(await mia.next('message_deleted'), { type: 'message_deleted', _id, room })
    await tom.close()
    assert.equal((await mia.next('system')).content, 'tom left the room')
    await mia.close()
  })

  test('a ban on one ends the sockets on the other', async () => {
    const room = newRoomName()
    const mia = await enter(one, room, 'mia')
    mia.send({ content: 'spam' })
    const { _id } = await mia.next('message')
    const operator = apiOf(two.url, 'root (admin)')
    const { group_id } = (await operator.call('GET', `/messages/${_id}`)).body
    assert.equal((await operator.call('PUT', `/groups/${group_id}/bans/mia`, { body: {} })).status, 200)
    assert.equal((await mia.closed).code, 4500)
    for (const service of [one, two]) assert.equal((await refusalOf(enter(service, room, 'mia'))).status, 403)
  })

  test('new rooms are counted over both', async () => {
    for (let i = 0; i < 20; i++) await (await enter(i % 2 ? one : two, newRoomName(), 'ben')).close()
    for (const service of [one, two])
      assert.equal((await refusalOf(enter(service, newRoomName(), 'ben'))).status, 429)
  })
})
