import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type AnyBulkWriteOperation, type Document, MongoBulkWriteError, MongoClient } from 'mongodb'
import { type Adopter, createAdopter } from '../../src/store/mongo/adoption/adopt.ts'
import type { MessageDoc } from '../../src/store/mongo/documents.ts'
import { type Connection, connect, defaultTimeouts } from '../../src/store/mongo/engine/connect.ts'
import { unavailable } from '../../src/store/mongo/engine/failure.ts'
import { makeIndexes } from '../../src/store/mongo/engine/indexes.ts'
import { createChangeLog } from '../../src/store/mongo/log/changes.ts'
import { createKeptHeads } from '../../src/store/mongo/log/heads.ts'
import { seededRandom } from '../built/random.ts'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import { noTurns } from '../mongo/store.ts'
import { failsWith, newId, numbers, t0 } from '../support/samples.ts'

const missing = await mongoMissing()

/** Awaited before each read or write of messages. */
type Step = (isWrite: boolean) => Promise<void>

describe('two who adopt a group at once', { skip: missing ?? false }, () => {
  let mongo: TestMongo
  let client: MongoClient
  let database: string
  const connections: Connection[] = []

  before(async () => {
    mongo = await startMongo()
    client = new MongoClient(mongo.url)
    database = mongo.newDatabase()
    for (const _ of numbers(1, 2)) connections.push(connect(mongo.url, database, defaultTimeouts))
    for (const connection of connections) await connection.open()
    await makeIndexes(connections[0] as Connection)
    // The stand-in finds a document only by an index over exactly what is asked for.
    if (mongo.kind === 'stand-in') await raw('messages').createIndex({ _id: 1, seq: 1 }, { unique: true })
  })
  after(async () => {
    await Promise.all(connections.map((connection) => connection.close()))
    await client.close()
    await mongo.stop()
  })

  const raw = (collection: string) => client.db(database).collection<Document>(collection)

  test('leave no hole and keep the order, however their writes fall between each other', async () => {
    for (const seed of numbers(1, 12)) {
      const { take, step } = oneAtATime(seededRandom(seed))
      const groupId = newId()
      await raw('messages').insertMany(numbers(1, 25).map((n) => oldMessage(groupId, n)))
      await Promise.all([
        ...connections.map((connection) => take(() => adopter(connection, step).adopt(groupId))),
        // More comes meanwhile.
        take(async () => {
          for (const n of numbers(26, 30)) {
            await step()
            await raw('messages').insertOne(oldMessage(groupId, n))
          }
        }),
      ])
      // Somebody sees the last of them, and does it once more.
      await adopter(first()).adopt(groupId)
      await assertWhole(groupId, 30, `seed ${seed}`)
    }
  })

  test('one that lost the lease amid a batch stops after 100 messages, and leaves the rest to the other', async () => {
    const groupId = newId()
    await raw('messages').insertMany(numbers(1, 400).map((n) => oldMessage(groupId, n)))
    let writes = 0
    const slow = adopter(
      first(),
      async (isWrite) => void (isWrite && writes++),
      () => {
        if (writes) throw unavailable()
      },
    )
    await assert.rejects(slow.adopt(groupId), failsWith('unavailable'))
    assert.equal(writes, 100)
    assert.equal((await raw('heads').findOne({ _id: groupId as never }))?.seq, 100)
    await adopter(first()).adopt(groupId)
    await assertWhole(groupId, 400, 'after it')
  })

  const first = (): Connection => connections[0] as Connection

  /** An adopter whose writes to messages are not one after the other at once, but each with a step before it. */
  function adopter(
    connection: Connection,
    step: Step = async () => undefined,
    requireLease = () => undefined,
  ): Adopter {
    const fail = (error: unknown) => assert.fail(String(error))
    const messages = inSteps(connection.messages, step)
    return createAdopter({
      connection: { ...connection, messages },
      members: { settle: () => assert.fail('no group is looked at') } as never,
      changeLog: createChangeLog(connection, createKeptHeads(connection, fail), noTurns),
      now: () => t0,
      log: { info: () => undefined, warn: () => undefined },
      requestMs: 10_000,
      requireLease,
      turns: noTurns,
      onAdopted: () => undefined,
    })
  }

  async function assertWhole(groupId: string, count: number, what: string): Promise<void> {
    const found = await raw('messages').find({ group_id: groupId }).sort({ seq: 1 }).toArray()
    assert.deepEqual(
      found.map(({ seq, content }) => [seq, content]),
      numbers(1, count).map((n) => [n, `old ${n}`]),
      what,
    )
    const [head] = await raw('heads')
      .find({ _id: groupId as never })
      .toArray()
    assert.equal(head?.seq, count, what)
    const entries = await raw('changes').find({ group_id: groupId }).sort({ rev: 1 }).toArray()
    assert.deepEqual([entries.at(-1)?.seq, entries.at(-1)?.deleted], [count, Math.floor(count / 5)], what)
  }
})

const oldMessage = (groupId: string, n: number) => ({
  group_id: groupId,
  sender_id: 'ann',
  content: `old ${n}`,
  created_at: new Date(t0 + n),
  updated_at: null,
  is_deleted: n % 5 === 0,
})

/** Of those that are taken in, one goes on at a time, from step to step; which is up to `random`. */
function oneAtATime(random: () => number) {
  const waiting: (() => void)[] = []
  let going = 0
  function next(): void {
    if (going || !waiting.length) return
    going++
    waiting.splice(Math.floor(random() * waiting.length), 1)[0]?.()
  }
  function stop(): void {
    going--
    next()
  }
  return {
    async take(work: () => Promise<void>): Promise<void> {
      going++
      await work().finally(stop)
    },
    step: (): Promise<void> =>
      new Promise((resolve) => {
        waiting.push(resolve)
        stop()
      }),
  }
}

/** The collection, with a step before each read and before each write of a bulk: a server lets others in between as well. */
function inSteps(messages: Connection['messages'], step: Step): Connection['messages'] {
  return new Proxy(messages, {
    get(target, name) {
      if (name === 'bulkWrite')
        return async (writes: AnyBulkWriteOperation<MessageDoc>[]) => {
          let upsertedCount = 0
          for (const [index, write] of writes.entries()) {
            await step(true)
            try {
              upsertedCount += (await target.bulkWrite([write])).upsertedCount
            } catch (error) {
              if (error instanceof MongoBulkWriteError)
                for (const each of [error.writeErrors].flat()) Object.assign(each.err, { index })
              throw error
            }
          }
          return { upsertedCount }
        }
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      if (name !== 'findOne') return member.bind(target)
      return async (...args: unknown[]) => {
        await step(false)
        return Reflect.apply(member, target, args)
      }
    },
  })
}
