import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import { eventually } from '../support/eventually.ts'
import { startRest } from '../support/rest.ts'

const { call, group, send, close, service } = await startRest({ MESSAGE_RETENTION_DAYS: '30' })
after(close)

const dayMs = 24 * 3_600_000
const root = 'root (admin)'

interface Page {
  messages: MessageView[]
  total: number
  cursor: string
}

const page = async (id: string, query = '', as = 'alice') =>
  (await call<Page>('GET', `/groups/${id}/messages${query}`, { as })).body

interface Told {
  type: string
  seq?: number
  up_to_seq?: number
}
const eventsAfter = async (id: string, cursor: string) =>
  (
    await call<{ events: Told[]; cursor: string }>('GET', `/groups/${id}/events?after=${cursor}`, {
      as: 'alice',
    })
  ).body.events

test('what is older than its group keeps it is cleared, told, and stays so', async () => {
  const { id } = await group('alice', 'bob')
  const short = await group('alice')
  service.setBack(31 * dayMs)
  const first = await send(id, 'one', { as: 'alice' })
  const early = await page(id)
  await send(id, 'two', { as: 'bob' })
  await send(short.id, 'short', { as: 'alice' })
  const before = await page(id)
  service.setBack(-31 * dayMs)
  const socket = await service.socket('bob', `/ws/${id}`)
  await socket.next('connected')

  await send(id, 'young', { as: 'alice' })
  const young = await call('POST', `/groups/${short.id}/messages`, { as: 'alice', body: { content: 'now' } })
  assert.equal(young.status, 201)
  // Whoever changes what a group keeps need not wait for the next round.
  const set = await call('PUT', `/groups/${short.id}`, { as: 'alice', body: { retention_days: 1 } })
  assert.equal(set.body.retention_days, 1)
  const told = await socket.next('history_cleared')
  assert.deepEqual([told.group_id, told.up_to_seq, typeof told.cursor], [id, 2, 'string'])
  await eventually('the other group is cleared, too', async () => (await page(short.id)).total === 1)

  const { messages, total } = await page(id)
  assert.deepEqual([messages.map(({ content }) => content), total], [['young'], 1])
  assert.equal((await call('GET', `/messages/${first.id}`, { as: 'alice' })).status, 404)
  const all = await page(id, '?include_deleted=true', root)
  assert.deepEqual(
    all.messages.map(({ seq, content, is_deleted }) => [seq, content, is_deleted]),
    [
      [3, 'young', false],
      [2, '', true],
      [1, '', true],
    ],
  )
  const restored = await call('POST', `/messages/${first.id}/restore`, { as: root })
  assert.deepEqual([restored.status, restored.body.code], [409, 'wiped'])
  const shown = (await call('GET', `/groups/${id}`, { as: 'bob' })).body
  assert.deepEqual(
    [shown.seq, shown.unread_count, (shown.last_message as MessageView).content],
    [3, 1, 'young'],
  )

  const missed = (events: Told[]) => events.map(({ type, seq, up_to_seq }) => [type, up_to_seq ?? seq])
  assert.deepEqual(missed(await eventsAfter(id, before.cursor)), [
    ['new_message', undefined],
    ['history_cleared', 2],
  ])
  assert.deepEqual(missed(await eventsAfter(id, early.cursor)), [
    ['message_deleted', 2],
    ['new_message', undefined],
    ['history_cleared', 2],
  ])
  await socket.close()
})
