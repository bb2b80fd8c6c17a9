import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type MongoClient, Timestamp } from 'mongodb'
import type { Group } from '../../src/domain/group.ts'
import { keepMissedHeads } from '../../src/store/mongo/adoption/missed-heads.ts'
import { connect, defaultTimeouts } from '../../src/store/mongo/engine/connect.ts'
import { createKeptHeads } from '../../src/store/mongo/log/heads.ts'
import type { MongoStore } from '../../src/store/mongo/options.ts'
import { follow } from '../contracts/feed.ts'
import { startLink } from '../mongo/link.ts'
import { mongoMissing, type TestMongo } from '../mongo/server.ts'
import { recordingSink } from '../mongo/sink.ts'
import { openInstance } from '../mongo/store.ts'
import { startTwoInstances, type TwoInstances } from '../mongo/two-instances.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aSend, history, newId, numbers, t0, user } from '../support/samples.ts'

const missing = await mongoMissing()
const hour = 3_600_000

describe('the feed of several instances on one MongoDB', { skip: missing ?? false }, () => {
  let instances: TwoInstances
  let one: MongoStore
  let two: MongoStore
  let mongo: TestMongo
  let client: MongoClient
  let database: string

  before(async () => {
    instances = await startTwoInstances([{ now: () => Date.now() - hour }, { now: () => Date.now() + hour }])
    ;({ one, two, mongo, client, database } = instances)
  })
  after(() => instances.close())

  const raw = (collection: string) => instances.raw<{ _id: string }>(collection)
  const secondsAgo = (seconds: number) => new Timestamp({ t: Math.floor(Date.now() / 1_000) - seconds, i: 1 })

  test('two that write at once, with clocks hours apart: readers on both, with pages of any size, miss no move', async () => {
    const groups = await Promise.all(numbers(1, 20).map(() => aGroup(one.store, { members: ['ann'] })))
    const readers = [one, two].flatMap(({ store }) =>
      [1, 3, 100].map((limit) => follow(() => store, null, limit)),
    )
    let isWriting = true
    const reading = readers.map(async (reader) => {
      while (isWriting) await reader.catchUp()
    })
    await Promise.all(
      groups.map(async (group, i) => {
        for (const n of numbers(0, i)) {
          const { store } = (n + i) % 2 ? one : two
          const { value } = await store.messages.append(aSend(group), user('ann'))
          if (i % 4 === 0) await store.messages.edit(value.id, { content: 'better' }, user('ann'), t0)
        }
      }),
    )
    isWriting = false
    await Promise.all(reading)
    for (const [i, group] of groups.entries())
      for (const reader of readers) await reader.hears(group, `${i + 1}.${i % 4 === 0 ? i + 1 : 0}`)
  })

  test('a head that is seen only after ones that were stamped later is told all the same', async () => {
    const [late, other] = [
      await aGroup(one.store, { members: ['ann'] }),
      await aGroup(one.store, { members: ['ann'] }),
    ]
    await history(one.store, late, 1)
    const reader = follow(() => two.store)
    await reader.hears(late, '1.0')
    await history(one.store, other, 1)
    await reader.hears(other, '1.0')
    for (const [seq, seconds] of [
      [2, 1],
      [3, 6],
    ] as const) {
      await raw('heads').updateOne({ _id: late.id }, { $set: { seq, moved: secondsAgo(seconds) } })
      await reader.hears(late, `${seq}.0`)
    }
  })

  test('a head is told once, also when a pass begins at the very stamp that it has', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    await history(one.store, group, 1)
    const head = { _id: group.id }
    await eventually(
      'the head is kept',
      async () => (await raw('heads').findOne({ ...head, seq: 1 })) !== null,
    )
    const stamp = Math.floor(Date.now() / 1_000) - 4
    await raw('heads').updateOne(head, { $set: { moved: new Timestamp({ t: stamp, i: 0 }) } })
    const reader = follow(() => two.store)
    await reader.hears(group, '1.0')
    // Passes begin some seconds before the time at which they are read, and none as early as this.
    await eventually('passes begin later', async () => {
      await reader.catchUp()
      const [t] = reader.cursor()?.split('.') ?? []
      return Number(t) > stamp
    })
    assert.equal(reader.told.filter((id) => id === group.id).length, 1)
  })

  test("another instance goes on from a consumer's cursor, and is told what the first one was not", async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    await history(one.store, group, 1)
    const first = follow(() => one.store)
    await first.hears(group, '1.0')
    await one.store.feed.save('webhooks', first.cursor() ?? '')
    await history(two.store, group, 1)
    await follow(() => two.store, await two.store.feed.load('webhooks')).hears(group, '2.0')
    // Who comes back to a cursor that was kept is told again what came after it, even by the same instance.
    await first.hears(group, '2.0')
    await follow(() => one.store, await one.store.feed.load('webhooks')).hears(group, '2.0')
  })

  test('an instance that is gone before it kept a head: those who heard of the message tell it', async () => {
    const link = await startLink(mongo.url)
    const gone = await openInstance(link.url, database)
    const group = await aGroup(one.store, { members: ['ann'] })
    const reader = follow(() => two.store)
    await history(gone.store, group, 1)
    await reader.hears(group, '1.0')
    // From here on its heads don't reach the database; the numbers it knows.
    link.swallow('heads')
    await gone.store.messages.append(aSend(group), user('ann'))
    link.cut()
    await reader.hears(group, '2.0')
    await gone.store.close()
    await link.close()
  })

  test('what nobody heard of is looked for when something may have been missed', async () => {
    const own = mongo.newDatabase()
    const connection = connect(mongo.url, own, defaultTimeouts)
    await connection.open()
    const fail = (error: unknown) => assert.fail(String(error))
    const heads = createKeptHeads(connection, fail)
    const group: Group = await seedGroup(own)
    const missedHeads = keepMissedHeads(connection, heads, fail)
    const kept = async () => (await connection.heads.findOne({ _id: group.id }))?.seq
    await eventually('what was there is kept', async () => (await kept()) === 1)
    await seedMessage(own, group, 2)
    missedHeads.missed()
    await eventually('what came since is kept', async () => (await kept()) === 2)
    assert.ok((await connection.heads.findOne({ _id: group.id }))?.moved)
    await missedHeads.stop()
    await heads.stop()
    await connection.close()
  })

  /** As an instance leaves it that was killed before it kept the head. */
  async function seedMessage(name: string, { id }: Group, seq: number): Promise<void> {
    const messages = client.db(name).collection('messages')
    await messages.insertOne({
      group_id: id,
      sender_id: 'ann',
      content: '',
      seq,
      slot: `${id}:${seq}`,
      ver: 1,
    })
  }

  async function seedGroup(name: string): Promise<Group> {
    const instance = await openInstance(mongo.url, name)
    const group = await aGroup(instance.store, { members: ['ann'] })
    await instance.store.close()
    await client.db(name).collection<{ _id: string }>('heads').deleteOne({ _id: group.id })
    await seedMessage(name, group, 1)
    return group
  }

  test('heads that an earlier version kept, which stamped none, are told after an upgrade', async () => {
    const own = mongo.newDatabase()
    const earlier = await openInstance(mongo.url, own)
    const groups = await Promise.all(numbers(1, 5).map(() => aGroup(earlier.store, { members: ['ann'] })))
    for (const group of groups) await history(earlier.store, group, 2)
    await earlier.store.close()
    const db = client.db(own)
    await db.collection('heads').updateMany({}, { $unset: { moved: '' } })
    await db.collection<{ _id: string }>('meta').deleteMany({ _id: 'backfill:stamp_heads' })

    const { store } = await openInstance(mongo.url, own)
    const reader = follow(() => store)
    for (const group of groups) await reader.hears(group, '2.0')
    await store.close()
  })

  test('a send costs no command more than before', async () => {
    const commands: string[] = []
    const group = await aGroup(one.store, { members: ['ann'] })
    const counted = await openInstance(mongo.url, database, {
      onCommand: ({ name, collection }) => void commands.push(`${name} ${collection}`),
    })
    await history(counted.store, group, 1)
    await eventually('the head is kept', () => commands.includes('update heads'))
    commands.length = 0
    await history(counted.store, group, 1)
    await eventually('the head is kept again', () => commands.includes('update heads'))
    const ofSend = commands.filter((command) =>
      /^(insert|update|delete) (messages|heads|groups|meta)$/.test(command),
    )
    assert.deepEqual(ofSend, ['insert messages', 'update heads'])
    await counted.store.close()
  })

  test('who hears of what another wrote does not write its head once more, which would be told again', async () => {
    const own = mongo.newDatabase()
    const commands: string[] = []
    const writer = await openInstance(mongo.url, own)
    const group = await aGroup(writer.store, { members: ['ann'] })
    const hearer = await openInstance(mongo.url, own, {
      onCommand: ({ name, collection }) => void commands.push(`${name} ${collection}`),
    })
    const sink = recordingSink()
    hearer.store.watch(sink)
    await history(writer.store, group, 3)
    await follow(() => writer.store).hears(group, '3.0')
    await eventually('all is heard', () => sink.messages.length === 3)
    await hearer.store.close()
    assert.ok(commands.includes('find heads'))
    assert.ok(!commands.includes('update heads'))
    await writer.store.close()
  })

  test('a head without a group is not told', async () => {
    await raw('heads').insertOne({ _id: newId(), seq: 3, moved: secondsAgo(0) } as never)
    const reader = follow(() => one.store)
    await reader.catchUp()
    const there = new Set(
      (await client.db(database).collection('groups').find().toArray()).map(({ _id }) => String(_id)),
    )
    assert.deepEqual(
      reader.told.filter((groupId) => !there.has(groupId)),
      [],
    )
  })
})
