import { test } from 'node:test'
import { chaos } from '../support/chaos.ts'
import { startService } from '../support/service.ts'

test('clients that are cut off again and again, and send again what was not acknowledged, hear the log once and in order', async () => {
  await using service = await startService()
  await chaos({ bases: [service.base], groups: 4, clientsPerGroup: 20, cuts: 12, sends: 8 })
})
