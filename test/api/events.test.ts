import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { ProblemView } from '../support/api.ts'
import { startRest } from '../support/rest.ts'

const { call, group, send, close } = await startRest()
after(close)

interface EventPage extends Partial<ProblemView> {
  events: ({ type: string; cursor: string } & Record<string, unknown>)[]
  cursor: string
  has_more: boolean
}

const since = (groupId: string, query: string) =>
  call<EventPage>('GET', `/groups/${groupId}/events${query}`, { as: 'bob' })

test('without a cursor there is only the present one', async () => {
  const { id } = await group('alice', 'bob')
  await send(id, 'earlier', { as: 'alice' })
  const { status, body } = await since(id, '')
  assert.deepEqual([status, body.events, body.has_more], [200, [], false])
  assert.deepEqual((await since(id, `?after=${body.cursor}`)).body, body)
})

test('everything that happened is told once and in order, page by page', async () => {
  const { id } = await group('alice', 'bob')
  const start = (await since(id, '')).body.cursor
  const first = await send(id, 'first', { as: 'alice' })
  const second = await send(id, 'second', { as: 'alice' })
  await call('DELETE', `/messages/${first.id}`, { as: 'alice' })
  await call('PUT', `/groups/${id}`, {
    as: 'alice',
    body: { name: 'Renamed', authorized_user_ids: ['alice', 'bob', 'carol'] },
  })
  await call('PUT', `/groups/${id}`, { as: 'alice', body: { authorized_user_ids: ['alice', 'bob'] } })

  const told: EventPage['events'] = []
  let cursor = start
  for (let more = true; more; ) {
    const { status, body } = await since(id, `?after=${cursor}&limit=2`)
    assert.equal(status, 200)
    told.push(...body.events)
    cursor = body.cursor
    more = body.has_more
  }
  assert.deepEqual(told.map(({ type }) => type).sort(), [
    'group_updated',
    'member_added',
    'member_removed',
    'message_deleted',
    'new_message',
  ])
  assert.equal(told[0]?.message_id, first.id, 'a message deleted since is told as such, at its place')
  assert.deepEqual(told[1]?.message, second)
  assert.equal(new Set(told.map((event) => event.cursor)).size, told.length)
  assert.deepEqual((await since(id, `?after=${cursor}`)).body.events, [])
})

test('a cursor that cannot be continued is answered with one resync', async () => {
  const { id } = await group('alice', 'bob')
  const { cursor } = (await since(id, '')).body
  const [epoch] = cursor.split('.')
  for (const [after, reason] of [
    ['another.0.0', 'epoch'],
    [`${epoch}.5.0`, 'ahead'],
  ]) {
    const { status, body } = await since(id, `?after=${after}`)
    assert.equal(status, 200)
    assert.deepEqual(body.events, [{ type: 'resync', group_id: id, cursor, reason }])
    assert.equal(body.cursor, cursor)
  }
})

test('what is no cursor is 400, what is no limit 422', async () => {
  const { id } = await group('alice', 'bob')
  for (const after of ['x', '', '1.2', 'a.b.c', 'e.1.1.1', 'e.-1.0', 'e.1e3.0'])
    assert.equal((await since(id, `?after=${after}`)).status, 400, after)
  for (const limit of ['0', '101', 'x']) assert.equal((await since(id, `?limit=${limit}`)).status, 422, limit)
})
