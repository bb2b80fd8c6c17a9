import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startRest } from '../support/rest.ts'

const { call, group, send, close } = await startRest({ RATE_LIMIT_REPORTS: '5' })
after(close)

const root = 'root (admin)'
const report = (as: string, id: string, body: object = { reason: 'spam' }) =>
  call('POST', `/messages/${id}/reports`, { as, body })

test('who may read a message reports it, once; operators read that, and close it', async () => {
  const { id } = await group('alice', 'bob', 'carol')
  const message = await send(id, 'buy this', { as: 'carol' })
  const made = await report('bob', message.id, { reason: 'It sells things.' })
  assert.equal(made.status, 201)
  const { id: reportId, created_at, ...rest } = made.body
  assert.deepEqual(rest, {
    message_id: message.id,
    group_id: id,
    reason: 'It sells things.',
    status: 'open',
  })
  const again = await report('bob', message.id)
  assert.deepEqual([again.status, again.body], [200, made.body])
  assert.equal((await report('alice', message.id)).status, 201, 'another’s report is another')

  const listed = async (query: string) =>
    (await call<{ reports: { id: string }[]; next: string | null }>('GET', `/reports?${query}`, { as: root }))
      .body
  const open = await listed('status=open')
  const own = open.reports.find((each) => each.id === reportId)
  assert.deepEqual(own, {
    ...made.body,
    sender_id: 'carol',
    reporter_id: 'bob',
    note: '',
    decided_by: null,
    decided_at: null,
  })
  assert.deepEqual([open.reports.length, open.next], [2, null])
  assert.equal((await listed('status=open&limit=1')).reports.length, 1)

  const body = { status: 'resolved', note: 'Warned.' }
  const closed = await call('PATCH', `/reports/${reportId}`, { as: root, body })
  assert.equal(closed.status, 200)
  assert.deepEqual(
    [closed.body.status, closed.body.note, closed.body.decided_by],
    ['resolved', 'Warned.', root],
  )
  assert.equal((await listed('status=open')).reports.length, 1)
  assert.deepEqual(
    (await listed('status=resolved')).reports.map((each) => each.id),
    [reportId],
  )
  const { body: audit } = await call('GET', `/audit?group_id=${id}`, { as: root })
  assert.deepEqual(
    (audit.entries as { action: string }[]).map(({ action }) => action),
    ['report_resolved'],
  )
})

test('what is no report, or of what is not there, is refused', async () => {
  const { id } = await group('dora', 'carol')
  const message = await send(id, 'hi', { as: 'carol' })
  const codes: [number, Promise<{ status: number }>][] = [
    [403, report('outsider', message.id)],
    [404, report('dora', 'f'.repeat(24))],
    [422, report('dora', message.id, {})],
    [422, report('dora', message.id, { reason: ' ' })],
    [422, report('dora', message.id, { reason: 'x'.repeat(1_001) })],
    [403, call('GET', '/reports', { as: 'dora' })],
    [422, call('GET', '/reports?status=new', { as: root })],
    [400, call('GET', '/reports?before=nonsense', { as: root })],
    [404, call('PATCH', `/reports/${'f'.repeat(24)}`, { as: root, body: { status: 'resolved' } })],
    [422, call('PATCH', `/reports/${'f'.repeat(24)}`, { as: root, body: { status: 'open' } })],
    [403, call('PATCH', `/reports/${'f'.repeat(24)}`, { as: 'dora', body: { status: 'resolved' } })],
  ]
  for (const [status, answer] of codes) assert.equal((await answer).status, status)
  await call('DELETE', `/messages/${message.id}`, { as: 'carol' })
  assert.equal((await report('dora', message.id)).status, 404, 'a deleted message')
})

test('reports have a limit of their own', async () => {
  const { id } = await group('eager', 'carol')
  const statuses: number[] = []
  for (let n = 0; n < 6; n++) {
    const message = await send(id, `${n}`, { as: 'carol' })
    statuses.push((await report('eager', message.id)).status)
  }
  assert.deepEqual(statuses, [201, 201, 201, 201, 201, 429])
})
