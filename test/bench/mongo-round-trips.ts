/**
 * Round trips to MongoDB per message, counted by the driver's command monitoring: 64 senders, each sending its next message when
 * the last is acknowledged, into 1 group and into 64, from one instance and from two, with and without group commit.
 * Figures of time are left out: they would be the server's.
 *
 *     npx node test/bench/mongo-round-trips.ts
 */
import type { GroupWithMembers } from '../../src/domain/group.ts'
import type { Command } from '../../src/store/mongo/engine/connect.ts'
import { startMongo, type TestMongo } from '../mongo/server.ts'
import { openInstance } from '../mongo/store.ts'
import { aGroup, aSend, numbers, user } from '../support/samples.ts'
import { markdownTable } from './figures.ts'

const senders = 64
const messagesEach = 25
const instancesOf = { one: 1, two: 2 } as const

interface Setting {
  groups: 1 | 64
  instances: keyof typeof instancesOf
  maxBatch: number
}

/** Round trips a message, by command. */
async function measure(
  mongo: TestMongo,
  { groups, instances, maxBatch }: Setting,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  let isCounting = false
  // The streams' own requests and the background's go on whether or not anybody sends.
  const onCommand = ({ name, collection }: Command) => {
    if (!isCounting || name === 'getMore' || collection === 'meta' || collection === 'signals') return
    counts.set(`${name} ${collection}`, (counts.get(`${name} ${collection}`) ?? 0) + 1)
  }
  const database = mongo.newDatabase()
  const opened = await Promise.all(
    numbers(1, instancesOf[instances]).map(() =>
      openInstance(mongo.url, database, { onCommand, maxBatch, timeouts: { request: 60_000 } }),
    ),
  )
  const stores = opened.map(({ store }) => store)
  const made: GroupWithMembers[] = []
  for (const _ of numbers(1, groups))
    made.push(await aGroup(stores[0] as (typeof stores)[0], { members: ['ann'] }))

  isCounting = true
  await Promise.all(
    numbers(1, senders).map(async (sender) => {
      const store = stores[sender % stores.length] as (typeof stores)[0]
      const group = made[sender % groups] as GroupWithMembers
      for (const _ of numbers(1, messagesEach)) await store.messages.append(aSend(group), user('ann'))
    }),
  )
  isCounting = false
  await Promise.all(stores.map((store) => store.close()))
  return new Map([...counts].map(([name, count]) => [name, count / (senders * messagesEach)]))
}

const mongo = await startMongo()
const rows: string[][] = []
for (const groups of [1, 64] as const)
  for (const instances of ['one', 'two'] as const)
    for (const maxBatch of [1, 256]) {
      const counts = await measure(mongo, { groups, instances, maxBatch })
      const of = (name: string) => counts.get(name) ?? 0
      const all = [...counts.values()].reduce((sum, count) => sum + count, 0)
      const figures = [all, of('insert messages'), of('find messages'), of('find groups')]
      rows.push([
        `${senders} senders, ${groups} ${groups === 1 ? 'group' : 'groups'}, ${instances === 'one' ? 'one instance' : 'two instances'}`,
        maxBatch > 1 ? 'yes' : 'no',
        ...figures.map((figure) => figure.toFixed(3)),
      ])
    }
await mongo.stop()
const head = [
  'Load',
  'GroupWithMembers commit',
  'Round trips a message',
  'inserts',
  'reads of messages',
  'reads of groups',
]
process.stdout.write(`${markdownTable(head, rows)}\n\nServer: ${mongo.kind}\n`)
