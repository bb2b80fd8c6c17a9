import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient, MongoServerError, ObjectId } from 'mongodb'
import type { MongoStore } from '../../src/store/mongo/options.ts'
import { createTail } from '../../src/store/mongo/stream/tail.ts'
import { mongoMissing, startOwnMongo, type TestMongo } from '../mongo/server.ts'
import { recordingSink } from '../mongo/sink.ts'
import { openInstance } from '../mongo/store.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aSend, failsWith, history, user } from '../support/samples.ts'

const missing = process.env.MONGODB_URL ? 'needs a server of its own' : await mongoMissing()

describe('a MongoDB without change streams', { skip: missing ?? false }, () => {
  let mongo: TestMongo
  let database: string
  let one: MongoStore
  let two: MongoStore
  const warnings: string[] = []

  before(async () => {
    mongo = await startOwnMongo('alone')
    database = mongo.newDatabase()
    one = await openInstance(mongo.url, database)
    const log = { info: () => undefined, warn: (event: string) => void warnings.push(event) }
    two = await openInstance(mongo.url, database, { log })
  })
  after(async () => {
    await Promise.all([one.store.close(), two.store.close()])
    await mongo.stop()
  })

  test('open groups are asked each second, and the log says so', async () => {
    const group = await aGroup(one.store, { members: ['ann', 'bob'] })
    const closed = await aGroup(one.store, { members: ['ann'] })
    await history(one.store, group, 2)
    let isAsked = false
    const sink = recordingSink(() => {
      isAsked = true
      return [group.id]
    })
    two.store.watch(sink)
    await eventually('it is asked', () => isAsked)
    assert.ok(warnings.includes('no_change_streams'))
    assert.equal(warnings.filter((event) => event === 'no_change_streams').length, 1)

    await eventually('news are told', async () => {
      await one.store.messages.append(aSend(group), user('ann'))
      return sink.messages.length > 0
    })
    await history(one.store, closed, 1)
    const { changes } = await one.store.groups.update(
      group.id,
      { authorizedUserIds: ['ann'] },
      user('olga'),
      1,
    )
    await eventually('the change is told', () => sink.changes.length === 1)
    assert.deepEqual(sink.changes, changes)
    assert.ok(sink.messages.every(({ groupId }) => groupId === group.id))
    assert.ok(sink.groups.includes(group.id))
    assert.equal(two.lag().alive, true)
  })

  test('how late it hears is the time since it asked: signals never come back', async () => {
    two.signals.send({ kind: 'beat' })
    let before = 0
    await eventually('it falls, each time that it asked', () => {
      const { streamMs } = two.lag()
      const falls = streamMs < before
      before = streamMs
      return falls
    })
  })

  test('members edited by hand are in force at once, and logged', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    two.store.watch(recordingSink(() => [group.id]))
    const client = new MongoClient(mongo.url)
    const _id = new ObjectId(group.id)
    await client
      .db(database)
      .collection('groups')
      .updateOne({ _id }, { $set: { authorized_user_ids: ['bob'] } })
    await client.close()
    await assert.rejects(two.store.messages.append(aSend(group), user('ann')), failsWith('forbidden'))
    await eventually('it is logged', async () => (await one.store.log.readHead(group.id))?.rev === 2)
  })
})

describe('a stream', () => {
  /**
   * A collection whose streams do as told: each is a list of answers, errors among them; at its end it is
   * silent.
   */
  function scripted(streams: unknown[][]) {
    const opened: unknown[] = []
    const watch = (_: unknown, options: { resumeAfter?: unknown }) => {
      opened.push(options.resumeAfter)
      const answers = streams.shift() ?? []
      const stream = {
        closed: false,
        resumeToken: undefined as unknown,
        async tryNext() {
          const answer = answers.shift()
          if (answer === undefined) await sleep(20)
          if (answer instanceof Error) throw answer
          if (answer === 'end') stream.closed = true
          if (answer === 'end') return null
          if (answer !== undefined) stream.resumeToken = answer
          return answer ?? null
        },
        close: async () => undefined,
      }
      return stream
    }
    return { opened, collection: { watch } as unknown as Parameters<typeof createTail>[0]['collection'] }
  }

  async function follow(streams: unknown[][]) {
    const told: unknown[] = []
    const { opened, collection } = scripted(streams)
    const expected = streams.length
    const tail = createTail({
      collection,
      operations: ['insert'],
      onEvent: (event) => told.push(event),
      onLost: () => told.push('lost'),
      onError: () => undefined,
      onMissing: () => told.push('missing'),
    })
    await eventually('all streams were opened', () => opened.length >= expected)
    await eventually('the last one was read', () => streams.length === 0 && tail.provedAt > 0)
    return { told, opened, tail }
  }

  test('resumes by its token after an error, and says that something may be missing', async () => {
    const { told, opened, tail } = await follow([['a', 'b', new Error('cut')], ['c']])
    await eventually('all is told', () => told.includes('c'))
    await tail.stop()
    assert.deepEqual(opened, [undefined, 'b'])
    assert.deepEqual(told, ['lost', 'a', 'b', 'lost', 'c'])
  })

  test('drops a token that the server has lost', async () => {
    const historyLost = new MongoServerError({ message: 'history lost', code: 286 })
    const { told, opened, tail } = await follow([['a', new Error('cut')], [historyLost], ['b']])
    await eventually('all is told', () => told.includes('b'))
    await tail.stop()
    assert.deepEqual(opened, [undefined, 'a', undefined])
    assert.deepEqual(told, ['lost', 'a', 'lost', 'b'])
  })

  test('starts anew where the server ended it, which looks like silence', async () => {
    const { told, opened, tail } = await follow([['a', 'end'], ['b']])
    await eventually('all is told', () => told.includes('b'))
    await tail.stop()
    assert.deepEqual(opened, [undefined, undefined])
    assert.deepEqual(told, ['lost', 'a', 'lost', 'b'])
  })

  test('ends where the server has none', async () => {
    const noReplicaSet = new MongoServerError({ message: 'only supported on replica sets', code: 40573 })
    const { collection } = scripted([[noReplicaSet]])
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const tail = createTail({
      collection,
      operations: ['insert'],
      onEvent: () => undefined,
      onLost: () => undefined,
      onError: () => undefined,
      onMissing: resolve,
    })
    assert.equal(await promise, noReplicaSet)
    await tail.stop()
  })
})
