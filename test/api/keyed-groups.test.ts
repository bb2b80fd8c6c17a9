import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { GroupView } from '../../src/domain/group.ts'
import { startRest } from '../support/rest.ts'

const { call, close } = await startRest()
after(close)

const make = (as: string, key: unknown, body: object = {}) =>
  call<GroupView>('POST', '/groups', { as, body: { name: 'Keyed', key, ...body } })

test('the same key is the same group, as it is by now', async () => {
  const first = await make('ann', 'project 7', { description: 'first', visibility: 'open' })
  assert.equal(first.status, 201)
  assert.equal(first.headers.get('location'), `/api/chat/groups/${first.body.id}`)
  const again = await make('ann', 'project 7', { name: 'Other', description: 'second' })
  assert.deepEqual([again.status, again.body], [200, first.body])
  assert.notEqual((await make('ann', 'project 8')).body.id, first.body.id)
  assert.notEqual((await make('bob', 'project 7')).body.id, first.body.id)
})

test('when many ask at once there is one', async () => {
  const asked = await Promise.all(Array.from({ length: 8 }, () => make('cem', 'at once')))
  assert.equal(new Set(asked.map(({ body }) => body.id)).size, 1)
  assert.equal(asked.filter(({ status }) => status === 201).length, 1)
})

test('after a deletion the key makes another group', async () => {
  const ids = new Set<string>()
  for (let i = 0; i < 3; i++) {
    const { status, body } = await make('dan', 'again')
    assert.equal(status, 201)
    ids.add(body.id)
    assert.equal((await call('DELETE', `/groups/${body.id}`, { as: 'dan' })).status, 204)
    assert.equal((await call('GET', `/groups/${body.id}`, { as: 'dan' })).status, 404)
  }
  assert.equal(ids.size, 3)
})

test('one who is in the group no more does not come in by the key', async () => {
  const { body } = await make('eve', 'left', { authorized_user_ids: ['fay'] })
  await call('PATCH', `/groups/${body.id}/members/fay`, { as: 'eve', body: { role: 'owner' } })
  assert.equal((await call('DELETE', `/groups/${body.id}/members/eve`, { as: 'eve' })).status, 204)
  assert.equal((await make('eve', 'left')).status, 403)
})

test('a key has 1 to 128 characters', async () => {
  for (const key of ['', ' ', 'k'.repeat(129), 7, null, ['k'], { $gt: '' }, '\ud800'])
    assert.equal((await make('ann', key)).status, 422, JSON.stringify(key))
  for (const key of ['k'.repeat(128), '😀'.repeat(128), 'a/b ü?#%'])
    assert.equal((await make('ann', key)).status, 201, key)
})
