import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import type { GroupView } from '../../src/domain/group.ts'
import { startRest } from '../support/rest.ts'

const { call, group, service, close } = await startRest()
after(close)

type Listed = GroupView & { notify: string; pinned: boolean; hidden: boolean }

const change = (as: string, id: string, body: unknown) => call('PATCH', `/groups/${id}/me`, { as, body })
const list = async (as: string, query = '') =>
  (await call<{ groups: Listed[]; total: number }>('GET', `/groups${query}`, { as })).body
const names = async (as: string, query = '') => (await list(as, query)).groups.map(({ id }) => id)

test('one sees a group as one likes, and nobody else is told', async () => {
  const { id } = await group('ann', 'bob')
  const [ann, bob] = [await service.socket('ann', '/ws'), await service.socket('bob', '/ws')]
  await Promise.all([ann.next('connected'), bob.next('connected')])
  const first = await change('ann', id, { notify: 'none' })
  assert.deepEqual([first.status, first.body], [200, { notify: 'none', pinned: false, hidden: false }])
  const told = await ann.next('group_preferences')
  assert.deepEqual(told, {
    type: 'group_preferences',
    group_id: id,
    notify: 'none',
    pinned: false,
    hidden: false,
  })
  assert.deepEqual((await change('ann', id, { pinned: true })).body, {
    notify: 'none',
    pinned: true,
    hidden: false,
  })
  const [own] = (await list('ann')).groups
  assert.deepEqual([own?.id, own?.notify, own?.pinned, own?.hidden], [id, 'none', true, false])
  const [others] = (await list('bob')).groups
  assert.deepEqual([others?.notify, others?.pinned, others?.hidden], ['mentions', false, false])
  await change('bob', id, { notify: 'all' })
  assert.equal((await bob.next('group_preferences')).notify, 'all')
  assert.equal(bob.frames.filter(({ type }) => type === 'group_preferences').length, 1)
})

test('what is pinned comes first, what is hidden not at all unless it is asked for', async () => {
  const me = `lister-${randomUUID()}`
  const [one, two, three, four] = [await group(me), await group(me), await group(me), await group(me)]
  const ids = [one, two, three, four].map(({ id }) => id)
  assert.deepEqual(await names(me), ids.toReversed())
  await change(me, one.id, { pinned: true })
  await change(me, three.id, { hidden: true })
  assert.deepEqual(await names(me), [one.id, four.id, two.id])
  assert.equal((await list(me)).total, 3)
  const pages = await Promise.all([1, 2].map((page) => names(me, `?page=${page}&page_size=2`)))
  assert.deepEqual(pages, [[one.id, four.id], [two.id]])
  assert.deepEqual(await names(me, '?hidden=true'), [one.id, four.id, three.id, two.id])
  assert.deepEqual(await names(me, '?hidden=false'), [one.id, four.id, two.id])
  await change(me, one.id, { pinned: false })
  await change(me, three.id, { hidden: false })
  assert.deepEqual(await names(me), ids.toReversed())
})

test('only what there is can be changed, by members', async () => {
  const { id } = await group('ann', 'bob')
  for (const body of [
    {},
    [],
    { notify: 'some' },
    { notify: null },
    { pinned: 1 },
    { hidden: 'yes' },
    { colour: 'red' },
  ])
    assert.equal((await change('ann', id, body)).status, 422, JSON.stringify(body))
  assert.equal((await change('eve', id, { pinned: true })).status, 403)
  assert.equal((await change('root (admin)', id, { pinned: true })).status, 403)
  assert.equal((await change('ann', '0123456789abcdef01234567', { pinned: true })).status, 404)
})

test('a direct chat tells of all, a group of mentions', async () => {
  const me = `chatter-${randomUUID()}`
  await group(me)
  await call('POST', '/direct', { as: me, body: { user_id: 'bob' } })
  const found = await list(me)
  assert.deepEqual(
    found.groups.map(({ kind, notify }) => [kind, notify]),
    [
      ['direct', 'all'],
      ['group', 'mentions'],
    ],
  )
})
