import { test } from 'node:test'
import { chaos } from '../support/chaos.ts'
import { startService } from '../support/service.ts'

test('clients that are cut off again and again, and send again what was not acknowledged, hear the log once and in order', async () => {
  await using service = await startService()
  await chaos({ bases: [service.base], groups: 4, clientsPerGroup: 20, cuts: 12, sends: 8 })
})

const needsMongo =
  process.env.TEST_STORE !== 'mongodb' && 'several instances need MongoDB: TEST_STORE=mongodb'

test('the same over three instances on one database', { skip: needsMongo }, async () => {
  const database = { DATABASE_NAME: `chaos_${Date.now()}` }
  await using one = await startService(database)
  await using two = await startService(database)
  await using three = await startService(database)
  const bases = [one, two, three].map(({ base }) => base)
  await chaos({ bases, groups: 3, clientsPerGroup: 10, cuts: 10, sends: 5 })
})
