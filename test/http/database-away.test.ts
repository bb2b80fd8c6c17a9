import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Report } from '../../src/observe/report.ts'
import { startLink } from '../mongo/link.ts'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import { eventually } from '../support/eventually.ts'
import { startService } from '../support/service.ts'

const missing = await mongoMissing()

describe('a service whose MongoDB goes away', { skip: missing ?? false }, () => {
  let mongo: TestMongo
  before(async () => {
    mongo = await startMongo()
  })
  after(() => mongo.stop())

  test('still shows its dashboard and metrics, and goes on when it is back', async () => {
    const link = await startLink(mongo.url)
    try {
      await using service = await startService({
        MONGODB_URL: link.url,
        DATABASE_NAME: mongo.newDatabase(),
        MONGO_TIMEOUT: '1s',
      })
      const report = async () => (await fetch(`${service.url}/dashboard/api/data`)).json() as Promise<Report>
      const scrape = async () => (await fetch(`${service.url}/metrics`)).text()
      const ann = await service.api('ann')
      await ann.createGroup('group', [])
      assert.equal((await report()).database.groups, 1)

      link.cut()
      await eventually('the dashboard shows that it is away', async () => {
        const { status, database } = await report()
        return status.database === 'disconnected' && status.level === 'red' && database.groups === null
      })
      assert.equal((await ann.call('GET', '/groups')).status, 503)
      const { recent, performance } = await report()
      assert.equal(recent.errors[0]?.status, 503)
      assert.ok(performance.requests > 1)
      assert.match(await scrape(), /^chat_store_up 0$/m)

      link.heal()
      await eventually('the dashboard shows that it is back', async () => {
        const { status, database } = await report()
        return status.database === 'connected' && database.groups === 1
      })
      assert.match(await scrape(), /^chat_change_stream_lag_seconds \d/m)
    } finally {
      link.heal()
      await link.close()
    }
  })
})
