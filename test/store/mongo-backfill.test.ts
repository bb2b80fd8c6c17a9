import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type Collection, MongoClient } from 'mongodb'
import { startBackfill } from '../../src/store/backfill.ts'
import { leaseTimes } from '../../src/store/lease.ts'
import { type Backfill, createBackfillSteps } from '../../src/store/mongo/engine/backfill.ts'
import { type Connection, connect, defaultTimeouts } from '../../src/store/mongo/engine/connect.ts'
import { createLeases } from '../../src/store/mongo/lease.ts'
import { startLink } from '../mongo/link.ts'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import { openInstance } from '../mongo/store.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, newId, numbers } from '../support/samples.ts'

const missing = await mongoMissing()

describe('steps of the background on MongoDB', { skip: missing ?? false }, () => {
  let mongo: TestMongo
  let client: MongoClient
  let database: string
  let connection: Connection
  before(async () => {
    mongo = await startMongo()
    client = new MongoClient(mongo.url)
    database = mongo.newDatabase()
    connection = connect(mongo.url, database, defaultTimeouts)
    await connection.open()
  })
  after(async () => {
    await connection.close()
    await client.close()
    await mongo.stop()
  })

  /** Items to be counted, two at a time. */
  async function someItems(count: number) {
    const name = newId()
    const items: Collection<{ _id: number; times: number }> = client.db(database).collection(name)
    await items.insertMany(numbers(1, count).map((_id) => ({ _id, times: 0 })))
    const backfill: Backfill = {
      name,
      async portion(after) {
        const some = await items
          .find({ _id: { $gt: Number(after ?? 0) } })
          .sort({ _id: 1 })
          .limit(2)
          .toArray()
        for (const { _id } of some) await items.updateOne({ _id }, { $inc: { times: 1 } })
        const last = some.at(-1)
        return { next: last ? `${last._id}` : null, count: some.length }
      },
    }
    const times = async () => (await items.find().sort({ _id: 1 }).toArray()).map((item) => item.times)
    return { backfill, times }
  }

  /** An instance that works in the background, whose pauses pass at once. */
  function instance(instanceId: string, backfill: Backfill) {
    let now = 0
    // The pauses are no silence of who has the lease.
    const leases = createLeases({ connection, instanceId, clock: () => 0 })
    const events: string[] = []
    const tell = (event: string) => void events.push(event)
    return {
      events,
      runner: startBackfill({
        steps: createBackfillSteps(connection, [backfill]),
        leases,
        log: { info: tell, warn: tell },
        quietMs: 0,
        clock: () => now,
        async wait(ms) {
          now += ms
          await nextTurn()
        },
      }),
    }
  }

  test('of several instances one does a step, each record once, and all find it done', async () => {
    const { backfill, times } = await someItems(21)
    const all = numbers(1, 3).map((n) => instance(`${n}`, backfill))
    await eventually(
      'it is done',
      async () => (await connection.meta.findOne({ _id: `backfill:${backfill.name}` }))?.value === 'done',
    )
    assert.deepEqual(
      await times(),
      numbers(1, 21).map(() => 1),
    )
    assert.deepEqual(all.flatMap(({ events }) => events).sort(), ['backfill_finished', 'backfill_started'])
    for (const { runner } of all) await runner.stop()
  })

  test('one that is killed in the middle is followed by another, which goes on where it was', async () => {
    const { backfill, times } = await someItems(12)
    const [first, second] = numbers(1, 2).map(() => createBackfillSteps(connection, [backfill])[0])
    assert.deepEqual(await first?.portion(), { isDone: false, count: 2 })
    assert.deepEqual(await first?.portion(), { isDone: false, count: 2 })
    // Killed after its work, and before it kept how far it came.
    await backfill.portion('4')
    assert.equal(await second?.isDone(), false)
    while (!(await second?.portion())?.isDone);
    assert.deepEqual(await times(), [1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 1, 1])
    assert.equal(await first?.isDone(), true)
    assert.deepEqual(await first?.portion(), { isDone: true, count: 0 })
  })

  test('two that both believe to have the lease leave nothing out', async () => {
    const { backfill, times } = await someItems(40)
    const both = numbers(1, 2).map(() => createBackfillSteps(connection, [backfill])[0])
    await Promise.all(
      both.map(async (step) => {
        while (!(await step?.portion())?.isDone);
      }),
    )
    assert.ok((await times()).every((n) => n === 1 || n === 2))
    assert.equal(await both[0]?.isDone(), true)
  })

  test('an index that only makes something faster holds up no start and no end, and is made as soon as it can be', async () => {
    const link = await startLink(mongo.url)
    link.swallow('sender_id_1')
    const events: string[] = []
    const tell = (event: string, { step }: Record<string, unknown>) => void events.push(`${event} ${step}`)
    const log = { info: tell, warn: tell }
    const name = mongo.newDatabase()
    const hindered = await openInstance(link.url, name, { log })
    await aGroup(hindered.store)
    await eventually('it is begun', () => events.includes('backfill_started index_messages_sender_id'))
    assert.ok(!events.includes('backfill_finished index_messages_sender_id'))
    const began = performance.now()
    await hindered.store.close()
    assert.ok(performance.now() - began < 5_000)

    link.heal()
    const isThere = async () => {
      const made = await client.db(name).collection('messages').indexes()
      return made.some(({ key }) => isDeepStrictEqual(key, { sender_id: 1 }))
    }
    assert.equal(await isThere(), false)
    const { store } = await openInstance(link.url, name)
    await eventually('it is made', isThere, 2 * leaseTimes.expireMs)
    await store.close()
    await link.close()
  })

  test('whom the older service listed gets a number, whatever else stands in the list', async () => {
    const own = mongo.newDatabase()
    const groups = client.db(own).collection('groups')
    const created_at = new Date(Date.UTC(2025, 0, 1))
    const lists = [['ann', 'bob'], ['bob', 7, 'a\nb', 'cem'], 'no list', undefined]
    await groups.insertMany(
      lists.map((authorized_user_ids) => ({ name: 'old', description: '', authorized_user_ids, created_at })),
    )
    const { store } = await openInstance(mongo.url, own)
    try {
      const named = () => store.profiles.read(['ann', 'bob', 'cem', 'a\nb'])
      await eventually('all have numbers', async () => (await named()).length === 3)
      const found = await named()
      assert.deepEqual(found.map(({ number }) => number).toSorted(), [1, 2, 3])
      assert.deepEqual(
        found.map(({ createdAt, origin }) => [createdAt, origin]),
        found.map(() => [created_at.getTime(), 'stub']),
      )
    } finally {
      await store.close()
    }
  })
})
