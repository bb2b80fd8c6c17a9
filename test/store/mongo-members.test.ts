import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Document, ObjectId } from 'mongodb'
import { connect, defaultTimeouts } from '../../src/store/mongo/engine/connect.ts'
import { keepRecords } from '../../src/store/mongo/member-records.ts'
import type { MongoStore } from '../../src/store/mongo/options.ts'
import { mongoMissing } from '../mongo/server.ts'
import { startTwoInstances, type TwoInstances } from '../mongo/two-instances.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aSend, failsWith, numbers, t0, user } from '../support/samples.ts'

const missing = await mongoMissing()

/** What is done by hand is in force within this many milliseconds, and a change of another instance sooner. */
const soonMs = 2_000

const forGood = { reason: '', until: null }
const open = { visibility: 'open' } as const

describe("a group's people on two instances, and by hand", { skip: missing ?? false }, () => {
  let instances: TwoInstances
  let one: MongoStore
  let two: MongoStore

  before(async () => {
    const own = { maxGroupMembers: 4 }
    instances = await startTwoInstances([own, own])
    ;({ one, two } = instances)
  })
  after(() => instances.close())

  const raw = (collection: string) => instances.raw<Document>(collection)
  const join = ({ store }: MongoStore, groupId: string, userId: string) =>
    store.members.add(groupId, [userId], 'joined', user(userId), t0 + 1)
  const edit = (groupId: string, update: object) =>
    raw('groups').updateOne({ _id: new ObjectId(groupId) }, update)
  const told = async (groupId: string) =>
    (await one.store.log.read(groupId, { seq: 0, rev: 0 }, 100)).changes.map(
      ({ type, data }) => `${type} ${data.user_id}`,
    )

  test('what one instance changes of a member, or of a guest, the other hears', async () => {
    const group = await aGroup(one.store, { members: ['ann', 'bob'], owner: 'ann', ...open })
    const { id } = group
    const ann = user('ann')
    const send = (senderId: string) =>
      two.store.messages.append(aSend(group, { senderId }), user(senderId)).then(
        () => 'sent',
        ({ code }) => code,
      )
    const is = (userId: string, outcome: string) =>
      eventually(`${userId}: ${outcome}`, async () => (await send(userId)) === outcome, soonMs)
    for (const userId of ['bob', 'guest']) {
      const mute = (until: number | null) =>
        one.store.members.change(id, userId, { mutedUntil: until }, ann, t0)
      await is(userId, 'sent')
      await mute(t0 + 1_000)
      await is(userId, 'muted')
      await mute(null)
      await is(userId, 'sent')
      await one.store.bans.put(id, userId, forGood, ann, t0)
      await is(userId, 'banned')
      await one.store.bans.remove(id, userId, ann, t0)
      await is(userId, 'sent')
    }
    await one.store.groups.update(id, { postPolicy: 'admins' }, ann, t0)
    await is('guest', 'forbidden')
    await one.store.members.add(id, ['guest'], 'added', ann, t0)
    await one.store.members.change(id, 'guest', { role: 'admin' }, ann, t0)
    await is('guest', 'sent')
  })

  test('who is listed by hand though banned stays out; an owner who is dropped by hand still manages', async () => {
    const group = await aGroup(one.store, { members: ['ann', 'bob'], owner: 'ann' })
    const { id } = group
    await one.store.members.change(id, 'bob', { role: 'admin' }, user('ann'), t0)
    await one.store.bans.put(id, 'eve', forGood, user('ann'), t0)
    await edit(id, { $set: { authorized_user_ids: ['eve', 'bob', 'dee'] } })
    await eventually('it is told', async () => (await told(id)).length === 5, soonMs)
    assert.deepEqual((await told(id)).slice(2), [
      'member_added eve',
      'member_added dee',
      'member_removed ann',
    ])
    const send = two.store.messages.append(aSend(group, { senderId: 'eve' }), user('eve'))
    await assert.rejects(send, failsWith('banned'))
    assert.equal((await two.store.members.read(id, 'bob'))?.member?.role, 'admin')
    await two.store.members.change(id, 'dee', { role: 'owner' }, user('ann'), t0)
    assert.deepEqual((await one.store.groups.read(id))?.ownerIds, ['ann', 'dee'])
    const page = await two.store.members.list(id, { limit: 10 })
    assert.deepEqual(
      page?.members.map(({ userId, role }) => [userId, role]),
      [
        ['dee', 'owner'],
        ['bob', 'admin'],
        ['eve', 'member'],
      ],
    )
    await edit(id, { $push: { authorized_user_ids: 'ann' } })
    await assert.rejects(
      two.store.members.add(id, ['fay'], 'added', user('ann'), t0),
      failsWith('group_full'),
      'who came by hand counts',
    )
  })

  test('a role ends with the membership, also where both ends of it were written by hand', async () => {
    const { id } = await aGroup(one.store, { members: ['ann', 'bob'], owner: 'ann' })
    await one.store.members.change(id, 'bob', { role: 'admin', mutedUntil: t0 + 9 }, user('ann'), t0)
    for (const update of [
      { $pull: { authorized_user_ids: 'bob' } },
      { $push: { authorized_user_ids: 'bob' } },
    ]) {
      const before = (await told(id)).length
      await edit(id, update)
      await eventually('it is told', async () => (await told(id)).length > before, soonMs)
    }
    const found = await two.store.members.read(id, 'bob')
    assert.deepEqual([found?.member?.role, found?.mutedUntil], ['member', t0 + 9])
  })

  test('a crash before a ban is recorded: it counts for whoever changes the group next, and is told once', async () => {
    const { id } = await aGroup(one.store, { members: ['ann', 'eve'], owner: 'ann', ...open })
    const entries = [
      { type: 'member_removed', user_id: 'eve', data: { user_id: 'eve', by: 'ann' } },
      {
        type: 'member_banned',
        user_id: 'eve',
        data: { user_id: 'eve' },
        ban: { reason: 'spam', until: null, created_at: new Date(t0), created_by: 'ann' },
      },
    ]
    await edit(id, {
      $set: { unlogged: { id: 'crashed', at: new Date(t0), entries }, ver: 2 },
      $pull: { authorized_user_ids: 'eve', logged_user_ids: 'eve' },
    })
    await assert.rejects(join(two, id, 'eve'), failsWith('banned'))
    assert.deepEqual(await told(id), ['member_removed eve', 'member_banned eve'])
    const ban = { userId: 'eve', reason: 'spam', until: null, createdAt: t0, createdBy: 'ann' }
    assert.deepEqual(await one.store.bans.list(id, user('ann'), t0), [ban])
    assert.deepEqual((await raw('rosters').findOne({ _id: id } as object))?.told, {
      rev: 1,
      user_ids: ['ann'],
    })
  })

  test('a mark of the version before is logged and recorded, and one of ours names the user as that version does', async () => {
    const { id } = await aGroup(one.store, { members: ['ann'], owner: 'ann' })
    const entries = [{ type: 'member_added', user_id: 'bob' }]
    await edit(id, {
      $set: { unlogged: { id: new ObjectId().toHexString(), at: new Date(t0 + 3), entries }, ver: 2 },
      $push: { authorized_user_ids: 'bob', logged_user_ids: 'bob' },
    })
    await two.store.members.add(id, ['cem'], 'added', user('ann'), t0 + 5)
    assert.deepEqual(await told(id), ['member_added bob', 'member_added cem'])
    const joined = async (userId: string) => (await one.store.members.read(id, userId))?.member?.joinedAt
    assert.deepEqual([await joined('bob'), await joined('cem')], [t0 + 3, t0 + 5])
    assert.deepEqual((await raw('rosters').findOne({ _id: id } as object))?.told, {
      rev: 2,
      user_ids: ['ann', 'bob', 'cem'],
    })
    const entry = await raw('changes').findOne({ group_id: id, rev: 2 })
    assert.deepEqual([entry?.user_id, entry?.data.user_id], ['cem', 'cem'])
  })

  test('a document with an owner alone has that one, who is the first for older readers too', async () => {
    const _id = new ObjectId()
    const id = _id.toHexString()
    await raw('groups').insertOne({ _id, name: 'old', authorized_user_ids: ['ann', 'bob'], owner_id: 'ann' })
    await one.store.members.change(id, 'bob', { role: 'owner' }, user('ann'), t0)
    const owners = async () => {
      const doc = await raw('groups').findOne({ _id })
      return [doc?.owner_id, doc?.owner_ids]
    }
    assert.deepEqual(await owners(), ['ann', ['ann', 'bob']])
    await one.store.members.remove(id, 'ann', user('ann'), t0)
    assert.deepEqual(await owners(), ['bob', ['bob']])
    await edit(id, { $set: { owner_id: 'eve' } })
    assert.deepEqual((await two.store.groups.read(id))?.ownerIds, ['eve'])
  })

  test('groups made on both instances have numbers of their own, which a replaced document does not lose', async () => {
    const made = await Promise.all(
      numbers(1, 20).map((n) => aGroup((n % 2 ? one : two).store, { members: ['ann'] })),
    )
    const given = made.map(({ number }) => number ?? 0)
    assert.equal(new Set(given).size, 20)
    assert.ok(given.every((number) => Number.isInteger(number) && number > 0))
    const [group] = made
    assert.ok(group)
    const _id = new ObjectId(group.id)
    await raw('groups').replaceOne({ _id }, { name: 'by hand', authorized_user_ids: ['ann', 'bob'] })
    await eventually(
      'its number is back',
      async () => (await two.store.groups.read(group.id))?.number === group.number,
      soonMs,
    )
  })

  test('who comes late with a role, a mute or a ban changes nothing', async () => {
    const { id } = await aGroup(one.store, { members: ['ann', 'bob'], owner: 'ann' })
    const ann = user('ann')
    await one.store.members.change(id, 'bob', { role: 'admin', mutedUntil: t0 + 9 }, ann, t0)
    await one.store.bans.put(id, 'bob', forGood, ann, t0)
    const marked = async (rev: number) => {
      const entry = await raw('changes').findOne({ group_id: id, rev })
      return { type: entry?.type, user_id: 'bob', data: entry?.data, rev, seq: 0, loggedAt: t0 }
    }
    const late = [
      await marked(1),
      Object.assign(await marked(3), { ban: (await raw('bans').findOne({ group_id: id }))?.ban }),
    ]
    await one.store.bans.remove(id, 'bob', ann, t0)
    await one.store.members.add(id, ['bob'], 'added', ann, t0)
    await one.store.members.change(id, 'bob', { mutedUntil: null }, ann, t0)
    const connection = connect(instances.mongo.url, instances.database, defaultTimeouts)
    await connection.open()
    await keepRecords(connection, id, late)
    await connection.close()
    const found = await two.store.members.read(id, 'bob')
    assert.deepEqual([found?.member?.role, found?.mutedUntil, found?.ban], ['member', null, null])
  })
})
