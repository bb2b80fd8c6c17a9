import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { startLink } from '../mongo/link.ts'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import { openInstance } from '../mongo/store.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aSend, erase, history, numbers, t0, user } from '../support/samples.ts'

const missing = await mongoMissing()

describe('the figures of several instances', { skip: missing ?? false }, () => {
  let mongo: TestMongo
  before(async () => {
    mongo = await startMongo()
  })
  after(() => mongo.stop())

  test('are one sum, also when they are added at the same moment', async () => {
    const database = mongo.newDatabase()
    const instances = await Promise.all(
      [1, 2, 3].map(() => openInstance(mongo.url, database, { now: () => t0 })),
    )
    const [first] = instances
    assert.ok(first)
    try {
      const group = await aGroup(first.store, { members: ['ann'] })
      const sends = instances.flatMap(({ store }) =>
        numbers(1, 5).map(() => store.messages.append(aSend(group), user('ann'))),
      )
      const sent = await Promise.all(sends)
      await erase(first.store, [sent[0]?.value, sent[1]?.value])
      // The first time each adds what it gathered, and some meet on a document that no one has made yet; then the rest.
      await Promise.all(instances.map(({ store }) => store.stats.read(t0)))
      await Promise.all(instances.map(({ store }) => store.stats.read(t0)))
      for (const { store } of instances) {
        const { groups, messages, deleted, growth, active } = await store.stats.read(t0)
        assert.deepEqual([groups, messages, deleted], [1, 15, 2])
        assert.deepEqual(growth, { groups: 1, messages: 15 })
        const { id, name, kind, visibility } = group
        const shown = { id, name, kind, visibility, memberCount: 1 }
        assert.deepEqual(active, [{ ...shown, messages: 13, deleted: 2, lastAt: t0 }])
      }
    } finally {
      await Promise.all(instances.map(({ store }) => store.close()))
    }
  })

  test('are not lost while the database is away', async () => {
    const link = await startLink(mongo.url)
    const timeouts = { request: 1_500, select: 500, socket: 1_200, write: 1_000 }
    const { store } = await openInstance(link.url, mongo.newDatabase(), {
      timeouts,
      now: () => t0,
    })
    try {
      const group = await aGroup(store, { members: ['ann'] })
      await history(store, group, 3)
      link.cut()
      await assert.rejects(store.stats.read(t0))
      link.heal()
      const growth = async () => (await store.stats.read(t0).catch(() => null))?.growth
      await eventually('the figures are there', async () =>
        isDeepStrictEqual(await growth(), { groups: 1, messages: 3 }),
      )
    } finally {
      link.heal()
      await store.close()
      await link.close()
    }
  })
})
