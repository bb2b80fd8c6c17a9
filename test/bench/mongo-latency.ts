/**
 * From one instance's `messages.append` to the other instance's sink, over the change streams: 400 messages, one every 10 ms
 * or so, after the acknowledgement and from the start of the send. The stand-in's streams are asked each 50 ms, which a
 * mongod's are not: it answers as soon as there is something.
 *
 *     npx node test/bench/mongo-latency.ts
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { startMongo } from '../mongo/server.ts'
import { recordingSink } from '../mongo/sink.ts'
import { openInstance } from '../mongo/store.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aSend, numbers, user } from '../support/samples.ts'
import { markdownTable } from './figures.ts'

const messages = 400

const mongo = await startMongo()
const database = mongo.newDatabase()
const [one, two] = await Promise.all([openInstance(mongo.url, database), openInstance(mongo.url, database)])
const group = await aGroup(one.store, { members: ['ann'] })
const startedAt = new Map<string, number>()
const acknowledgedAt = new Map<string, number>()
const heardAt = new Map<string, number>()
two.store.watch({
  ...recordingSink(() => [group.id]),
  message: ({ id }) => void heardAt.set(id, performance.now()),
})
await eventually('the streams are open', () => two.lag().alive)

for (const _ of numbers(1, messages)) {
  const send = aSend(group)
  startedAt.set(send.id, performance.now())
  await one.store.messages.append(send, user('ann'))
  acknowledgedAt.set(send.id, performance.now())
  await sleep(10 * Math.random())
}
await eventually('all are heard', () => heardAt.size === messages)

const quantiles = (since: Map<string, number>): string[] => {
  const sorted = [...since].map(([id, at]) => (heardAt.get(id) ?? 0) - at).sort((a, b) => a - b)
  return [0.5, 0.99].map((q) => `${(sorted[Math.floor(q * sorted.length)] ?? 0).toFixed(1)} ms`)
}
await Promise.all([one.store.close(), two.store.close()])
await mongo.stop()
const rows = [
  ['from the start of the send', ...quantiles(startedAt)],
  ['from the acknowledgement', ...quantiles(acknowledgedAt)],
]
process.stdout.write(
  `${markdownTable(['Heard by the other instance', 'p50', 'p99'], rows)}\n\nServer: ${mongo.kind}\n`,
)
