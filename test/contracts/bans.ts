import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ban } from '../../src/domain/ban.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, aSend, failsWith, newId, numbers, t0, user } from '../support/samples.ts'

export function banContract(store: () => Store): void {
  const people = ['olga', 'adam', 'ann', 'bob']
  /** Owned by `olga`, with the admin `adam` and the members `ann` and `bob`. */
  async function aTeam(over: object = {}) {
    const { id } = await aGroup(store(), { members: people, ...over })
    await store().members.change(id, 'adam', { role: 'admin' }, user('olga'), t0)
    return id
  }

  const terms = { reason: 'spam', until: null }
  const ban = (id: string, userId: string, by = user('adam'), over: Partial<Ban> = {}, at = t0 + 5) =>
    store().bans.put(id, userId, { ...terms, ...over }, by, at)

  test('a banned member is out in one step, and may neither read nor come back', async () => {
    const id = await aTeam({ visibility: 'open' })
    const { value, changes } = await ban(id, 'ann')
    assert.deepEqual(value, { userId: 'ann', ...terms, createdAt: t0 + 5, createdBy: 'adam' })
    const entry = { groupId: id, seq: 0, deleted: 0, at: t0 + 5 }
    assert.deepEqual(changes, [
      { ...entry, rev: 2, type: 'member_removed', data: { user_id: 'ann', by: 'adam' } },
      { ...entry, rev: 3, type: 'member_banned', data: { user_id: 'ann' } },
    ])
    assert.deepEqual((await store().log.read(id, { seq: 0, rev: 1 }, 10)).changes, changes)

    const membership = await store().members.read(id, 'ann')
    assert.deepEqual([membership?.member, membership?.ban], [null, { until: null }])
    const group = await store().groups.read(id)
    assert.deepEqual(group?.authorizedUserIds, ['olga', 'adam', 'bob'])
    assert.equal(group?.updatedAt, t0 + 5)
    assert.equal((await store().members.list(id, { limit: 9 }))?.total, 3)
    const ann = user('ann')
    for (const call of [
      () => store().messages.append(aSend(group, { senderId: 'ann' }), ann),
      () => store().members.add(id, ['ann'], 'joined', ann, t0 + 6),
      () => store().members.add(id, ['ann'], 'invited', ann, t0 + 6),
      () => store().members.remove(id, 'ann', ann, t0 + 6),
      () => store().groups.update(id, { name: 'New' }, ann, t0 + 6),
      () => store().groups.delete(id, ann, t0 + 6),
      () => store().bans.list(id, ann, t0 + 6),
    ])
      await assert.rejects(call, failsWith('banned'))
  })

  test('who is banned is added by nobody, not even among others', async () => {
    const id = await aTeam()
    await ban(id, 'ann')
    const before = await store().groups.read(id)
    const members = ['olga', 'adam', 'bob', 'cem', 'ann']
    for (const by of [user('olga'), admin]) {
      await assert.rejects(store().members.add(id, ['cem', 'ann'], 'added', by, t0), failsWith('user_banned'))
      await assert.rejects(
        store().groups.update(id, { authorizedUserIds: members }, by, t0),
        failsWith('user_banned'),
      )
    }
    assert.deepEqual(await store().groups.read(id), before)
  })

  test('somebody who was never in can be banned, and no member is told to be removed', async () => {
    const id = await aTeam()
    const { changes } = await ban(id, 'eve')
    assert.deepEqual(
      changes.map(({ type }) => type),
      ['member_banned'],
    )
    assert.deepEqual((await store().groups.read(id))?.authorizedUserIds, people)
  })

  test('a ban is replaced: its terms change, and the log tells it; the same again changes nothing', async () => {
    const id = await aTeam()
    await ban(id, 'ann')
    const over = { reason: 'more spam', until: t0 + 1_000 }
    const { value, changes } = await ban(id, 'ann', user('olga'), over, t0 + 9)
    assert.deepEqual(value, { userId: 'ann', ...over, createdAt: t0 + 5, createdBy: 'adam' })
    assert.deepEqual(
      changes.map(({ type, at }) => [type, at]),
      [['member_banned', t0 + 9]],
    )
    assert.deepEqual(await store().bans.list(id, user('olga'), t0 + 9), [value])
    assert.deepEqual(await ban(id, 'ann', user('olga'), over, t0 + 10), { value, changes: [] })
  })

  test('a ban ends by itself: then the user may join, is listed no more, and can be banned anew', async () => {
    const id = await aTeam({ visibility: 'open' })
    await ban(id, 'ann', user('adam'), { until: t0 + 100 })
    const join = (at: number) => store().members.add(id, ['ann'], 'joined', user('ann'), at)
    await assert.rejects(join(t0 + 99), failsWith('banned'))
    assert.deepEqual(await store().bans.list(id, user('adam'), t0 + 100), [])
    assert.equal((await join(t0 + 100)).value.length, 1)
    const again = await ban(id, 'ann', user('olga'), {}, t0 + 200)
    assert.deepEqual([again.value.createdAt, again.value.createdBy], [t0 + 200, 'olga'])
    assert.equal(again.changes.length, 2)
  })

  test('a ban is taken back once; membership does not come back with it', async () => {
    const id = await aTeam()
    await ban(id, 'ann')
    const unban = () => store().bans.remove(id, 'ann', user('adam'), t0 + 9)
    assert.deepEqual(await unban(), { value: true, changes: [] })
    assert.deepEqual(await unban(), { value: false, changes: [] })
    const membership = await store().members.read(id, 'ann')
    assert.deepEqual([membership?.member, membership?.ban], [null, null])
    await store().members.add(id, ['ann'], 'added', user('adam'), t0 + 10)

    await ban(id, 'ann', user('adam'), { until: t0 + 20 })
    assert.equal((await store().bans.remove(id, 'ann', user('adam'), t0 + 20)).value, false)
  })

  test('bans are listed oldest first', async () => {
    const id = await aTeam()
    for (const [userId, at] of [
      ['eve', 3],
      ['ann', 1],
      ['bob', 2],
    ] as const)
      await ban(id, userId, user('adam'), {}, t0 + at)
    const listed = await store().bans.list(id, user('adam'), t0 + 5)
    assert.deepEqual(
      listed.map(({ userId }) => userId),
      ['ann', 'bob', 'eve'],
    )
  })

  test('who bans outranks whom they ban, and nobody bans an owner', async () => {
    const id = await aTeam()
    await store().members.change(id, 'bob', { role: 'admin' }, user('olga'), t0)
    const before = await store().groups.read(id)
    for (const [userId, by] of [
      ['bob', user('adam')],
      ['olga', user('adam')],
      ['olga', admin],
      ['olga', user('olga')],
      ['eve', user('ann')],
      ['eve', user('outsider')],
    ] as const)
      await assert.rejects(ban(id, userId, by), failsWith('forbidden'))
    assert.deepEqual(await store().groups.read(id), before)
    for (const by of [user('ann'), user('outsider')]) {
      await assert.rejects(store().bans.remove(id, 'eve', by, t0), failsWith('forbidden'))
      await assert.rejects(store().bans.list(id, by, t0), failsWith('forbidden'))
    }
    await ban(id, 'bob', user('olga'))
    await ban(id, 'adam', admin)
    for (const call of [
      () => ban(newId(), 'ann', admin),
      () => store().bans.remove(newId(), 'ann', admin, t0),
      () => store().bans.list(newId(), admin, t0),
    ])
      await assert.rejects(call, failsWith('not_found'))
  })

  test('an owner who is no member is not banned either', async () => {
    const { id } = await aGroup(store(), { members: ['ann'], owner: 'olga' })
    await assert.rejects(ban(id, 'olga', admin), failsWith('forbidden'))
  })

  test('nobody is banned from a direct chat', async () => {
    const { id } = await aGroup(store(), { members: ['ann', 'bob'], owner: null, kind: 'direct' })
    for (const by of [user('ann'), admin]) await assert.rejects(ban(id, 'bob', by), failsWith('forbidden'))
  })

  test('of some users until when they are banned, also when the ban is over', async () => {
    const id = await aTeam()
    await ban(id, 'ann', user('adam'), { until: t0 + 9 })
    await ban(id, '$gt')
    const expected = new Map<string, number | null>([
      ['ann', t0 + 9],
      ['$gt', null],
    ])
    const many = numbers(1, 600).map((n) => `user ${n}`)
    for (const ask of [store().members.among, store().members.confirm])
      for (const others of [[], many]) {
        const found = await ask(id, ['bob', 'ann', '$gt', ...others])
        assert.deepEqual(found?.bannedUntil, expected)
        assert.deepEqual(found?.userIds, new Set(['bob']))
      }
  })

  test('a ban and whoever adds the user at the same time: they end up outside', async () => {
    for (const _ of numbers(1, 5)) {
      const id = await aTeam()
      await Promise.allSettled([
        store().members.add(id, ['eve'], 'added', user('olga'), t0),
        ban(id, 'eve'),
        store().members.add(id, ['eve'], 'added', user('adam'), t0),
      ])
      assert.equal((await store().members.read(id, 'eve'))?.member, null)
      assert.deepEqual((await store().groups.read(id))?.authorizedUserIds, people)
    }
  })

  test('the bans of a deleted group go with it', async () => {
    const id = await aTeam()
    await ban(id, 'ann')
    await store().groups.delete(id, admin, t0)
    assert.equal(await store().members.read(id, 'ann'), null)
    await assert.rejects(store().bans.list(id, admin, t0), failsWith('not_found'))
  })
}
