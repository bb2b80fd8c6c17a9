import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memberData } from '../../src/domain/changes.ts'
import type { Group } from '../../src/domain/group.ts'
import { limits } from '../../src/domain/limits.ts'
import type { MemberPatch } from '../../src/domain/member.ts'
import type { MemberQuery, RemoveOptions } from '../../src/store/members.ts'
import type { Store } from '../../src/store/store.ts'
import {
  admin,
  aGroup,
  aMember,
  aSend,
  failsWith,
  mostMembers,
  newId,
  numbers,
  t0,
  user,
} from '../support/samples.ts'

export function membersChangeContract(store: () => Store): void {
  const olga = user('olga')
  /** Owned by `olga`, with the admin `adam` and the members `ann` and `bob`. */
  async function aTeam(over: Partial<Group> = {}) {
    const { id } = await aGroup(store(), { members: ['olga', 'adam', 'ann', 'bob'], ...over })
    if (over.kind !== 'direct') await store().members.change(id, 'adam', { role: 'admin' }, admin, t0)
    return id
  }

  const add = (id: string, userIds: string[], by = olga, at = t0 + 5) =>
    store().members.add(id, userIds, 'added', by, at)
  const change = (id: string, userId: string, patch: MemberPatch, by = olga, at = t0 + 5) =>
    store().members.change(id, userId, patch, by, at)
  const remove = (id: string, userId: string, by = olga, options?: RemoveOptions) =>
    store().members.remove(id, userId, by, t0 + 5, options)

  const member = async (id: string, userId: string) => (await store().members.read(id, userId))?.member
  const userIds = async (id: string) => (await store().groups.read(id))?.authorizedUserIds
  const ownerIds = async (id: string) => (await store().groups.read(id))?.ownerIds
  const logged = async (id: string, from = 1) =>
    (await store().log.read(id, { seq: 0, rev: from }, 100)).changes
  /** Each call is refused with this code, and changes nothing. */
  async function refuses(id: string, code: Parameters<typeof failsWith>[0], ...calls: (() => unknown)[]) {
    const state = async () => [await store().groups.read(id), await store().log.readHead(id)]
    const before = await state()
    for (const call of calls)
      await assert.rejects(async () => call(), failsWith(code), `${call} should be ${code}`)
    assert.deepEqual(await state(), before)
  }

  test('members.add: users come in at the end, each is logged, and who was in stays as they were', async () => {
    const id = await aTeam()
    const { value, changes } = await add(id, ['eve', 'ann', 'cem', 'eve'], user('adam'))
    const expected = ['eve', 'cem'].map((userId) => aMember(userId, { joinedAt: t0 + 5 }))
    assert.deepEqual(value, expected)
    const entry = { groupId: id, type: 'member_added', seq: 0, deleted: 0, at: t0 + 5 }
    const entries = expected.map((one, i) => ({ ...entry, rev: i + 2, data: memberData(one) }))
    assert.deepEqual(changes, entries)
    assert.deepEqual(await logged(id), entries)
    const group = await store().groups.read(id)
    assert.deepEqual(group?.authorizedUserIds, ['olga', 'adam', 'ann', 'bob', 'eve', 'cem'])
    assert.equal(group?.updatedAt, t0 + 5)
    assert.equal((await store().groups.readSummary(id))?.memberCount, 6)
    assert.deepEqual(await member(id, 'cem'), expected[1])
    assert.equal((await member(id, 'ann'))?.joinedAt, t0)
    await store().messages.append(aSend({ ...group, id } as never, { senderId: 'eve' }), user('eve'))
  })

  test('members.add: nobody new changes nothing', async () => {
    const id = await aTeam()
    const before = await store().groups.read(id)
    assert.deepEqual(await add(id, ['ann', 'bob']), { value: [], changes: [] })
    assert.deepEqual(await store().groups.read(id), before)
  })

  test('members.add: who adds is an admin, an owner or an operator, and there is such a group', async () => {
    const id = await aTeam()
    await refuses(
      id,
      'forbidden',
      () => add(id, ['eve'], user('ann')),
      () => add(id, ['eve'], user('eve')),
    )
    for (const [by, userId] of [
      [user('adam'), 'eve'],
      [olga, 'cem'],
      [admin, 'dee'],
    ] as const)
      assert.equal((await add(id, [userId], by)).value.length, 1)
    await assert.rejects(add(newId(), ['ann'], admin), failsWith('not_found'))
  })

  test('members.add: whoever may read an open group may join it, and an invite opens a private one', async () => {
    const [open, closed] = [await aTeam({ visibility: 'open' }), await aTeam()]
    const come = (id: string, way: 'joined' | 'invited', userId = 'eve') =>
      store().members.add(id, [userId], way, user(userId), t0 + 5)
    await refuses(closed, 'forbidden', () => come(closed, 'joined'))
    assert.equal((await come(open, 'joined')).changes.length, 1)
    assert.equal((await come(closed, 'invited')).changes.length, 1)
    for (const [id, way] of [
      [open, 'joined'],
      [closed, 'joined'],
      [closed, 'invited'],
    ] as const)
      assert.deepEqual(await come(id, way), { value: [], changes: [] })
    assert.deepEqual(await userIds(closed), ['olga', 'adam', 'ann', 'bob', 'eve'])
    await assert.rejects(come(newId(), 'invited'), failsWith('not_found'))
  })

  test('members.add at the same time: each user comes once, and no more than there may be', async () => {
    const few = await aTeam()
    const added = await Promise.all(numbers(1, 6).map((n) => add(few, ['eve', `user ${n % 3}`])))
    assert.deepEqual(added.flatMap(({ value }) => value.map(({ userId }) => userId)).sort(), [
      'eve',
      'user 0',
      'user 1',
      'user 2',
    ])
    assert.equal((await userIds(few))?.length, 8)

    const members = numbers(4, mostMembers).map((n) => `user ${n}`)
    const { id } = await aGroup(store(), { members: ['olga', ...members] })
    const coming = await Promise.allSettled(numbers(1, 6).map((n) => add(id, [`more ${n}`])))
    const came = coming.filter(({ status }) => status === 'fulfilled')
    assert.equal(came.length, 2)
    for (const outcome of coming) if (outcome.status === 'rejected') failsWith('group_full')(outcome.reason)
    assert.equal((await userIds(id))?.length, mostMembers)
    await refuses(id, 'group_full', () => add(id, ['another']))
    assert.deepEqual(await add(id, ['user 4']), { value: [], changes: [] })
  })

  test('members.change: a role is told, and a new owner stands in the group', async () => {
    const id = await aTeam()
    const { value, changes } = await change(id, 'ann', { role: 'admin' })
    assert.deepEqual(value, aMember('ann', { role: 'admin' }))
    const entry = { groupId: id, type: 'member_updated', rev: 2, seq: 0, deleted: 0, at: t0 + 5 }
    assert.deepEqual(changes, [{ ...entry, data: memberData(value) }])
    assert.equal((await store().groups.read(id))?.updatedAt, t0)
    assert.deepEqual(await change(id, 'ann', { role: 'admin' }), { value, changes: [] })

    await change(id, 'bob', { role: 'owner' })
    assert.deepEqual(await ownerIds(id), ['olga', 'bob'])
    assert.equal((await store().groups.read(id))?.updatedAt, t0 + 5)
    assert.equal((await member(id, 'bob'))?.role, 'owner')
    await change(id, 'olga', { role: 'member' }, user('bob'))
    assert.deepEqual(await ownerIds(id), ['bob'])
    assert.equal((await member(id, 'olga'))?.role, 'member')
    await refuses(id, 'forbidden', () => change(id, 'ann', { role: 'member' }, olga))
    await refuses(id, 'last_owner', () => change(id, 'bob', { role: 'admin' }, user('bob')))
    await refuses(id, 'last_owner', () => change(id, 'bob', { role: 'member' }, admin))
    assert.deepEqual(await change(id, 'bob', { role: 'owner' }, user('bob')), {
      value: aMember('bob', { role: 'owner' }),
      changes: [],
    })
  })

  test('members.change: roles are for owners, mutes for those who outrank the member', async () => {
    const id = await aTeam()
    await change(id, 'bob', { role: 'admin' })
    const mute = { mutedUntil: t0 + 100 }
    await refuses(
      id,
      'forbidden',
      () => change(id, 'ann', { role: 'admin' }, user('adam')),
      () => change(id, 'adam', { role: 'owner' }, user('adam')),
      () => change(id, 'ann', { role: 'member' }, user('eve')),
      () => change(id, 'ann', mute, user('eve')),
      () => change(id, 'bob', mute, user('ann')),
      () => change(id, 'bob', mute, user('adam')),
      () => change(id, 'olga', mute, user('adam')),
      () => change(id, 'olga', mute, olga),
      () => change(id, 'eve', mute, user('ann')),
    )
    await refuses(
      id,
      'not_found',
      () => change(id, 'eve', mute),
      () => change(id, 'eve', { role: 'admin' }),
      () => change(newId(), 'ann', mute, admin),
    )
    for (const [userId, by] of [
      ['ann', user('adam')],
      ['bob', olga],
      ['olga', admin],
    ] as const)
      assert.equal((await change(id, userId, mute, by)).value.mutedUntil, t0 + 100)
  })

  test('members.change: who is muted may not write until the mute ends or is taken back', async () => {
    const id = await aTeam()
    const group = await store().groups.read(id)
    assert.ok(group)
    const send = (createdAt: number) =>
      store().messages.append(aSend(group, { senderId: 'ann', createdAt }), user('ann'))
    const { value } = await send(t0)
    const muted = await change(id, 'ann', { mutedUntil: t0 + 100 }, user('adam'))
    assert.deepEqual(
      muted.changes.map(({ type, data }) => [type, data.muted_until]),
      [['member_updated', t0 + 100]],
    )
    assert.equal((await store().members.read(id, 'ann'))?.mutedUntil, t0 + 100)
    assert.equal((await member(id, 'ann'))?.mutedUntil, t0 + 100)
    await assert.rejects(send(t0 + 99), failsWith('muted'))
    await assert.rejects(store().reactions.add(value.id, '👍', user('ann'), t0 + 99), failsWith('muted'))
    await send(t0 + 100)
    assert.equal((await change(id, 'ann', { mutedUntil: null })).value.mutedUntil, null)
    assert.deepEqual(await change(id, 'ann', { mutedUntil: null }), { value: aMember('ann'), changes: [] })
    await send(t0 + 50)
    assert.equal((await store().members.read(id, 'ann'))?.mutedUntil, null)
  })

  test('members.change: a mute outlives leaving and coming back', async () => {
    const id = await aTeam()
    await change(id, 'ann', { mutedUntil: t0 + 100 })
    await remove(id, 'ann', user('ann'))
    const gone = await store().members.read(id, 'ann')
    assert.deepEqual([gone?.member, gone?.mutedUntil], [null, t0 + 100])
    const { value } = await add(id, ['ann'])
    assert.deepEqual(value, [aMember('ann', { joinedAt: t0 + 5, mutedUntil: t0 + 100 })])
    await store().groups.update(id, { authorizedUserIds: ['olga', 'adam', 'bob'] }, olga, t0 + 6)
    const all = { authorizedUserIds: ['olga', 'adam', 'bob', 'ann'] }
    const { changes } = await store().groups.update(id, all, olga, t0 + 7)
    assert.equal(changes[0]?.data.muted_until, t0 + 100)
  })

  test('members.change: a guest of an open group can be muted, which is not told', async () => {
    const id = await aTeam({ visibility: 'open' })
    const group = await store().groups.read(id)
    assert.ok(group)
    const { value, changes } = await change(id, 'eve', { mutedUntil: t0 + 100 }, user('adam'))
    assert.deepEqual([value, changes], [aMember('eve', { mutedUntil: t0 + 100 }), []])
    const eve = await store().members.read(id, 'eve')
    assert.deepEqual([eve?.member, eve?.mutedUntil], [null, t0 + 100])
    const send = aSend(group, { senderId: 'eve' })
    await assert.rejects(store().messages.append(send, user('eve')), failsWith('muted'))
    await refuses(id, 'not_found', () => change(id, 'eve', { role: 'admin' }))
    await change(id, 'eve', { mutedUntil: null })
    assert.equal((await store().members.read(id, 'eve'))?.mutedUntil, null)
    await store().messages.append(send, user('eve'))
  })

  test('members.change: the owners of a group are not without number', async () => {
    const owners = numbers(1, limits.groupOwners).map((n) => `owner ${n}`)
    const { id } = await aGroup(store(), { members: [...owners, 'ann'], ownerIds: owners })
    await refuses(id, 'limit_reached', () => change(id, 'ann', { role: 'owner' }, user('owner 1')))
    await change(id, 'owner 2', { role: 'member' }, user('owner 1'))
    await change(id, 'ann', { role: 'owner' }, user('owner 1'))
  })

  test('of owners who lower each other, leave or are removed at the same time, one stays', async () => {
    for (const act of [
      (id: string, me: string, other: string) => change(id, other, { role: 'member' }, user(me)),
      (id: string, me: string) => change(id, me, { role: 'admin' }, user(me)),
      (id: string, me: string) => remove(id, me, user(me)),
      (id: string, me: string, other: string) => remove(id, other, { userId: me, admin: true }),
    ]) {
      const owners = ['o1', 'o2', 'o3']
      const { id } = await aGroup(store(), { members: [...owners, 'ann'], ownerIds: owners })
      const outcomes = await Promise.allSettled(
        owners.map((me, i) => act(id, me, owners[(i + 1) % owners.length] ?? '')),
      )
      for (const outcome of outcomes)
        if (outcome.status === 'rejected')
          assert.match(outcome.reason.code, /^(last_owner|forbidden|not_found)$/)
      const left = await ownerIds(id)
      assert.ok(left?.length, 'the group lost its last owner')
      for (const userId of left) assert.equal((await member(id, userId))?.role, 'owner')
      assert.equal((await store().members.list(id, { role: 'owner', limit: 9 }))?.total, left.length)
    }
  })

  test('members.remove: the membership and the role end, and it is logged by whom', async () => {
    const id = await aTeam()
    const { value, changes } = await remove(id, 'adam')
    assert.equal(value, 'removed')
    const entry = { groupId: id, type: 'member_removed', rev: 2, seq: 0, deleted: 0, at: t0 + 5 }
    assert.deepEqual(changes, [{ ...entry, data: { user_id: 'adam', by: 'olga' } }])
    assert.deepEqual(await logged(id), changes)
    assert.equal(await member(id, 'adam'), null)
    assert.equal((await store().groups.readSummary(id))?.memberCount, 3)
    assert.equal((await store().groups.read(id))?.updatedAt, t0 + 5)
    await refuses(id, 'not_found', () => remove(id, 'adam'))
    await add(id, ['adam'])
    assert.equal((await member(id, 'adam'))?.role, 'member')
    const left = await remove(id, 'ann', user('ann'))
    assert.deepEqual(left.changes[0]?.data, { user_id: 'ann', by: 'ann' })
    assert.deepEqual(await userIds(id), ['olga', 'bob', 'adam'])
  })

  test('members.remove: others are removed by who outranks them', async () => {
    const id = await aTeam({ visibility: 'open' })
    await change(id, 'bob', { role: 'admin' })
    await refuses(
      id,
      'forbidden',
      () => remove(id, 'ann', user('guest')),
      () => remove(id, 'adam', user('ann')),
      () => remove(id, 'bob', user('adam')),
      () => remove(id, 'olga', user('adam')),
      () => remove(id, 'nobody', user('ann')),
    )
    await refuses(
      id,
      'not_found',
      () => remove(id, 'nobody', user('adam')),
      () => remove(id, 'guest', user('guest')),
    )
    await assert.rejects(remove(newId(), 'ann', admin), failsWith('not_found'))
    await remove(id, 'ann', user('adam'))
    await remove(id, 'bob', olga)
    await remove(id, 'adam', admin)
    assert.deepEqual(await userIds(id), ['olga'])
  })

  test('members.remove: an owner among several leaves, the last one can not, unless somebody succeeds', async () => {
    const id = await aTeam()
    await refuses(
      id,
      'last_owner',
      () => remove(id, 'olga'),
      () => remove(id, 'olga', admin),
    )
    await change(id, 'bob', { role: 'owner' })
    await remove(id, 'olga')
    assert.deepEqual(await ownerIds(id), ['bob'])
    await add(id, ['olga'], user('bob'))

    const { value, changes } = await remove(id, 'bob', user('bob'), { succession: true })
    assert.equal(value, 'removed')
    assert.deepEqual(
      changes.map(({ type, data }) => [type, data.user_id, data.role]),
      [
        ['member_updated', 'adam', 'owner'],
        ['member_removed', 'bob', undefined],
      ],
    )
    assert.deepEqual(await ownerIds(id), ['adam'])
    // There is no admin left: the member who joined first.
    await remove(id, 'adam', user('adam'), { succession: true })
    assert.deepEqual(await ownerIds(id), ['ann'])
    assert.equal((await member(id, 'ann'))?.role, 'owner')
    assert.deepEqual(await userIds(id), ['ann', 'olga'])
  })

  test('members.remove: an owner who is alone takes the group along', async () => {
    for (const by of [olga, admin]) {
      const { id } = await aGroup(store(), { members: ['olga'] })
      assert.deepEqual(await remove(id, 'olga', by), { value: 'group_deleted', changes: [] })
      assert.equal(await store().groups.read(id), null)
      assert.equal(await store().members.read(id, 'olga'), null)
      assert.equal(await store().log.readHead(id), null)
      await assert.rejects(remove(id, 'olga', by), failsWith('not_found'))
    }
    const orphan = await aGroup(store(), { members: ['ann'], owner: null })
    assert.equal((await remove(orphan.id, 'ann', user('ann'))).value, 'removed')
    assert.deepEqual(await userIds(orphan.id), [])
  })

  test('in a direct chat nobody is added, changed or removed by others', async () => {
    const id = await aTeam({ kind: 'direct', ownerIds: [] })
    for (const by of [user('ann'), admin])
      await refuses(
        id,
        'forbidden',
        () => add(id, ['eve'], by),
        () => change(id, 'bob', { role: 'admin' }, by),
        () => change(id, 'bob', { mutedUntil: t0 + 100 }, by),
        () => remove(id, 'bob', by),
      )
    await refuses(id, 'forbidden', () => store().members.add(id, ['eve'], 'joined', user('eve'), t0))
  })

  const list = async (id: string, query: Partial<MemberQuery> = {}) => {
    const found = await store().members.list(id, { limit: 100, ...query })
    return found && { ids: found.members.map(({ userId }) => userId), total: found.total, next: found.next }
  }

  test('members.list: owners, admins, then the others, each in the order of joining', async () => {
    const id = await aTeam()
    await add(id, ['aaa'])
    await change(id, 'bob', { role: 'owner' })
    await change(id, 'aaa', { role: 'admin', mutedUntil: t0 + 9 })
    const found = await store().members.list(id, { limit: 10 })
    assert.deepEqual(found, {
      members: [
        aMember('olga', { role: 'owner' }),
        aMember('bob', { role: 'owner' }),
        aMember('adam', { role: 'admin' }),
        aMember('aaa', { role: 'admin', joinedAt: t0 + 5, mutedUntil: t0 + 9 }),
        aMember('ann'),
      ],
      total: 5,
      next: null,
    })
    assert.deepEqual(await list(id, { role: 'owner' }), { ids: ['olga', 'bob'], total: 2, next: null })
    assert.deepEqual(await list(id, { role: 'admin' }), { ids: ['adam', 'aaa'], total: 2, next: null })
    assert.deepEqual(await list(id, { role: 'member' }), { ids: ['ann'], total: 1, next: null })
    assert.equal(await store().members.list(newId(), { limit: 10 }), null)
    await assert.rejects(list(id, { after: 'nonsense' }), failsWith('malformed'))
  })

  test('members.list: page by page everybody comes once, whatever the pages are', async () => {
    const others = numbers(1, 230).map((n) => `user ${n}`)
    const { id } = await aGroup(store(), { members: [...others, 'olga'] })
    for (const userId of ['user 7', 'user 100', 'user 230']) await change(id, userId, { role: 'admin' })
    const admins = ['user 7', 'user 100', 'user 230']
    const rest = others.filter((userId) => !admins.includes(userId))
    for (const [query, expected] of [
      [{ limit: 1 }, ['olga', ...admins, ...rest]],
      [{ limit: 100 }, ['olga', ...admins, ...rest]],
      [{ limit: 231 }, ['olga', ...admins, ...rest]],
      [{ limit: 2, role: 'admin' }, admins],
      [{ limit: 60, role: 'member' }, rest],
      [{ limit: 3, q: 'USER 23' }, ['user 230', 'user 23']],
      [{ limit: 1, q: '23' }, ['user 230', 'user 23']],
    ] as [MemberQuery, string[]][]) {
      const found: string[] = []
      for (let after: string | undefined; ; ) {
        const page = await list(id, { ...query, ...(after !== undefined && { after }) })
        assert.equal(page?.total, expected.length)
        assert.ok(page.ids.length <= query.limit)
        found.push(...page.ids)
        if (page.next === null) break
        after = page.next
      }
      assert.deepEqual(found, expected, JSON.stringify(query))
    }
  })

  test('members.list: by the beginning of the id or of one of its words, without regard to case', async () => {
    const members = ['Ann Lee', 'lee.annabel', 'joanna', 'anna@example.com', 'Éva', '$gt', '.*']
    const { id } = await aGroup(store(), { members, owner: null })
    const found = async (q: string) => (await list(id, { q }))?.ids
    assert.deepEqual(await found('ann'), ['Ann Lee', 'lee.annabel', 'anna@example.com'])
    assert.deepEqual(await found('LEE'), ['Ann Lee', 'lee.annabel'])
    assert.deepEqual(await found('ann l'), ['Ann Lee'])
    assert.deepEqual(await found('éVA'), ['Éva'])
    assert.deepEqual(await found('$g'), ['$gt'])
    assert.deepEqual(await found('.*'), ['.*'])
    assert.deepEqual(await list(id, { q: 'nobody' }), { ids: [], total: 0, next: null })
    assert.deepEqual((await list(id, { q: 'ann', role: 'owner' }))?.total, 0)
  })

  test('members.list: by the beginning of a name, or of one of its words', async () => {
    const [ada, grace] = [newId(), newId()]
    const called = await aGroup(store(), { members: [ada, grace], owner: null })
    const said = { name: null, email: null, issuedAt: null }
    await store().profiles.see(
      [
        { ...said, userId: ada, username: `lovelace ${ada}` },
        { ...said, userId: grace, username: grace, name: 'Grace B. Hopper' },
      ],
      t0,
    )
    assert.deepEqual((await list(called.id, { q: `LOVELACE ${ada}` }))?.ids, [ada])
    assert.deepEqual((await list(called.id, { q: 'hopp' }))?.ids, [grace])
  })
}
