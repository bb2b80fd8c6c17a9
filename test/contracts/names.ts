import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '../../src/store/store.ts'
import { admin, failsWith, newGroup, newId, numbers, t0, user } from '../support/samples.ts'

export function nameContract(store: () => Store): void {
  const create = (name: string, incarnation: number, members = ['ann']) =>
    store().groups.create(newGroup({ members, owner: 'ann' }), { name, incarnation })

  test('a name counts the groups that it had', async () => {
    const name = newId()
    assert.equal(await store().names.incarnation(name), 0)
    for (const incarnation of [0, 1, 2]) {
      const { value: group } = await create(name, incarnation)
      assert.equal(await store().names.incarnation(name), incarnation)
      await store().groups.delete(group.id, user('ann'), t0)
      assert.equal(await store().names.incarnation(name), incarnation + 1)
    }
    assert.equal(await store().names.incarnation(newId()), 0)
  })

  test('it counts on also when the last member leaves, and not for a group of no name', async () => {
    const name = newId()
    const { value: named } = await create(name, 0)
    const { value: other } = await store().groups.create(newGroup({ members: ['ann'], owner: 'ann' }))
    await store().groups.delete(other.id, admin, t0)
    assert.equal(await store().names.incarnation(name), 0)
    const { value } = await store().members.remove(named.id, 'ann', user('ann'), t0)
    assert.equal(value, 'group_deleted')
    assert.equal(await store().names.incarnation(name), 1)
  })

  test('a group of an earlier incarnation can be made no more, however large it is', async () => {
    const name = newId()
    const { value: group } = await create(name, 0)
    await store().groups.delete(group.id, user('ann'), t0)
    for (const members of [['ann'], numbers(1, 500).map((n) => `user ${n}`)]) {
      const late = newGroup({ members, owner: 'ann' })
      await assert.rejects(store().groups.create(late, { name, incarnation: 0 }), failsWith('conflict'))
      assert.equal(await store().groups.read(late.id), null)
      assert.equal(
        (await store().groups.list(members[0] ?? '', { offset: 0, limit: 1 })).groups[0]?.id === late.id,
        false,
      )
    }
    await create(
      name,
      1,
      numbers(1, 500).map((n) => `member ${n}`),
    )
    assert.equal(await store().names.incarnation(name), 1)
  })

  test('an id that is taken is a conflict, and the name stays as it is', async () => {
    const name = newId()
    const { value: group } = await create(name, 0)
    await assert.rejects(store().groups.create(group, { name, incarnation: 0 }), failsWith('conflict'))
    assert.equal(await store().names.incarnation(name), 0)
    await store().groups.delete(group.id, user('ann'), t0)
    assert.equal(await store().names.incarnation(name), 1)
  })
}
