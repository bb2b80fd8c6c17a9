import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Caller } from '../../src/domain/caller.ts'
import { ChatError } from '../../src/domain/errors.ts'
import type { GroupWithMembers } from '../../src/domain/group.ts'
import type { Invite } from '../../src/domain/invite.ts'
import { limits } from '../../src/domain/limits.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, failsWith, newId, numbers, t0, user } from '../support/samples.ts'

/** A code that no other invite has. */
const newCode = (): string => newId().slice(0, 22)

export function inviteContract(store: () => Store): void {
  const anInvite = async (group: GroupWithMembers, over: Partial<Invite> = {}, by: Caller = user('ann')) => {
    const invite: Invite = {
      code: newCode(),
      groupId: group.id,
      createdBy: by.userId,
      byOperator: by.admin,
      createdAt: t0,
      expiresAt: t0 + 1_000,
      maxUses: null,
      uses: 0,
      ...over,
    }
    return (await store().invites.create(invite, by)).value
  }
  const accept = ({ code }: Invite, userId: string, at = t0 + 1) =>
    store().invites.accept(code, user(userId), at)
  const usesOf = async ({ code }: Invite) => (await store().invites.read(code))?.uses
  const isMember = async ({ id }: GroupWithMembers, userId: string) =>
    (await store().members.read(id, userId))?.member != null
  const annsGroup = () => aGroup(store(), { members: ['ann', 'bob'], owner: 'ann' })

  test('an invite is kept as it was made, and listed with the others of its group, oldest first', async () => {
    const group = await annsGroup()
    const second = await anInvite(group, { createdAt: t0 + 5 })
    const first = await anInvite(group, { maxUses: 3 })
    await anInvite(await annsGroup())
    assert.deepEqual(await store().invites.read(first.code), first)
    assert.deepEqual(await store().invites.list(group.id, user('ann'), t0 + 6), [first, second])
    assert.equal(await store().invites.read(newCode()), null)
  })

  test('one that is past its time is listed no more, one that is used up is', async () => {
    const group = await annsGroup()
    const usedUp = await anInvite(group, { maxUses: 1 })
    await anInvite(group, { expiresAt: t0 + 50 })
    await accept(usedUp, 'cem')
    const listed = await store().invites.list(group.id, user('ann'), t0 + 50)
    assert.deepEqual(listed, [{ ...usedUp, uses: 1 }])
  })

  test('only those who may moderate make, see and take back invites', async () => {
    const group = await annsGroup()
    const invite = await anInvite(group)
    for (const who of [user('bob'), user('eve')]) {
      await assert.rejects(anInvite(group, {}, who), failsWith('forbidden'))
      await assert.rejects(store().invites.list(group.id, who, t0), failsWith('forbidden'))
      await assert.rejects(store().invites.remove(group.id, invite.code, who, t0), failsWith('forbidden'))
    }
    const nowhere = { ...group, id: newId() }
    await assert.rejects(anInvite(nowhere), failsWith('not_found'))
    await assert.rejects(store().invites.list(nowhere.id, admin, t0), failsWith('not_found'))
    await anInvite(group, {}, admin)
  })

  test('who accepts is a member, which is logged, and a use is counted', async () => {
    const group = await annsGroup()
    const invite = await anInvite(group)
    const { value, changes } = await accept(invite, 'cem', t0 + 7)
    assert.equal(value, group.id)
    assert.deepEqual(
      changes.map(({ type, data }) => [type, data.user_id]),
      [['member_added', 'cem']],
    )
    const { member } = (await store().members.read(group.id, 'cem')) ?? {}
    assert.deepEqual([member?.role, member?.joinedAt], ['member', t0 + 7])
    assert.equal(await usesOf(invite), 1)
    const { changes: logged } = await store().log.read(group.id, { seq: 0, rev: 0 }, 10)
    assert.deepEqual(logged, changes)
  })

  test('for a member nothing changes, and no use is counted, even when there is none left', async () => {
    const group = await annsGroup()
    const invite = await anInvite(group, { maxUses: 1 })
    for (const who of ['bob', 'cem', 'cem', 'bob']) assert.equal((await accept(invite, who)).value, group.id)
    assert.equal(await usesOf(invite), 1)
    assert.deepEqual((await accept(invite, 'cem', t0 + 5_000)).changes, [])
  })

  test('it counts until it is used up, or past its time', async () => {
    const group = await annsGroup()
    const once = await anInvite(group, { maxUses: 1 })
    await accept(once, 'cem')
    await assert.rejects(accept(once, 'dan'), failsWith('invite_expired'))
    const short = await anInvite(group, { expiresAt: t0 + 100 })
    await assert.rejects(accept(short, 'dan', t0 + 100), failsWith('invite_expired'))
    await accept(short, 'dan', t0 + 99)
  })

  test('it counts only while its maker may still invite; an operator always may', async () => {
    const group = await annsGroup()
    await store().members.change(group.id, 'bob', { role: 'admin' }, user('ann'), t0)
    const bobs = await anInvite(group, {}, user('bob'))
    const operators = await anInvite(group, {}, admin)
    await accept(bobs, 'cem')
    await store().members.change(group.id, 'bob', { role: 'member' }, user('ann'), t0)
    await assert.rejects(accept(bobs, 'dan'), failsWith('invite_expired'))
    await store().members.change(group.id, 'bob', { role: 'admin' }, user('ann'), t0)
    await accept(bobs, 'dan')
    await store().members.remove(group.id, 'bob', user('bob'), t0 + 1)
    await assert.rejects(accept(bobs, 'eve'), failsWith('invite_expired'))
    await accept(operators, 'eve')
  })

  test('who is banned does not come in by an invite, whatever is the matter with it', async () => {
    const group = await annsGroup()
    const invite = await anInvite(group, { maxUses: 1 })
    await store().bans.put(group.id, 'eve', { reason: '', until: t0 + 100 }, user('ann'), t0)
    await assert.rejects(accept(invite, 'eve'), failsWith('banned'))
    await assert.rejects(accept(invite, 'eve', t0 + 5_000), failsWith('invite_expired'))
    assert.equal(await usesOf(invite), 0)
    await accept(invite, 'eve', t0 + 100)
    await store().bans.put(group.id, 'dan', { reason: '', until: null }, user('ann'), t0)
    await assert.rejects(accept(invite, 'dan'), failsWith('banned'))
  })

  test('one that was taken back is gone, and so are those of a deleted group', async () => {
    const group = await annsGroup()
    const [one, other] = [await anInvite(group), await anInvite(group)]
    const remove = (id: string, { code }: Invite) => store().invites.remove(id, code, user('ann'), t0)
    assert.equal((await remove((await annsGroup()).id, one)).value, false)
    assert.equal((await remove(group.id, one)).value, true)
    assert.equal((await remove(group.id, one)).value, false)
    await assert.rejects(accept(one, 'cem'), failsWith('not_found'))
    assert.equal(await store().invites.read(one.code), null)
    await store().groups.delete(group.id, user('ann'), t0)
    await assert.rejects(accept(other, 'cem'), failsWith('not_found'))
    assert.equal(await store().invites.read(other.code), null)
  })

  test('a code is that of one invite', async () => {
    const group = await annsGroup()
    const { code } = await anInvite(group)
    await assert.rejects(anInvite(await annsGroup(), { code }), failsWith('conflict'))
  })

  test('of many who ask for the last uses at once just as many get in', async () => {
    const group = await annsGroup()
    const invite = await anInvite(group, { maxUses: 3 })
    const guests = numbers(1, 12).map((n) => `guest ${n}`)
    const outcomes = await Promise.allSettled(guests.map((guest) => accept(invite, guest)))
    const codes = outcomes.flatMap((one) =>
      one.status === 'rejected' && one.reason instanceof ChatError ? [one.reason.code] : [],
    )
    assert.deepEqual(codes, Array(9).fill('invite_expired'))
    assert.equal(await usesOf(invite), 3)
    const members = await Promise.all(guests.map((guest) => isMember(group, guest)))
    assert.equal(members.filter((is) => is).length, 3)
  })

  test('one user who asks many times at once takes one use', async () => {
    const group = await annsGroup()
    const invite = await anInvite(group, { maxUses: 5 })
    const answers = await Promise.all(numbers(1, 8).map(() => accept(invite, 'cem')))
    assert.equal(answers.flatMap(({ changes }) => changes).length, 1)
    assert.equal(await usesOf(invite), 1)
  })

  test('a group has a bound of invites that can be used; others make room', async () => {
    const group = await annsGroup()
    const many = async (over: Partial<Invite>) => {
      for (const _ of numbers(1, limits.invites / 10))
        await Promise.all(numbers(1, 10).map(() => anInvite(group, over)))
    }
    await many({ expiresAt: t0 + 10 })
    await assert.rejects(anInvite(group), failsWith('limit_reached'))
    await many({ createdAt: t0 + 10 })
    await assert.rejects(anInvite(group, { createdAt: t0 + 11 }), failsWith('limit_reached'))
    const [first] = await store().invites.list(group.id, user('ann'), t0 + 11)
    assert.ok(first)
    await store().invites.remove(group.id, first.code, user('ann'), t0 + 11)
    const last = await anInvite(group, { createdAt: t0 + 11, expiresAt: t0 + 12 })
    // Two times as many are kept as can be used.
    const all = await store().invites.list(group.id, user('ann'), t0)
    assert.equal(all.length, limits.keptInvites)
    const next = await anInvite(group, { createdAt: t0 + 12 })
    const after = await store().invites.list(group.id, user('ann'), t0)
    assert.equal(after.length, limits.keptInvites)
    assert.ok(!after.some(({ code }) => code === all[0]?.code), 'the oldest is gone')
    for (const { code } of [last, next]) assert.ok(after.some((invite) => invite.code === code))
  })
}
