import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { AuditEntryView } from '../../src/domain/audit.ts'
import { startRest } from '../support/rest.ts'

const { call, group, send, close, service } = await startRest()
after(close)

const root = 'root (admin)'

interface Page {
  entries: AuditEntryView[]
  next: string | null
}

const audit = async (query: string) => {
  const answer = await call<Page>('GET', `/audit?${query}`, { as: root })
  assert.equal(answer.status, 200, answer.text)
  return answer.body
}

test('an operator reads who did what to whom in a group, page by page; nobody else does', async () => {
  const { id } = await group('alice', 'bob', 'carol')
  const message = await send(id, 'spam', { as: 'bob' })
  const must = async (method: string, path: string, body?: object, as = 'alice') =>
    assert.ok((await call(method, path, { as, ...(body && { body }) })).status < 300, path)
  await must('PATCH', `/groups/${id}/members/carol`, { role: 'admin' })
  await must('DELETE', `/messages/${message.id}`, undefined, 'carol')
  await must('POST', `/messages/${message.id}/restore`, undefined, root)
  await must('PUT', `/groups/${id}/bans/bob`, { reason: 'spam' })

  const { entries, next } = await audit(`group_id=${id}`)
  assert.equal(next, null)
  assert.deepEqual(
    entries.map(({ action, by, user_id, message_id, detail }) => [action, by, user_id, message_id, detail]),
    [
      ['user_banned', 'alice', 'bob', null, { until: null }],
      ['message_restored', root, 'bob', message.id, {}],
      ['message_deleted', 'carol', 'bob', message.id, {}],
      ['member_promoted', 'alice', 'carol', null, { from: 'member', to: 'admin' }],
    ],
  )
  for (const { at, group_id } of entries) {
    assert.ok(Date.now() - Date.parse(at) < 60_000)
    assert.equal(group_id, id)
  }
  const ofCarol = await audit(`group_id=${id}&user_id=carol`)
  assert.deepEqual(ofCarol.entries, entries.slice(2), 'who did it, and whom it was done to')

  const first = await audit(`group_id=${id}&limit=3`)
  assert.deepEqual(first.entries, entries.slice(0, 3))
  const second = await audit(`group_id=${id}&limit=3&before=${first.next}`)
  assert.deepEqual([second.entries, second.next], [entries.slice(3), null])

  const refused = await call('GET', '/audit', { as: 'alice' })
  assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden'])
  for (const query of ['limit=0', 'limit=101', 'group_id=x', 'user_id=..'])
    assert.equal((await call('GET', `/audit?${query}`, { as: root })).status, 422, query)
  assert.equal((await call('GET', '/audit?before=nonsense', { as: root })).status, 400)
})

test('what is done over a socket is there before it is acknowledged', async () => {
  const { id } = await group('alice', 'bob')
  const message = await send(id, 'spam', { as: 'bob' })
  const socket = await service.socket('alice', `/ws/${id}`)
  assert.equal((await socket.ask({ type: 'delete', message_id: message.id })).type, 'ack')
  assert.deepEqual(
    (await audit(`group_id=${id}`)).entries.map(({ message_id }) => message_id),
    [message.id],
  )
  await socket.close()
})
