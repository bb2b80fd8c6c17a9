import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { MongoClient } from 'mongodb'
import { leaseTimes } from '../../src/store/lease.ts'
import { type Connection, connect, defaultTimeouts } from '../../src/store/mongo/engine/connect.ts'
import { createLeases } from '../../src/store/mongo/lease.ts'
import type { MongoStore } from '../../src/store/mongo/options.ts'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import { openInstance } from '../mongo/store.ts'
import { newId, numbers } from '../support/samples.ts'

const missing = await mongoMissing()

describe('a lease that several instances ask for', { skip: missing ?? false }, () => {
  let mongo: TestMongo
  let database: string
  let connection: Connection
  before(async () => {
    mongo = await startMongo()
    database = mongo.newDatabase()
    connection = connect(mongo.url, database, defaultTimeouts)
    await connection.open()
  })
  after(async () => {
    await connection.close()
    await mongo.stop()
  })

  /** One whose clock is the test's own. */
  function instance(instanceId: string) {
    let now = 0
    const leases = createLeases({ connection, instanceId, clock: () => now })
    return {
      ...leases,
      pass: (ms: number) => {
        now += ms
      },
    }
  }

  test('one has it as long as it asks, and another as soon as it is released', async () => {
    const [one, two] = [instance('one'), instance('two')]
    const name = newId()
    assert.equal(await one.take(name), true)
    for (const _ of numbers(1, 5)) {
      two.pass(leaseTimes.expireMs - 1)
      assert.equal(await two.take(name), false)
      assert.equal(await one.take(name), true)
    }
    await two.release(name)
    assert.equal(await two.take(name), false)
    await one.release(name)
    assert.equal(await two.take(name), true)
    assert.equal(await one.take(name), false)
  })

  test('who is silent for too long has lost it, by the clock of who waits', async () => {
    const [one, two] = [instance('one'), instance('two')]
    const name = newId()
    assert.equal(await one.take(name), true)
    assert.equal(await two.take(name), false)
    one.pass(24 * leaseTimes.expireMs)
    two.pass(leaseTimes.expireMs - 1)
    assert.equal(await two.take(name), false)
    two.pass(1)
    assert.equal(await two.take(name), true)
    assert.equal(await one.take(name), false)
  })

  test('of many who ask at the same moment one has it', async () => {
    const all = numbers(1, 8).map((n) => instance(`${n}`))
    const name = newId()
    const first = await Promise.all(all.map((one) => one.take(name)))
    assert.equal(first.filter(Boolean).length, 1)
    // A moment later those whose question comes before the holder's could take it over.
    for (const one of all) one.pass(leaseTimes.expireMs - 1)
    const second = await Promise.all(all.map((one) => one.take(name)))
    assert.deepEqual(second, first)
    for (const [i, one] of all.entries()) if (!first[i]) one.pass(leaseTimes.expireMs)
    const holder = first.indexOf(true)
    const others = await Promise.all(all.filter((_, i) => i !== holder).map((one) => one.take(name)))
    assert.ok(others.filter(Boolean).length <= 1)
  })

  test('a store asks for its leases in its own name, and beside those that it uses itself', async () => {
    const stores: MongoStore[] = []
    for (const _ of numbers(1, 2)) stores.push(await openInstance(mongo.url, database))
    const [one, two] = stores.map(({ store }) => store)
    assert.ok(one && two)
    try {
      for (const name of ['adopter', 'epoch', 'work']) {
        assert.equal(await one.lease.take(name), true, name)
        assert.equal(await two.lease.take(name), false, name)
        await one.lease.release(name)
        assert.equal(await two.lease.take(name), true, name)
      }
      const client = new MongoClient(mongo.url)
      const meta = client.db(database).collection<{ _id: string; value?: string }>('meta')
      assert.equal((await meta.findOne({ _id: 'epoch' }))?.value, one.epoch)
      await client.close()
    } finally {
      for (const { store } of stores) await store.close()
    }
  })
})
