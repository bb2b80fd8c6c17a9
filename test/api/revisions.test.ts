import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Revision } from '../../src/domain/revision.ts'
import { startRest } from '../support/rest.ts'

const { call, group, send, close } = await startRest()
const off = await startRest({ MESSAGE_REVISIONS: 'off' })
after(() => Promise.all([close(), off.close()]))

test('the sender, the owner and operators read what a message said before, others do not', async () => {
  const { id } = await group('owner', 'sender', 'member')
  const message = await send(id, 'one', { as: 'sender' })
  const path = `/messages/${message.id}`
  for (const content of ['two', 'three']) await call('PUT', path, { as: 'sender', body: { content } })
  const read = (as: string) => call<{ revisions: Revision[] }>('GET', `${path}/revisions`, { as })
  for (const as of ['sender', 'owner', 'root (admin)']) {
    const { status, body } = await read(as)
    assert.deepEqual([status, body.revisions.map(({ content }) => content)], [200, ['one', 'two']], as)
    assert.equal(body.revisions[0]?.at as unknown, message.created_at)
  }
  for (const as of ['member', 'eve']) assert.equal((await read(as)).status, 403)
  await call('DELETE', path, { as: 'sender' })
  assert.equal((await read('sender')).status, 404)
  assert.equal((await read('root (admin)')).status, 404)
})

test('none are kept where they are turned off', async () => {
  const { id } = await off.group('owner')
  const message = await off.send(id, 'one', { as: 'owner' })
  await off.call('PUT', `/messages/${message.id}`, { as: 'owner', body: { content: 'two' } })
  assert.equal((await off.call('GET', `/messages/${message.id}/revisions`, { as: 'owner' })).status, 404)
})
