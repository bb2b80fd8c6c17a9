import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memberData } from '../../src/domain/changes.ts'
import { type GroupPatch, type GroupWithMembers, groupTag } from '../../src/domain/group.ts'
import type { Store } from '../../src/store/store.ts'
import {
  admin,
  aGroup,
  aMember,
  aSend,
  erase,
  failsWith,
  history,
  mostMembers,
  newGroup,
  newId,
  numbers,
  t0,
  user,
} from '../support/samples.ts'

export function groupContract(store: () => Store): void {
  test('a group is read as it was made, members in the order given', async () => {
    const group = await aGroup(store(), { members: ['zoe', 'ann', 'mia'], updatedAt: t0 + 5 })
    assert.deepEqual(await store().groups.read(group.id), group)
    assert.deepEqual(await store().groups.readSummary(group.id), { ...group, memberCount: 3 })
  })

  test('a group is read as it was made, with all that may be set', async () => {
    const group = await aGroup(store(), {
      members: ['ann', 'bob'],
      ownerIds: ['bob', 'ann'],
      kind: 'group',
      visibility: 'open',
      postPolicy: 'admins',
      metadata: { colour: 'red', tags: ['$gt', { 'a.b': null }], __proto_: 1 },
      avatarUrl: 'https://example.com/a.png?x=1#y',
      retentionDays: 30,
    })
    assert.deepEqual(await store().groups.read(group.id), group)
    const direct = await aGroup(store(), { members: ['ann', 'bob'], owner: null, kind: 'direct', name: '' })
    assert.deepEqual(await store().groups.read(direct.id), direct)
    assert.deepEqual((await store().members.read(group.id, 'ann'))?.group.ownerIds, ['bob', 'ann'])
  })

  test('each group gets a number of its own, which nobody had before, not even a deleted one', async () => {
    const first = await aGroup(store())
    const large = await aGroup(store(), { members: numbers(1, 500).map((n) => `user ${n}`) })
    await assert.rejects(store().groups.create(first), failsWith('conflict'))
    await store().groups.delete(large.id, admin, t0)
    const next = await Promise.all(numbers(1, 5).map(() => aGroup(store())))
    const found = [first, large, ...next].map(({ number }) => number ?? 0)
    assert.equal(new Set(found).size, 7)
    assert.ok(found.every((number) => Number.isInteger(number) && number >= 1))
    assert.ok(next.every(({ number }) => Number(number) > Number(large.number)))
    assert.ok(Number(large.number) > Number(first.number))
    assert.equal((await store().groups.readSummary(first.id))?.number, first.number)
  })

  test('a group with more members than there may be is not made', async () => {
    const members = numbers(0, mostMembers).map((n) => `user ${n}`)
    const group = newGroup({ members })
    await assert.rejects(store().groups.create(group), failsWith('group_full'))
    assert.equal(await store().groups.read(group.id), null)
    await aGroup(store(), { id: group.id })
  })

  test('a group without owner, description and members', async () => {
    const group = await aGroup(store(), { owner: null, description: '' })
    assert.deepEqual(await store().groups.read(group.id), group)
  })

  test('text is kept as it is', async () => {
    const strange = [
      '__proto__',
      'constructor',
      '$gt',
      'a\'b"c;--',
      'tab\there',
      '👩‍👩‍👧 ß Ωمرحبا',
      '%_*?',
      '0x10',
      ' ',
    ]
    const group = await aGroup(store(), {
      members: strange,
      name: strange.join('|'),
      description: '{"$ne":1}',
    })
    assert.deepEqual(await store().groups.read(group.id), group)
    for (const userId of strange) {
      const send = aSend(group, { senderId: userId, content: `${userId}\n😀` })
      const { value: message } = await store().messages.append(send, user(userId))
      assert.deepEqual(await store().messages.read(message.id), message)
      assert.equal(message.content, `${userId}\n😀`)
      assert.equal(message.senderId, userId)
    }
  })

  test('no such group: null', async () => {
    assert.equal(await store().groups.read(newId()), null)
    assert.equal(await store().groups.readSummary(newId()), null)
  })

  test('a second group under the same id is a conflict, and the first stays', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const second = { ...group, name: 'Other', authorizedUserIds: ['bob'] }
    await assert.rejects(store().groups.create(second), failsWith('conflict'))
    assert.deepEqual(await store().groups.read(group.id), group)
  })

  test('groups.list: those that list the user, newest first, in pages, with the total', async () => {
    const [ann, bob] = [newId(), newId()]
    const oldest = await aGroup(store(), { members: [bob, ann], createdAt: t0 + 1 })
    const newest = await aGroup(store(), { members: [ann], createdAt: t0 + 3 })
    const middle = await aGroup(store(), { members: [ann, bob], createdAt: t0 + 2 })
    await aGroup(store(), { members: [bob], owner: ann, createdAt: t0 + 4 })

    const list = (userId: string, offset: number, limit: number) =>
      store().groups.list(userId, { offset, limit })
    const listed = (...groups: GroupWithMembers[]) =>
      groups.map((group) => ({ ...group, memberCount: group.authorizedUserIds.length }))
    assert.deepEqual(await list(ann, 0, 10), { groups: listed(newest, middle, oldest), total: 3 })
    assert.deepEqual(await list(ann, 1, 1), { groups: listed(middle), total: 3 })
    assert.deepEqual(await list(ann, 3, 5), { groups: [], total: 3 })
    assert.deepEqual(await store().groups.listIds(ann, 10), [newest.id, middle.id, oldest.id])
    assert.deepEqual(await store().groups.listIds(ann, 2), [newest.id, middle.id])
    assert.deepEqual(await list(newId(), 0, 5), { groups: [], total: 0 })
  })

  test('groups.listNames: of some groups those that list the user', async () => {
    const [ann, bob] = [newId(), newId()]
    const both = await aGroup(store(), { members: [bob, ann], name: 'Both' })
    const own = await aGroup(store(), { members: [ann], name: 'Own' })
    const other = await aGroup(store(), { members: [bob], owner: ann })
    await aGroup(store(), { members: [ann] })
    const names = async (userId: string, ...ids: string[]) =>
      new Map((await store().groups.listNames(userId, ids)).map(({ id, name }) => [id, name]))
    const all = [own.id, other.id, both.id, newId()]
    const found = new Map([
      [own.id, 'Own'],
      [both.id, 'Both'],
    ])
    assert.deepEqual(await names(ann, ...all), found)
    await store().groups.update(both.id, { authorizedUserIds: [bob] }, admin, t0)
    assert.deepEqual(await names(ann, ...all), new Map([[own.id, 'Own']]))
    await store().groups.delete(own.id, admin, t0)
    assert.deepEqual(await names(ann, ...all), new Map())
    assert.deepEqual(await names(ann), new Map())
  })

  test('groups.list: of a large group the first members, and how many there are; the same after changes', async () => {
    const ann = newId()
    const others = numbers(1, 150).map((n) => `user ${n}`)
    const group = await aGroup(store(), { members: [ann, ...others] })
    const first = async () => (await store().groups.list(ann, { offset: 0, limit: 1 })).groups[0]
    assert.deepEqual((await first())?.authorizedUserIds, [ann, ...others].slice(0, 100))
    assert.equal((await first())?.memberCount, 151)
    const ifTag = groupTag(group)
    const authorizedUserIds = [ann, ...others.slice(10), 'newcomer']
    await store().groups.update(group.id, { authorizedUserIds, ifTag }, admin, t0)
    assert.deepEqual((await first())?.authorizedUserIds, authorizedUserIds.slice(0, 100))
    assert.equal((await first())?.memberCount, 142)
    assert.deepEqual((await store().groups.read(group.id))?.authorizedUserIds, authorizedUserIds)
  })

  test('groups.update: the members of a large group change only by who has read them all', async () => {
    const members = numbers(1, 101).map((n) => `user ${n}`)
    const group = await aGroup(store(), { members })
    const change = (over: object) => store().groups.update(group.id, { ...over }, admin, t0)
    await assert.rejects(
      change({ authorizedUserIds: members.slice(0, 100) }),
      failsWith('precondition_required'),
    )
    await assert.rejects(change({ name: 'x', ifTag: 'another' }), failsWith('precondition_failed'))
    await change({ name: 'Another' })
    await assert.rejects(
      change({ authorizedUserIds: ['user 1'], ifTag: groupTag(group) }),
      failsWith('precondition_failed'),
    )
    const now = await store().groups.read(group.id)
    assert.ok(now)
    await change({ authorizedUserIds: ['user 1'], ifTag: groupTag(now) })
    assert.deepEqual((await store().groups.read(group.id))?.authorizedUserIds, ['user 1'])
  })

  test('groups.list: groups made in the same millisecond are each on one page', async () => {
    const ann = newId()
    const made = await Promise.all(Array.from({ length: 7 }, () => aGroup(store(), { members: [ann] })))
    const listed: string[] = []
    for (let offset = 0; offset < 7; offset += 2) {
      const { groups, total } = await store().groups.list(ann, { offset, limit: 2 })
      listed.push(...groups.map((group) => group.id))
      assert.equal(total, 7)
    }
    assert.deepEqual(listed.sort(), made.map((group) => group.id).sort())
  })

  test('groups.update: name and description are one logged change', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const messages = await history(store(), group, 3)
    await erase(store(), [messages[0]])

    const updated = await store().groups.update(
      group.id,
      { name: 'New', description: '' },
      user('olga'),
      t0 + 9,
    )
    const change = {
      groupId: group.id,
      rev: 2,
      type: 'group_updated',
      seq: 3,
      deleted: 1,
      at: t0 + 9,
      data: {},
    }
    assert.deepEqual(updated, {
      value: { ...group, name: 'New', description: '', updatedAt: t0 + 9 },
      changes: [change],
    })
    assert.deepEqual(await store().groups.read(group.id), updated.value)
    const { changes } = await store().log.read(group.id, { seq: 3, rev: 1 }, 10)
    assert.deepEqual(changes, [change])
    assert.deepEqual(await store().log.readHead(group.id), { seq: 3, rev: 2, deleted: 1 })
  })

  test('groups.update: each member who came or went is a logged change, in that order, after the name', async () => {
    const [ann, bob, cem, dee] = [newId(), newId(), newId(), newId()]
    const group = await aGroup(store(), { members: [ann, bob, cem] })
    const patch = { name: 'New', authorizedUserIds: [dee, cem, 'eve'] }
    const updated = await store().groups.update(group.id, patch, user('olga'), t0 + 9)

    const entry = { groupId: group.id, seq: 0, deleted: 0, at: t0 + 9, data: {} }
    const joined = (userId: string) => memberData(aMember(userId, { joinedAt: t0 + 9 }))
    assert.deepEqual(updated.changes, [
      { ...entry, rev: 1, type: 'group_updated' },
      { ...entry, rev: 2, type: 'member_added', data: joined(dee) },
      { ...entry, rev: 3, type: 'member_added', data: joined('eve') },
      { ...entry, rev: 4, type: 'member_removed', data: { user_id: ann, by: 'olga' } },
      { ...entry, rev: 5, type: 'member_removed', data: { user_id: bob, by: 'olga' } },
    ])
    assert.deepEqual(updated.value, { ...group, ...patch, updatedAt: t0 + 9 })
    assert.deepEqual(await store().groups.read(group.id), updated.value)
    assert.deepEqual((await store().log.read(group.id, { seq: 0, rev: 0 }, 10)).changes, updated.changes)
    for (const [userId, total] of [
      [ann, 0],
      [bob, 0],
      [cem, 1],
      [dee, 1],
    ] as const)
      assert.equal((await store().groups.list(userId, { offset: 0, limit: 5 })).total, total)
  })

  test('groups.update: what admins may change, and what only owners', async () => {
    const { id } = await aGroup(store(), { members: ['olga', 'adam', 'ann'] })
    await store().members.change(id, 'adam', { role: 'admin' }, user('olga'), t0)
    const describing = { name: 'New', description: 'x', metadata: { a: 1 }, avatarUrl: 'https://example.com' }
    const settings = { visibility: 'open', postPolicy: 'admins', retentionDays: 3 } as const
    const update = (patch: GroupPatch, by: string) => store().groups.update(id, patch, user(by), t0 + 9)
    for (const [name, value] of Object.entries(describing)) {
      await assert.rejects(update({ [name]: value }, 'ann'), failsWith('forbidden'))
      const { value: group, changes } = await update({ [name]: value }, 'adam')
      assert.deepEqual(group[name as keyof typeof describing], value)
      assert.deepEqual(
        changes.map(({ type, data }) => [type, data]),
        [['group_updated', {}]],
      )
    }
    for (const [name, value] of Object.entries(settings)) {
      await assert.rejects(update({ [name]: value }, 'adam'), failsWith('forbidden'))
      const { value: group, changes } = await update({ [name]: value }, 'olga')
      assert.deepEqual(group[name as keyof typeof settings], value)
      assert.equal(changes.length, 1)
    }
    await assert.rejects(update({ authorizedUserIds: ['olga', 'adam'] }, 'adam'), failsWith('forbidden'))
    assert.deepEqual(await store().groups.read(id), (await update({}, 'adam')).value)
    const group = await store().groups.read(id)
    assert.deepEqual({ ...group, ...describing, ...settings }, group)
  })

  test('groups.update: an owner whom the list drops is none any more, but the last can not be dropped', async () => {
    const { id } = await aGroup(store(), { members: ['olga', 'oscar', 'ann'], ownerIds: ['olga', 'oscar'] })
    const drop = (...authorizedUserIds: string[]) =>
      store().groups.update(id, { authorizedUserIds }, user('oscar'), t0 + 9)
    await assert.rejects(drop('ann'), failsWith('last_owner'))
    const { value } = await drop('ann', 'oscar')
    assert.deepEqual(value.ownerIds, ['oscar'])
    assert.deepEqual(await store().groups.read(id), value)
    await assert.rejects(drop('ann'), failsWith('last_owner'))
    await assert.rejects(drop(), failsWith('last_owner'))
    assert.deepEqual(await store().groups.read(id), value)
    // A group without owners needs none.
    const orphan = await aGroup(store(), { members: ['ann'], owner: null })
    await store().groups.update(orphan.id, { authorizedUserIds: [] }, admin, t0)
    assert.deepEqual((await store().groups.read(orphan.id))?.authorizedUserIds, [])
  })

  test('groups.update: an owner who was no member and is listed is an owner among the members', async () => {
    const { id } = await aGroup(store(), { members: ['ann'] })
    const { changes } = await store().groups.update(
      id,
      { authorizedUserIds: ['ann', 'olga'] },
      user('olga'),
      t0 + 9,
    )
    assert.equal(changes[0]?.data.role, 'owner')
    assert.equal((await store().members.read(id, 'olga'))?.member?.role, 'owner')
  })

  test('groups.update: no more members than there may be, in the order of the errors', async () => {
    const members = numbers(2, mostMembers).map((n) => `user ${n}`)
    const group = await aGroup(store(), { members: [...members, 'olga'] })
    const ifTag = groupTag(group)
    const list = (...authorizedUserIds: string[]) =>
      store().groups.update(group.id, { authorizedUserIds, ifTag }, user('olga'), t0)
    await store().bans.put(group.id, 'eve', { reason: '', until: null }, user('olga'), t0)
    await assert.rejects(list(...members, 'olga', 'bob'), failsWith('group_full'))
    await assert.rejects(list(...members, 'ann', 'bob'), failsWith('last_owner'))
    await assert.rejects(list(...members, 'eve', 'bob'), failsWith('user_banned'))
    const other = { authorizedUserIds: [...members, 'eve'], ifTag: 'another' }
    await assert.rejects(
      store().groups.update(group.id, other, user('olga'), t0),
      failsWith('precondition_failed'),
    )
    const { value } = await list(...members.slice(1), 'olga', 'bob')
    assert.equal(value.authorizedUserIds.length, mostMembers)
  })

  test('groups.update: a patch that changes nothing logs nothing and touches nothing', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    const same = {
      name: group.name,
      description: group.description,
      authorizedUserIds: group.authorizedUserIds,
    }
    for (const patch of [{}, same])
      assert.deepEqual(await store().groups.update(group.id, patch, user('olga'), t0 + 9), {
        value: group,
        changes: [],
      })
    assert.deepEqual(await store().log.readHead(group.id), { seq: 0, rev: 0, deleted: 0 })
  })

  test('groups.update: another order of the same members is kept and logs nothing', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob', 'cem'] })
    const turned = ['cem', 'ann', 'bob']
    const { changes } = await store().groups.update(group.id, { authorizedUserIds: turned }, user('olga'), t0)
    assert.deepEqual(changes, [])
    assert.deepEqual((await store().groups.read(group.id))?.authorizedUserIds, turned)
  })

  test('groups.update at the same time: every entry has a rev of its own', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const names = Array.from({ length: 10 }, (_, i) => `Name ${i}`)
    await Promise.all(names.map((name) => store().groups.update(group.id, { name }, user('olga'), t0 + 9)))
    const { changes } = await store().log.read(group.id, { seq: 0, rev: 0 }, 20)
    assert.deepEqual(
      changes.map((change) => change.rev),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    )
  })

  for (const [verb, act] of [
    ['update', (id, by) => store().groups.update(id, { name: 'New' }, by, t0 + 9)],
    ['delete', (id, by) => store().groups.delete(id, by, t0)],
  ] as [string, (id: string, by: typeof admin) => Promise<unknown>][]) {
    test(`only the owner and an admin may ${verb} a group`, async () => {
      const owned = await aGroup(store(), { members: ['ann'] })
      const ownerless = await aGroup(store(), { members: ['ann'], owner: null })
      for (const [group, userId] of [
        [owned, 'ann'],
        [owned, 'outsider'],
        [ownerless, 'ann'],
        [ownerless, 'olga'],
      ] as const) {
        await assert.rejects(act(group.id, user(userId)), failsWith('forbidden'))
        assert.deepEqual(await store().groups.read(group.id), group)
      }
      assert.deepEqual(await store().log.readHead(owned.id), { seq: 0, rev: 0, deleted: 0 })

      await act(owned.id, user('olga'))
      await act(ownerless.id, admin)
      await assert.rejects(act(newId(), admin), failsWith('not_found'))
    })
  }

  test('a deleted group is gone, with its messages and logs', async () => {
    const ann = newId()
    const group = await aGroup(store(), { members: [ann] })
    const messages = await history(store(), group, 3)
    const [first, second] = messages
    assert.ok(first && second)
    await erase(store(), [first])
    await store().groups.delete(group.id, user('olga'), t0)

    assert.equal(await store().groups.read(group.id), null)
    assert.deepEqual(await store().groups.list(ann, { offset: 0, limit: 5 }), { groups: [], total: 0 })
    assert.equal(await store().log.readHead(group.id), null)
    assert.deepEqual(await store().log.read(group.id, { seq: 0, rev: 0 }, 10), { messages: [], changes: [] })
    assert.equal(await store().log.readStart(group.id), 0)
    assert.equal(await store().messages.read(second.id), null)
    assert.deepEqual(await store().messages.readMany([first.id, second.id]), [])
    for (const way of [{ offset: 0 }, { before: 9 }, { after: 0 }])
      assert.deepEqual(await store().messages.list(group.id, { ...way, limit: 10 }), [])

    for (const call of [
      () => store().messages.append(aSend(group), user(ann)),
      () => store().messages.edit(second.id, { content: 'new' }, user(ann), t0),
      () => store().messages.delete(second.id, user(ann), t0),
      () => store().groups.update(group.id, { name: 'New' }, user('olga'), t0),
      () => store().groups.delete(group.id, user('olga'), t0),
    ])
      await assert.rejects(call, failsWith('not_found'))
  })
}
