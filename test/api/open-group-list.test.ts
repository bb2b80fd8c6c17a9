import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import type { GroupView } from '../../src/domain/group.ts'
import { startRest } from '../support/rest.ts'

const { call, send, close } = await startRest()
after(close)

type Listed = GroupView & { is_member: boolean }

const make = async (as: string, name: string, visibility = 'open') =>
  (await call<GroupView>('POST', '/groups', { as, body: { name, visibility } })).body
const list = async (as: string, query = '') =>
  (
    await call<{ groups: Listed[]; total: number; has_more: boolean }>('GET', `/groups?scope=open${query}`, {
      as,
    })
  ).body

test('open groups are listed to all, newest first, with whether one is in them', async () => {
  const word = randomUUID().slice(0, 8)
  const [one, two] = [await make('ann', `Tea ${word}`), await make('bob', `${word} cake`)]
  await make('ann', `${word} secret`, 'private')
  const found = await list('ann', `&q=${word}`)
  assert.deepEqual(
    found.groups.map(({ id, is_member }) => [id, is_member]),
    [
      [two.id, false],
      [one.id, true],
    ],
  )
  assert.equal(found.total, 2)
  const newest = await list('eve', '&page_size=2')
  assert.deepEqual(
    newest.groups.map(({ id }) => id),
    [two.id, one.id],
  )
  await call('POST', `/groups/${two.id}/join`, { as: 'ann' })
  assert.deepEqual(
    (await list('ann', `&q=${word}&sort=name`)).groups.map(({ is_member }) => is_member),
    [true, true],
  )
  await send(one.id, 'hello', { as: 'ann' })
  assert.equal((await list('eve', `&q=${word}&sort=activity`)).groups[0]?.id, one.id)
})

test('one that the caller is banned from, or that becomes private or is deleted, is not listed', async () => {
  const word = randomUUID().slice(0, 8)
  const made = [
    await make('ann', `${word} a`),
    await make('ann', `${word} b`),
    await make('ann', `${word} c`),
  ]
  const ids = made.map(({ id }) => id)
  await call('PUT', `/groups/${ids[0]}/bans/eve`, { as: 'ann', body: {} })
  const seen = async (as: string, query = '') => {
    const { groups } = await list(as, query)
    return ids.filter((id) => groups.some((group) => group.id === id))
  }
  for (const query of ['', `&q=${word}`]) {
    assert.deepEqual(await seen('eve', query), ids.slice(1))
    assert.deepEqual(await seen('bob', query), ids)
  }
  await call('DELETE', `/groups/${ids[0]}/bans/eve`, { as: 'ann' })
  await call('PUT', `/groups/${ids[1]}`, { as: 'ann', body: { visibility: 'private' } })
  await call('DELETE', `/groups/${ids[2]}`, { as: 'ann' })
  assert.deepEqual(await seen('eve'), ids.slice(0, 1))
})

test('what is no scope or order is refused', async () => {
  for (const query of ['scope=all', 'scope=open&sort=size', 'scope='])
    assert.equal((await call('GET', `/groups?${query}`, { as: 'ann' })).status, 422, query)
})
