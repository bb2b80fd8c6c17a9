import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { tokenOf } from '../support/api.ts'
import { startRest } from '../support/rest.ts'

const { call, group, send, close, service } = await startRest()
after(close)

const root = 'root (admin)'

async function exported(as: string, whom: string): Promise<Record<string, Record<string, unknown>>[]> {
  const answer = await fetch(`${service.base}/users/${encodeURIComponent(whom)}/export`, {
    headers: { Authorization: `Bearer ${await tokenOf(as)}` },
  })
  const text = await answer.text()
  assert.equal(answer.status, 200, text)
  assert.equal(answer.headers.get('content-type'), 'application/jsonl')
  assert.ok(text.endsWith('\n'))
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

test('everybody exports what is known of themselves, and an operator what is known of others', async () => {
  const { id } = await group('alice', 'bob')
  const kept = await send(id, 'kept', { as: 'alice' })
  await send(id, 'of bob', { as: 'bob' })
  const gone = await send(id, 'deleted', { as: 'alice' })
  await call('DELETE', `/messages/${gone.id}`, { as: 'alice' })
  await call('PUT', `/messages/${kept.id}/reactions/${encodeURIComponent('👍')}`, { as: 'alice' })
  await call('PATCH', `/groups/${id}/me`, { as: 'alice', body: { hidden: true } })

  const own = await exported('alice', 'me')
  assert.deepEqual(
    own.map(({ type }) => String(type)),
    ['profile', 'membership', 'message', 'message', 'reaction'],
  )
  const [profile, membership, ...rest] = own
  assert.equal(profile?.profile?.id, 'alice')
  assert.deepEqual([membership?.membership?.group_id, membership?.membership?.role], [id, 'owner'])
  assert.deepEqual(membership?.read_mark, { group_id: id, seq: 3 })
  const messages = rest.flatMap(({ message }) => (message ? [[message.content, message.is_deleted]] : []))
  assert.deepEqual(messages.sort(), [
    ['deleted', true],
    ['kept', false],
  ])
  assert.deepEqual(rest.at(-1)?.reaction, { message_id: kept.id, emoji: '👍' })

  assert.deepEqual(await exported(root, 'alice'), own)
  const { body: audit } = await call('GET', '/audit?user_id=alice', { as: root })
  assert.deepEqual(
    (audit.entries as { action: string; by: string }[]).map(({ action, by }) => [action, by]),
    [['user_exported', root]],
  )
  const refused = await call('GET', '/users/alice/export', { as: 'bob' })
  assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden'])
})

test('exports have a limit of their own', async () => {
  const statuses: number[] = []
  for (let n = 0; n < 6; n++) {
    const headers = { Authorization: `Bearer ${await tokenOf('eager')}` }
    const answer = await fetch(`${service.base}/users/me/export`, { headers })
    await answer.text()
    statuses.push(answer.status)
  }
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429])
})
