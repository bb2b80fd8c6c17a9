import { test } from 'node:test'
import { chaos } from '../support/chaos.ts'
import { spawnService, temporaryFolder } from '../support/process.ts'

/** Each client's cuts: 200 by `npm run test:long`. */
const cuts = Number(process.env.CUTS ?? 3)

test(`1,000 clients in 20 groups, ${cuts} cuts each: everyone hears the log once and in order`, async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path)
  try {
    const bases = [`${service.url}/api/chat`]
    await chaos({ bases, groups: 20, clientsPerGroup: 50, cuts, sends: 10 })
  } finally {
    await service.end('SIGTERM')
  }
})
