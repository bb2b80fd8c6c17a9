import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ObjectId } from 'mongodb'
import type { GroupDoc, MessageDoc, RosterDoc } from '../../src/store/mongo/documents.ts'
import type { Store } from '../../src/store/store.ts'
import { mongoMissing } from '../mongo/server.ts'
import { openTestStore } from '../mongo/store.ts'
import { startTwoInstances, type TwoInstances } from '../mongo/two-instances.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aSend, erase, history, newGroup, numbers, t0, user } from '../support/samples.ts'

const missing = await mongoMissing()

describe('what is read, on MongoDB', { skip: missing ?? false }, () => {
  let all: TwoInstances
  before(async () => {
    all = await startTwoInstances()
  })
  after(() => all.close())

  /** How far the user has read, and how many messages are unread. */
  const read = async (store: Store, groupId: string, userId: string) => {
    const found = (await store.reads.ofUser(userId, [groupId])).get(groupId)
    return [found?.readSeq, found?.unreadCount]
  }

  test('a mark, a send and a deletion on one instance are seen on the other', async () => {
    const [one, two] = [all.one.store, all.two.store]
    const group = await aGroup(one, { members: ['ann', 'bob'] })
    const messages = await history(one, group, 5)
    assert.deepEqual(await read(two, group.id, 'bob'), [0, 5])
    await two.reads.mark(group.id, 1, user('bob'), t0)
    assert.deepEqual(await read(one, group.id, 'bob'), [1, 4])
    await erase(one, [messages[1]])
    assert.deepEqual(await read(two, group.id, 'bob'), [1, 3])
    await two.messages.append(aSend(group, { senderId: 'bob' }), user('bob'))
    assert.deepEqual(await read(two, group.id, 'bob'), [6, 0], 'at once on the instance that sent')
    await eventually('the mark of the send is not written', async () => {
      const [seq] = await read(one, group.id, 'bob')
      return seq === 6
    })
    assert.deepEqual(
      (await one.reads.list(group.id, 10)).map(({ userId, seq }) => [userId, seq]),
      [
        ['bob', 6],
        ['ann', 5],
      ],
    )
  })

  test('the mark that an instance did not write before it was killed is written by who heard the message', async () => {
    const [one, two] = [all.one.store, all.two.store]
    const group = await aGroup(one, { members: ['ann', 'bob'] })
    await history(one, group, 2)
    const reads = all.raw<{ _id: string }>('reads')
    const isThere = async () => (await reads.findOne({ _id: `${group.id}:ann` })) !== null
    await eventually('the mark is not written', isThere)
    // As if the instance had been killed before the write: the others have the message still to deal with.
    await reads.deleteOne({ _id: `${group.id}:ann` })
    await eventually('nobody wrote the mark', isThere, 20_000)
    assert.deepEqual(await read(two, group.id, 'ann'), [2, 0])
  })

  test('who is removed and comes back has no mark of before, whoever heard of their messages', async () => {
    const { store } = all.one
    const group = await aGroup(store, { members: ['ann', 'bob'], owner: 'ann' })
    await store.messages.append(aSend(group, { senderId: 'bob' }), user('bob'))
    await store.messages.append(aSend(group, { senderId: 'ann' }), user('ann'))
    await store.members.remove(group.id, 'bob', user('ann'), t0)
    await store.members.add(group.id, ['bob'], 'added', user('ann'), t0)
    const reads = all.raw<{ _id: string }>('reads')
    const marks = () => store.reads.list(group.id, 10)
    await eventually('the mark is not written', async () => (await marks()).length === 1)
    // When the instances have dealt with what they heard, this one is there again.
    await reads.deleteOne({ _id: `${group.id}:ann` })
    await eventually('nobody wrote the mark', async () => (await marks()).length > 0, 20_000)
    assert.deepEqual(
      (await marks()).map(({ userId }) => userId),
      ['ann'],
    )
  })

  test('who is added by hand has read what was there, before the log tells and after', async () => {
    const { store } = all.one
    const group = await aGroup(store, { members: ['ann'] })
    await history(store, group, 3)
    const groups = all.raw<GroupDoc>('groups')
    await groups.updateOne({ _id: new ObjectId(group.id) }, { $push: { authorized_user_ids: 'bob' } })
    assert.deepEqual(await read(store, group.id, 'bob'), [3, 0])
    await eventually('the log does not tell', async () => (await store.log.readHead(group.id))?.rev === 1)
    assert.deepEqual(await read(store, group.id, 'bob'), [3, 0])
    await history(store, group, 1)
    assert.deepEqual(await read(store, group.id, 'bob'), [3, 1])
  })

  test('what the older service left is read; what comes after that is not', async () => {
    const database = all.mongo.newDatabase()
    const [groups, messages] = [
      all.client.db(database).collection<GroupDoc>('groups'),
      all.client.db(database).collection<MessageDoc>('messages'),
    ]
    const [busy, quiet] = [new ObjectId(), new ObjectId()]
    for (const _id of [busy, quiet])
      await groups.insertOne({
        _id,
        name: 'Old',
        authorized_user_ids: ['ann', 'bob'],
        created_at: new Date(t0),
      })
    const old = (n: number) => ({
      _id: new ObjectId(),
      group_id: busy.toHexString(),
      sender_id: 'ann',
      content: `${n}`,
      created_at: new Date(t0 + n),
      updated_at: new Date(t0 + n),
      is_deleted: n === 4,
    })
    await messages.insertMany(numbers(1, 5).map(old))
    const store = await openTestStore(all.mongo.url, database)
    try {
      const [busyId, quietId] = [busy.toHexString(), quiet.toHexString()]
      assert.deepEqual(await read(store, busyId, 'bob'), [5, 0])
      const send = (groupId: string) =>
        store.messages.append(aSend(newGroup({ id: groupId }), { senderId: 'ann' }), user('ann'))
      await send(busyId)
      await send(quietId)
      assert.deepEqual(await read(store, busyId, 'bob'), [5, 1])
      assert.deepEqual(await read(store, quietId, 'bob'), [0, 1])
      assert.equal((await store.reads.ofUser('bob', [busyId])).get(busyId)?.lastMessageAt, t0)
    } finally {
      await store.close()
    }
  })

  test('what a version before this left is read, and groups are in the order of their last messages', async () => {
    const database = all.mongo.newDatabase()
    const before = await openTestStore(all.mongo.url, database)
    const made = [
      await aGroup(before, { members: ['ann', 'bob'] }),
      await aGroup(before, { members: ['ann', 'bob'] }),
    ] as const
    for (const [index, group] of made.entries())
      await before.messages.append(aSend(group, { createdAt: t0 + 9 - index }), user('ann'))
    await before.close()
    const db = all.client.db(database)
    await db.collection<RosterDoc>('rosters').updateMany({}, { $unset: { read_base: 1 } })
    await db.collection('heads').updateMany({}, { $unset: { last: 1 } })
    await db.collection('reads').deleteMany({})
    await db.collection('meta').deleteMany({ _id: /^backfill/ } as never)

    const store = await openTestStore(all.mongo.url, database)
    try {
      for (const { id } of made) assert.deepEqual(await read(store, id, 'bob'), [1, 0])
      const isKept = async () =>
        (await db.collection<RosterDoc>('rosters').countDocuments({ read_base: 1 })) === 2 &&
        (await db.collection('heads').countDocuments({ 'last.seq': 1 })) === 2
      await eventually('nothing is kept of what is read', isKept)
      await store.messages.append(aSend(made[0]), user('ann'))
      assert.deepEqual(await read(store, made[0].id, 'bob'), [1, 1])
      assert.deepEqual(await store.groups.listIds('bob', 10), [made[1].id, made[0].id])
    } finally {
      await store.close()
    }
  })
})
