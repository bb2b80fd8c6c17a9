import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GroupPatch, GroupWithMembers } from '../../src/domain/group.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, aMember, aSend, failsWith, newId, numbers, t0, user } from '../support/samples.ts'

export function memberContract(store: () => Store): void {
  const change = (group: GroupWithMembers, patch: GroupPatch, at: number) =>
    store().groups.update(group.id, patch, admin, at)
  const memberOf = async (group: GroupWithMembers, userId: string) =>
    (await store().members.read(group.id, userId))?.member

  test('a member is known by group and user: what they are, and since when', async () => {
    const made = await aGroup(store(), { members: ['ann', 'bob'], owner: 'ann' })
    const { authorizedUserIds: _, ...group } = made
    const nobody = { group, member: null, mutedUntil: null, ban: null }
    const ann = aMember('ann', { role: 'owner' })
    assert.deepEqual(await store().members.read(made.id, 'ann'), { ...nobody, member: ann })
    assert.deepEqual(await store().members.read(made.id, 'bob'), { ...nobody, member: aMember('bob') })
    assert.deepEqual(await store().members.read(made.id, 'eve'), nobody)
    assert.equal(await store().members.read(newId(), 'ann'), null)
  })

  test('who shares a group is known, whatever group it is', async () => {
    const run = newId()
    const [ann, bob, cem, dee] = ['ann', 'bob', 'cem', 'dee'].map((name) => `${name} ${run}`) as [
      string,
      string,
      string,
      string,
    ]
    await aGroup(store(), { members: [ann, bob] })
    const left = await aGroup(store(), { members: [dee, ann] })
    await aGroup(store(), { members: [bob, cem] })
    const shared = async (userId: string) =>
      [...(await store().members.sharing(userId, [ann, bob, cem, dee, newId()]))].filter(
        (id) => id !== userId,
      )
    assert.deepEqual(await shared(ann), [bob, dee])
    assert.deepEqual(await shared(bob), [ann, cem])
    await store().groups.delete(left.id, admin, t0)
    assert.deepEqual(await shared(dee), [])
    assert.deepEqual(await shared(newId()), [])
  })

  test('who joins later is a member since then, and who stays since before', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    await change(group, { authorizedUserIds: ['cem', 'ann', 'bob'] }, t0 + 5)
    await change(group, { authorizedUserIds: ['bob', 'cem', 'dee'] }, t0 + 7)
    assert.deepEqual(await memberOf(group, 'cem'), aMember('cem', { joinedAt: t0 + 5 }))
    assert.equal((await memberOf(group, 'bob'))?.joinedAt, t0)
    assert.equal((await memberOf(group, 'dee'))?.joinedAt, t0 + 7)
    assert.equal(await memberOf(group, 'ann'), null)

    await change(group, { authorizedUserIds: ['bob', 'cem', 'dee', 'ann'] }, t0 + 9)
    assert.equal((await memberOf(group, 'ann'))?.joinedAt, t0 + 9)
  })

  test('what a membership tells of the group is as the group is now', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    await store().members.read(group.id, 'ann')
    await change(group, { name: 'Renamed' }, t0 + 5)
    assert.equal((await store().members.read(group.id, 'ann'))?.group.name, 'Renamed')
    await store().groups.delete(group.id, admin, t0)
    assert.equal(await store().members.read(group.id, 'ann'), null)
  })

  test('of some users those who are members, by any name', async () => {
    const strange = ['$gt', "a'b", '{"$ne":1}', '👩‍👩‍👧', 'a:b', '__proto__']
    const group = await aGroup(store(), { members: ['ann', ...strange] })
    for (const ask of [store().members.among, store().members.confirm]) {
      const found = await ask(group.id, ['eve', ...strange, 'bob', 'eve'])
      assert.deepEqual([...(found?.userIds ?? [])].sort(), strange.toSorted())
      assert.equal(found?.group.name, group.name)
      assert.equal(await ask(newId(), ['ann']), null)
      assert.equal((await ask(group.id, []))?.userIds.size, 0)
    }
    for (const userId of strange) assert.equal((await memberOf(group, userId))?.userId, userId)
  })

  test('of very many users too', async () => {
    const members = numbers(1, 2_000).map((n) => `user ${n}`)
    const group = await aGroup(store(), { members })
    const asked = numbers(1_500, 3_000).map((n) => `user ${n}`)
    const found = await store().members.among(group.id, asked)
    assert.deepEqual([...(found?.userIds ?? [])].sort(), members.slice(1_499).sort())
  })

  test('who was removed may not write from then on, and who was added may', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    const send = (userId: string) => store().messages.append(aSend(group, { senderId: userId }), user(userId))
    await send('bob')
    await assert.rejects(send('cem'), failsWith('forbidden'))
    await change(group, { authorizedUserIds: ['ann', 'cem'] }, t0 + 1)
    await send('cem')
    await assert.rejects(send('bob'), failsWith('forbidden'))
  })
}
