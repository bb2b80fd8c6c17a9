import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageOfGroups } from '../../src/domain/group-list.ts'

const group = (id: string, name: string, createdAt: number, lastMessageAt: number | null = null) => ({
  id,
  name,
  createdAt,
  lastMessageAt,
})
const all = [group('1', 'b', 1, 9), group('2', 'a', 2), group('3', 'a', 5), group('4', 'É c', 3, 5)]
const page = (over: object) => pageOfGroups(all, { offset: 0, limit: 10, ...over })

test('each order has one place for each group', () => {
  assert.deepEqual(page({}).ids, ['3', '4', '2', '1'])
  assert.deepEqual(page({ sort: 'name' }).ids, ['2', '3', '1', '4'])
  assert.deepEqual(page({ sort: 'activity' }).ids, ['1', '3', '4', '2'], 'without messages: when it was made')
  assert.deepEqual(page({ sort: 'name', offset: 1, limit: 2 }), { ids: ['3', '1'], total: 4 })
})

test('words begin after what is no letter and no digit', () => {
  const found = (name: string, q: string) =>
    pageOfGroups([group('1', name, 1)], { offset: 0, limit: 1, q }).total
  for (const [name, q] of [
    ['Team', 't'],
    ['the team', 'TEAM'],
    ['a-team', 'team'],
    ['🎉team', 'team'],
    ['ttteam team', 'team'],
    ['e\u0301cole', 'é'],
    ['Team', ' '],
  ] as const)
    assert.equal(found(name, q), 1, `${name} has ${q}`)
  for (const [name, q] of [
    ['steam', 'team'],
    ['1team', 'team'],
    ['team', 'teams'],
  ] as const)
    assert.equal(found(name, q), 0, `${name} has no ${q}`)
})
