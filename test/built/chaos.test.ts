import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mongoMissing, startMongo } from '../mongo/server.ts'
import { chaos } from '../support/chaos.ts'
import { spawnService, temporaryFolder } from '../support/process.ts'

/** Each client's cuts: 200 by `npm run test:long`, which also has 1,000 clients on MongoDB. */
const cuts = Number(process.env.CUTS ?? 3)
const onMongo = Number(process.env.CLIENTS ?? 100)
const groups = 20

const bases = (services: readonly { url: string }[]) => services.map(({ url }) => `${url}/api/chat`)

/** What an instance logged as failed, but for a database that was slow to answer: it has much to do. */
const failures = ({ output }: { output(): string }) =>
  output().match(/^.*"level":"(error|critical)","event":"(?!store_is_away).*$/gm) ?? []

test(`1,000 clients in ${groups} groups, ${cuts} cuts each: everyone hears the log once and in order`, async (t) => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path)
  try {
    const counts = await chaos({ bases: bases([service]), groups, clientsPerGroup: 50, cuts, sends: 10 })
    t.diagnostic(JSON.stringify(counts))
  } finally {
    await service.end('SIGTERM')
  }
})

test(`three processes on one MongoDB, ${onMongo} clients, ${cuts} cuts each, every connection to any of them: the same`, {
  skip: (await mongoMissing()) ?? false,
}, async (t) => {
  await using undo = new AsyncDisposableStack()
  const mongo = await startMongo()
  undo.defer(() => mongo.stop())
  const folder = undo.use(temporaryFolder())
  const env = { MONGODB_URL: mongo.url, DATABASE_NAME: mongo.newDatabase() }
  const services = await Promise.all([1, 2, 3].map(() => spawnService(folder.path, env)))
  undo.defer(async () => void (await Promise.all(services.map((service) => service.end('SIGTERM')))))
  const counts = await chaos({
    bases: bases(services),
    groups,
    clientsPerGroup: onMongo / groups,
    cuts,
    sends: 10,
  })
  t.diagnostic(`${mongo.kind}: ${JSON.stringify(counts)}`)
  assert.deepEqual(services.flatMap(failures), [])
})
