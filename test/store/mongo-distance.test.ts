import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { MongoClient } from 'mongodb'
import type { MongoStore } from '../../src/store/mongo/options.ts'
import { type Link, startLink } from '../mongo/link.ts'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import { openInstance } from '../mongo/store.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aSend, history, numbers, seqs, t0, user } from '../support/samples.ts'

const missing = await mongoMissing()

describe('instances near and far from the primary', { skip: missing ?? false }, () => {
  let mongo: TestMongo
  let link: Link
  let near: MongoStore
  let far: MongoStore

  before(async () => {
    mongo = await startMongo()
    link = await startLink(mongo.url)
    const database = mongo.newDatabase()
    near = await openInstance(mongo.url, database)
    // Time enough on a machine that is busy otherwise: it would never come through.
    far = await openInstance(link.url, database, { timeouts: { request: 60_000 } })
  })
  after(async () => {
    link.heal()
    await Promise.all([near.store.close(), far.store.close()])
    await link.close()
    await mongo.stop()
  })

  test('both send in a busy group: the far one comes too late with each number, but not for good', async () => {
    const group = await aGroup(near.store, { members: ['ann'] })
    const send = async ({ store }: MongoStore) =>
      void (await store.messages.append(aSend(group), user('ann')))
    const done = await whileBusy(
      5,
      () => send(near),
      () => send(far),
    )
    const { messages } = await near.store.log.read(group.id, { seq: 0, rev: 0 }, 100_000)
    assert.deepEqual(seqs(messages), numbers(1, done))
  })

  test('both edit in a busy group', async () => {
    const group = await aGroup(near.store, { members: ['ann'] })
    const messages = await history(near.store, group, 12)
    let edits = 0
    const edit = async ({ store }: MongoStore, worker: number) => {
      const { id = '' } = messages[worker] ?? {}
      await store.messages.edit(id, { content: `${edits++}` }, user('ann'), t0)
    }
    const done = await whileBusy(
      2,
      (worker) => edit(near, worker),
      (worker) => edit(far, 8 + worker),
    )
    const { changes } = await near.store.log.read(group.id, { seq: 0, rev: 0 }, 100_000)
    assert.deepEqual(
      changes.map(({ rev }) => rev),
      numbers(1, done),
    )
  })

  test('the far one adopts what the older service wrote into a busy group', async () => {
    const database = mongo.newDatabase()
    // It is the first one, and has the lease.
    const [adopting, sending] = [
      await openInstance(link.url, database),
      await openInstance(mongo.url, database),
    ]
    const client = new MongoClient(mongo.url)
    const group = await aGroup(sending.store, { members: ['ann'] })
    let isOver = false
    const busy = numbers(1, 8).map(async () => {
      while (!isOver) await sending.store.messages.append(aSend(group), user('ann'))
    })
    try {
      link.slow(30)
      const messages = client.db(database).collection('messages')
      for (const n of numbers(1, 3)) {
        const old = { group_id: group.id, sender_id: 'ann', content: `old ${n}`, created_at: new Date(t0) }
        const { insertedId } = await messages.insertOne(old)
        const id = insertedId.toHexString()
        await eventually('it has a number', async () => (await sending.store.messages.read(id)) !== null)
      }
    } finally {
      isOver = true
      await Promise.all(busy)
      link.heal()
      await client.close()
      await Promise.all([adopting.store.close(), sending.store.close()])
    }
  })

  /** Eight workers at the near one go on until each of four at the far one has done it so often. Resolves to how often in all. */
  async function whileBusy(
    times: number,
    nearby: (worker: number) => Promise<void>,
    faraway: (worker: number) => Promise<void>,
  ): Promise<number> {
    let done = 0
    let isOver = false
    link.slow(30)
    const busy = numbers(0, 7).map(async (worker) => {
      for (; !isOver; done++) await nearby(worker)
    })
    try {
      await Promise.all(
        numbers(0, 3).map(async (worker) => {
          for (const _ of numbers(1, times)) {
            await faraway(worker)
            done++
          }
        }),
      )
    } finally {
      isOver = true
      await Promise.all(busy)
      link.heal()
    }
    return done
  }
})
