import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { startRest } from '../support/rest.ts'
import { numbers } from '../support/samples.ts'
import type { Frame } from '../support/socket.ts'

const { call, group, close, service } = await startRest({ WS_MAX_CONNECTIONS_PER_USER: '500' })
after(close)

interface Online {
  users: { user_id: string; username: string; display_name: string; connections: number }[]
  total: number
}
const online = async (as: string, groupId: string) =>
  (await call<Online>('GET', `/groups/${groupId}/online`, { as })).body

test('who is connected is told with the number of connections, of a group or of all groups', async () => {
  const { id } = await group('alice', 'bob', 'carol')
  assert.deepEqual(await online('carol', id), { users: [], total: 0 })
  const sockets = [
    await service.socket('bob', `/ws/${id}`),
    await service.socket('alice', '/ws'),
    await service.socket('bob', '/ws'),
  ]
  const named = (user_id: string, connections: number) => ({
    user_id,
    username: user_id,
    display_name: user_id,
    connections,
  })
  assert.deepEqual(await online('carol', id), { users: [named('alice', 1), named('bob', 2)], total: 2 })
  await sockets[0]?.close()
  await eventually('bob has one left', async () => (await online('alice', id)).users[1]?.connections === 1)
  await sockets[1]?.close()
  await eventually('alice is gone', async () => (await online('alice', id)).total === 1)
  await sockets[2]?.close()
})

test('of a group that is not there nobody is told', async () => {
  const answer = await call('GET', `/groups/${'0'.repeat(24)}/online`, { as: 'alice' })
  assert.equal(answer.status, 404)
})

test('of a crowd 500 are listed, all are counted, and what is told of them is bounded', async () => {
  const users = numbers(1, 501).map((n) => `user${n}`)
  const { id } = await group('alice', ...users)
  const watcher = await service.socket('alice', `/ws/${id}`)
  const sockets = await Promise.all(users.map((userId) => service.socket(userId, `/ws/${id}`)))
  const { users: listed, total } = await online('alice', id)
  assert.deepEqual([listed.length, total], [500, 502])
  const people = (frame: Frame) => Number(frame.joined_count ?? (frame.type === 'user_joined' ? 1 : 0))
  const told = () => watcher.frames.reduce((sum, frame) => sum + people(frame), 0)
  await eventually('all are told', () => told() === 501)
  const crowds = watcher.frames.filter(({ type }) => type === 'presence')
  assert.equal(watcher.frames.filter(({ type }) => type === 'user_joined').length, 199)
  assert.ok(crowds.every(({ joined }) => (joined as string[]).length <= 20))
  assert.equal(crowds.at(-1)?.connection_count, 502)
  for (const socket of sockets) socket.ws.terminate()
  await watcher.close()
})
