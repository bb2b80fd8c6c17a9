import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ObjectId } from 'mongodb'
import type { Position } from '../../src/domain/cursor.ts'
import { type Connection, connect, defaultTimeouts } from '../../src/store/mongo/engine/connect.ts'
import type { MongoStore } from '../../src/store/mongo/options.ts'
import { createPoll } from '../../src/store/mongo/stream/poll.ts'
import { mongoMissing, startOwnMongo, type TestMongo } from '../mongo/server.ts'
import { openInstance } from '../mongo/store.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aSend, history, numbers, t0, user } from '../support/samples.ts'

const missing = process.env.MONGODB_URL ? 'needs a server of its own' : await mongoMissing()

describe('asking a MongoDB without change streams', { skip: missing ?? false }, () => {
  let mongo: TestMongo
  let one: MongoStore
  let connection: Connection
  let commands = 0

  before(async () => {
    mongo = await startOwnMongo('alone')
    const database = mongo.newDatabase()
    one = await openInstance(mongo.url, database)
    connection = connect(mongo.url, database, defaultTimeouts, () => commands++)
    await connection.open()
  })
  after(async () => {
    await connection.close()
    await one.store.close()
    await mongo.stop()
  })

  /** One who listens to these groups, and stands where it was told last. */
  function listen(positions: [groupId: string, at: Position][]) {
    const open = new Map(positions)
    const told: string[] = []
    const touched: string[] = []
    const poll = createPoll({
      connection,
      openGroups: () => [...open].map(([groupId, at]) => ({ groupId, at })),
      events: {
        message({ groupId, seq }) {
          told.push(`message ${seq}`)
          open.set(groupId, { seq, rev: open.get(groupId)?.rev ?? 0 })
        },
        change({ groupId, rev, type }) {
          told.push(`${type} ${rev}`)
          open.set(groupId, { seq: open.get(groupId)?.seq ?? 0, rev })
        },
        group: (id, happened) => touched.push(`${id}${happened === 'deleted' ? ' gone' : ''}`),
      },
    })
    return { told, touched, poll }
  }

  const start = { seq: 0, rev: 0 }

  test('a thousand open groups are a handful of commands, however many members they have', async () => {
    const members = Array.from({ length: 100 }, (_, i) => `user${i}`)
    const ids = Array.from({ length: 1_000 }, () => new ObjectId())
    await connection.groups.insertMany(
      ids.map((_id) => ({
        _id,
        name: 'many',
        authorized_user_ids: members,
        logged_user_ids: members,
        ver: 1,
      })),
    )
    const busy = await aGroup(one.store, { members: ['ann'] })
    const { told, touched, poll } = listen([
      ...ids.map((_id): [string, Position] => [_id.toHexString(), start]),
      [busy.id, start],
    ])
    await poll()
    commands = 0
    await poll()
    assert.ok(commands < 20, `${commands} commands`)
    await history(one.store, busy, 3)
    await poll()
    assert.deepEqual(told, ['message 1', 'message 2', 'message 3'])
    assert.deepEqual(touched, [])
  })

  test('all that was said and changed meanwhile is told, in order, and once', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    await history(one.store, group, 30)
    await one.store.groups.update(group.id, { authorizedUserIds: ['ann', 'bob'] }, user('olga'), t0)
    await one.store.groups.update(group.id, { authorizedUserIds: ['ann'] }, user('olga'), t0)
    const { told, poll } = listen([[group.id, { seq: 5, rev: 0 }]])
    await poll()
    const wanted = [...numbers(6, 30).map((seq) => `message ${seq}`), 'member_added 1', 'member_removed 2']
    assert.deepEqual(told, wanted)
    await poll()
    assert.deepEqual(told, wanted)
  })

  test('a message behind a hole that was made by hand is told; where nothing is behind it, it is not looked for again', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    await history(one.store, group, 5)
    await eventually(
      'the head is kept',
      async () => (await connection.heads.findOne({ _id: group.id }))?.seq === 5,
    )
    const { told, poll } = listen([[group.id, { seq: 2, rev: 0 }]])
    await connection.messages.deleteMany({ group_id: group.id, seq: { $in: [3, 4] } })
    await poll()
    assert.deepEqual(told, ['message 5'])
    await connection.messages.deleteMany({ group_id: group.id, seq: 5 })
    const behind = listen([[group.id, { seq: 2, rev: 0 }]])
    await behind.poll()
    commands = 0
    await behind.poll()
    const quiet = commands
    await one.store.messages.append(aSend(group), user('ann'))
    await eventually('the head is kept', async () => {
      await behind.poll()
      return behind.told.length > 0
    })
    assert.deepEqual(behind.told, ['message 6'])
    assert.equal(quiet, 4)
  })

  test('members that were edited by hand are told once, also where only their order was turned; so is a deletion', async () => {
    const group = await aGroup(one.store, { members: ['ann', 'bob'] })
    const _id = new ObjectId(group.id)
    const { touched, poll } = listen([[group.id, start]])
    await poll()
    assert.deepEqual(touched, [])
    await connection.groups.updateOne({ _id }, { $set: { authorized_user_ids: ['bob', 'ann', 'olga'] } })
    await poll()
    await poll()
    assert.deepEqual(touched, [group.id])
    await connection.groups.updateOne({ _id }, { $set: { authorized_user_ids: ['bob'] } })
    await poll()
    assert.equal(touched.length, 2)
    await one.store.groups.delete(group.id, user('olga'), t0)
    await poll()
    assert.equal(touched.at(-1), `${group.id} gone`)
  })
})
