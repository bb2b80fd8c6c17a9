import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { GroupWithMembers } from '../../src/domain/group.ts'
import type { Store } from '../../src/store/store.ts'
import { mongoMissing } from '../mongo/server.ts'
import { startTwoInstances, type TwoInstances } from '../mongo/two-instances.ts'
import { aGroup, failsWith, newGroup, newId, numbers, t0, user } from '../support/samples.ts'

interface InviteDoc {
  _id: string
  uses: number
  left: number
  taken?: { user_id: string; id: string; at: Date }[]
}

describe('invites and names on two instances', { skip: (await mongoMissing()) ?? false }, () => {
  let both: TwoInstances
  let stores: Store[]
  before(async () => {
    both = await startTwoInstances()
    stores = [both.one.store, both.two.store]
  })
  after(() => both.close())

  const on = (n: number): Store => stores[n % 2] ?? assert.fail('no such instance')
  const invites = () => both.raw<InviteDoc>('invites')
  const docOf = async (code: string) => (await invites().findOne({ _id: code })) ?? assert.fail('no invite')

  async function anInvite(maxUses: number | null): Promise<{ code: string; group: GroupWithMembers }> {
    const group = await aGroup(on(0), { members: ['ann'], owner: 'ann' })
    const code = newId().slice(0, 22)
    const times = { createdAt: t0, expiresAt: t0 + 1_000_000 }
    const invite = {
      code,
      groupId: group.id,
      createdBy: 'ann',
      byOperator: false,
      ...times,
      maxUses,
      uses: 0,
    }
    await on(0).invites.create(invite, user('ann'))
    return { code, group }
  }
  const accept = (store: Store, code: string, userId: string, at = t0 + 1) =>
    store.invites.accept(code, user(userId), at)
  const isMember = async ({ id }: GroupWithMembers, userId: string) =>
    (await on(0).members.read(id, userId))?.member != null

  test('the last use is that of one, whichever instance they ask', async () => {
    for (const _ of numbers(1, 5)) {
      const { code, group } = await anInvite(1)
      const guests = numbers(1, 6).map((n) => `guest ${n}`)
      const asked = await Promise.allSettled(guests.map((guest, n) => accept(on(n), code, guest)))
      assert.equal(asked.filter(({ status }) => status === 'fulfilled').length, 1)
      for (const one of asked) if (one.status === 'rejected') failsWith('invite_expired')(one.reason)
      const members = await Promise.all(guests.map((guest) => isMember(group, guest)))
      assert.equal(members.filter((is) => is).length, 1)
      const { uses, left } = await docOf(code)
      assert.deepEqual([uses, left], [1, 0])
    }
  })

  test('one user who asks both instances at once takes one use', async () => {
    const { code, group } = await anInvite(3)
    await Promise.all(numbers(1, 6).map((n) => accept(on(n), code, 'cem')))
    const { uses, left, taken = [] } = await docOf(code)
    assert.deepEqual([uses, left, taken], [1, 2, []])
    assert.ok(await isMember(group, 'cem'))
  })

  test('a use that a crash left goes to its user, who asks again', async () => {
    const { code, group } = await anInvite(1)
    const taken = [{ user_id: 'cem', id: newId(), at: new Date(t0) }]
    await invites().updateOne({ _id: code }, { $set: { uses: 1, left: 0, taken } })
    await assert.rejects(accept(on(1), code, 'dan'), failsWith('invite_expired'))
    await accept(on(1), code, 'cem')
    assert.ok(await isMember(group, 'cem'))
    const doc = await docOf(code)
    assert.deepEqual([doc.uses, doc.left, doc.taken], [1, 0, []])
  })

  test('or is given back in a while, unless the user came in by it', async () => {
    const { code } = await anInvite(1)
    const { code: other, group } = await anInvite(1)
    await on(0).members.add(group.id, ['cem'], 'added', user('ann'), t0)
    const taken = [{ user_id: 'cem', id: newId(), at: new Date(t0) }]
    await invites().updateMany({ _id: { $in: [code, other] } }, { $set: { uses: 1, left: 0, taken } })
    await accept(on(1), code, 'dan', t0 + 120_000)
    await assert.rejects(accept(on(1), other, 'dan', t0 + 120_000), failsWith('invite_expired'))
    for (const each of [code, other]) {
      const doc = await docOf(each)
      assert.deepEqual([doc.uses, doc.left, doc.taken], [1, 0, []])
    }
  })

  test('who is refused takes no use', async () => {
    const { code, group } = await anInvite(1)
    await on(0).bans.put(group.id, 'eve', { reason: '', until: null }, user('ann'), t0)
    await assert.rejects(accept(on(1), code, 'eve'), failsWith('banned'))
    const { uses, left } = await docOf(code)
    assert.deepEqual([uses, left], [0, 1])
  })

  test('a group of a name is made once, and its id never again, whoever makes and deletes it where', async () => {
    const name = newId()
    for (const incarnation of [0, 1, 2]) {
      const group = newGroup({ members: ['ann'], owner: 'ann' })
      const made = await Promise.allSettled(
        numbers(1, 6).map((n) => on(n).groups.create(group, { name, incarnation })),
      )
      assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 1)
      for (const one of made) if (one.status === 'rejected') failsWith('conflict')(one.reason)
      const late = Promise.allSettled(
        numbers(1, 4).map((n) => on(n).groups.create(group, { name, incarnation })),
      )
      await on(incarnation).groups.delete(group.id, user('ann'), t0)
      for (const one of await late) if (one.status === 'rejected') failsWith('conflict')(one.reason)
      await assert.rejects(on(1).groups.create(group, { name, incarnation }), failsWith('conflict'))
      assert.equal(await on(1).groups.read(group.id), null)
      assert.equal(await on(1).names.incarnation(name), incarnation + 1)
    }
  })

  test('a group that was deleted by hand leaves its id to nobody', async () => {
    const name = newId()
    const group = newGroup({ members: ['ann'], owner: 'ann' })
    await on(0).groups.create(group, { name, incarnation: 0 })
    await on(0).groups.update(group.id, { name: 'Other' }, user('ann'), t0)
    await both.raw('groups').deleteMany({ name: 'Other' })
    await assert.rejects(on(1).groups.create(group, { name, incarnation: 0 }), failsWith('conflict'))
    assert.equal(await on(0).names.incarnation(name), 1)
  })
})
