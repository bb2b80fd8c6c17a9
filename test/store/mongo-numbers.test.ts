import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Collection, type Document, MongoClient, ObjectId } from 'mongodb'
import { type Adopter, createAdopter } from '../../src/store/mongo/adoption/adopt.ts'
import { type Connection, connect, defaultTimeouts } from '../../src/store/mongo/engine/connect.ts'
import { makeIndexes } from '../../src/store/mongo/engine/indexes.ts'
import { createChangeLog } from '../../src/store/mongo/log/changes.ts'
import { createKeptHeads } from '../../src/store/mongo/log/heads.ts'
import type { MongoOptions, MongoStore } from '../../src/store/mongo/options.ts'
import type { Store } from '../../src/store/store.ts'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import { recordingSink } from '../mongo/sink.ts'
import { noTurns, openInstance } from '../mongo/store.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aSend, failsWith, history, newId, numbers, seqs, t0, user } from '../support/samples.ts'

const missing = await mongoMissing()

describe('the numbers of a group', { skip: missing ?? false }, () => {
  let mongo: TestMongo
  let client: MongoClient
  let database: string
  const opened: MongoStore[] = []
  const connections: Connection[] = []

  before(async () => {
    mongo = await startMongo()
    client = new MongoClient(mongo.url)
    database = mongo.newDatabase()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ store }) => store.close()))
    await Promise.all(connections.splice(0).map((connection) => connection.close()))
  })
  after(async () => {
    await client.close()
    await mongo.stop()
  })

  const raw = (collection: string) => client.db(database).collection<Document>(collection)
  const open = async (over: Partial<MongoOptions> = {}): Promise<Store> => {
    const instance = await openInstance(mongo.url, database, over)
    opened.push(instance)
    return instance.store
  }
  const wholeLog = async (store: Store, groupId: string) =>
    (await store.log.read(groupId, { seq: 0, rev: 0 }, 5_000)).messages

  test('never start again when the newest messages were deleted by hand', async () => {
    const [one, two] = [await open(), await open()]
    const group = await aGroup(one, { members: ['ann'] })
    await history(one, group, 5)
    await raw('messages').deleteMany({ group_id: group.id, seq: { $gt: 2 } })
    assert.equal((await two.log.readHead(group.id))?.seq, 5)
    // It has never seen this group.
    const sink = recordingSink()
    one.watch(sink)
    assert.equal((await two.messages.append(aSend(group), user('ann'))).value.seq, 6)
    await eventually('the first one hears of it', () => sink.messages.some(({ seq }) => seq === 6))
    await raw('messages').deleteMany({ group_id: group.id })
    assert.equal((await one.messages.append(aSend(group), user('ann'))).value.seq, 7)
    await raw('messages').deleteMany({ group_id: group.id })
    const three = await open()
    assert.equal((await three.messages.append(aSend(group), user('ann'))).value.seq, 8)
  })

  test('of changes never start again when the log was deleted by hand, and the deleted stay counted', async () => {
    const [one, two] = [await open(), await open()]
    const group = await aGroup(one, { members: ['ann'] })
    const [first, second] = await history(one, group, 2)
    await one.messages.edit(first?.id ?? '', { content: 'better' }, user('ann'), t0)
    await one.messages.delete(second?.id ?? '', user('ann'), t0)
    await raw('changes').deleteMany({ group_id: group.id })
    assert.deepEqual(await two.log.readHead(group.id), { seq: 2, rev: 2, deleted: 1 })
    const { changes } = await two.messages.delete(first?.id ?? '', user('ann'), t0)
    assert.deepEqual(
      changes.map(({ rev, deleted }) => [rev, deleted]),
      [[3, 2]],
    )
  })

  test('of adopted messages never start again either', async () => {
    const one = await open()
    const group = await aGroup(one, { members: ['ann'] })
    await raw('messages').insertMany(numbers(1, 3).map((n) => oldMessage(group.id, n)))
    await eventually('all have numbers', async () => (await one.log.readHead(group.id))?.seq === 3)
    await eventually('the others are told', async () => (await one.log.readHead(group.id))?.rev === 1)
    await raw('messages').deleteMany({ group_id: group.id })
    const two = await open()
    assert.equal((await two.messages.append(aSend(group), user('ann'))).value.seq, 4)
  })

  test('of many groups are read in a few commands, also those of groups that were made by hand, once they were read', async () => {
    const commands: string[] = []
    const one = await open({ onCommand: ({ name, collection }) => commands.push(`${name} ${collection}`) })
    const groups = await Promise.all(numbers(1, 150).map(() => aGroup(one, { members: ['ann'] })))
    const ids = groups.map(({ id }) => id)
    const [first, second] = groups
    assert.ok(first && second)
    await history(one, first, 2)
    const [edited] = await history(one, second, 1)
    await one.messages.edit(edited?.id ?? '', { content: 'better' }, user('ann'), t0)
    const byHand = new ObjectId()
    await raw('groups').insertOne({ _id: byHand, name: 'By hand', authorized_user_ids: ['ann'] })
    await raw('messages').insertOne({ ...oldMessage(byHand.toHexString(), 1), seq: 1, slot: `${byHand}:1` })
    const all = [...ids, byHand.toHexString()]
    assert.equal((await one.log.readHeads(all)).get(byHand.toHexString())?.seq, 1)
    const kept = () =>
      raw('heads').countDocuments({ _id: { $in: all as unknown as ObjectId[] }, seq: { $gte: 0 } })
    await eventually('all heads are kept', async () => (await kept()) === all.length, 10_000)

    commands.length = 0
    const heads = await one.log.readHeads(all)
    const names = await one.groups.listNames('ann', all)
    // Five, and what is looked at in the background meanwhile.
    const count = commands.filter((command) => /^find (groups|heads|changes|messages)$/.test(command))
    assert.ok(count.length < 20, count.join())
    assert.equal(names.length, all.length)
    assert.deepEqual(heads.get(first.id), { seq: 2, rev: 0, deleted: 0 })
    assert.deepEqual(heads.get(second.id), { seq: 1, rev: 1, deleted: 0 })
    assert.deepEqual(heads.get(ids[20] ?? ''), { seq: 0, rev: 0, deleted: 0 })
    // Whoever wrote it was killed before the head was kept.
    await raw('messages').insertOne({ ...oldMessage(first.id, 3), seq: 3, slot: `${first.id}:3` })
    assert.equal((await one.log.readHeads(all)).get(first.id)?.seq, 3)
  })

  test('of groups that are made at once are taken together, and the groups made by a few commands; one whose id is taken is refused alone', async () => {
    const commands: string[] = []
    // In a database of its own, for the background has much to write about groups that other tests have left.
    const own = mongo.newDatabase()
    const instance = await openInstance(mongo.url, own, {
      onCommand: ({ name, collection }) => commands.push(`${name} ${collection}`),
    })
    opened.push(instance)
    const one = instance.store
    const taken = await aGroup(one, { members: ['ann'] })
    commands.length = 0
    const makings = numbers(1, 150).map((n) => aGroup(one, { members: ['ann'], name: `at once ${n}` }))
    const refused = one.groups.create({ ...taken, name: 'again' })
    const [made] = await Promise.all([Promise.all(makings), assert.rejects(refused, failsWith('conflict'))])
    const found = await client
      .db(own)
      .collection('groups')
      .find({ name: /^at once \d+$/ })
      .toArray()
    assert.deepEqual(
      new Map(found.map(({ _id, name, number }) => [_id.toHexString(), `${name} ${number}`])),
      new Map(made.map(({ id, name, number }) => [id, `${name} ${number}`])),
    )
    assert.equal(new Set([...made, taken].map(({ number }) => number)).size, 151)
    assert.equal((await one.groups.readSummary(taken.id))?.name, taken.name)
    const ids = made.map(({ id }) => id as unknown as ObjectId)
    assert.equal(
      await client
        .db(own)
        .collection('rosters')
        .countDocuments({ _id: { $in: ids } }),
      150,
    )
    const making = commands.filter((command) => /^(insert groups|(insert|update) rosters)$/.test(command))
    assert.ok(making.length <= 4, making.join())
  })

  test('never start again either where an instance was killed before it kept the head, once another has started', async () => {
    const one = await open()
    const group = await aGroup(one, { members: ['ann'] })
    const [message] = await history(one, group, 3)
    await one.messages.edit(message?.id ?? '', { content: 'better' }, user('ann'), t0)
    await one.close()
    const head = { _id: group.id as unknown as ObjectId }
    await raw('heads').replaceOne(head, { seq: 1, changes: { rev: 0, deleted: 0 } })
    const two = await open()
    await eventually('the head is kept', async () => {
      const kept = await raw('heads').findOne(head)
      return kept?.seq === 3 && kept?.changes.rev === 1
    })
    for (const log of ['messages', 'changes']) await raw(log).deleteMany({ group_id: group.id })
    assert.equal((await two.messages.append(aSend(group), user('ann'))).value.seq, 4)
    assert.equal((await two.log.readHead(group.id))?.rev, 1)
  })

  test('of a group that was deleted are forgotten', async () => {
    const one = await open()
    const group = await aGroup(one, { members: ['ann'] })
    await history(one, group, 2)
    const head = () => raw('heads').findOne({ _id: group.id as unknown as ObjectId })
    await eventually('the head is kept', async () => (await head())?.seq === 2)
    await one.groups.delete(group.id, user('olga'), t0)
    assert.equal(await head(), null)
  })

  test('have no hole when two adopt at once: what one numbered ends the batch of the other', async () => {
    const groupId = newId()
    await raw('messages').insertMany(numbers(1, 30).map((n) => oldMessage(groupId, n)))
    const [paused, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    // It has read what there is to number, and is held up before it reads the head.
    const slow = await adopter({
      beforeHead() {
        paused.resolve()
        return go.promise
      },
    })
    const late = slow.adopt(groupId)
    await paused.promise
    await raw('messages').deleteMany({ group_id: groupId, content: { $in: ['old 11', 'old 12'] } })
    const quick = await adopter({})
    await raw('messages').updateMany({ group_id: groupId, content: /^old 2\d/ }, { $set: { seq: -1 } })
    await quick.adopt(groupId)
    await raw('messages').updateMany({ group_id: groupId, seq: -1 }, { $unset: { seq: '' } })
    go.resolve()
    await late
    const found = await raw('messages').find({ group_id: groupId }).sort({ seq: 1 }).toArray()
    assert.deepEqual(
      found.map(({ seq }) => seq),
      numbers(1, 28),
    )
    assert.equal(new Set(found.map(({ _id }) => String(_id))).size, 28)
  })

  test('have no hole when a message is removed by hand while it is adopted', async () => {
    const groupId = newId()
    await raw('messages').insertMany(numbers(1, 10).map((n) => oldMessage(groupId, n)))
    const one = await adopter({
      beforeHead: async () => void (await raw('messages').deleteOne({ group_id: groupId, content: 'old 5' })),
    })
    await one.adopt(groupId)
    const found = await raw('messages').find({ group_id: groupId }).sort({ seq: 1 }).toArray()
    assert.deepEqual(
      found.map(({ seq, is_deleted, content }) => [seq, is_deleted ? '' : content]),
      numbers(1, 10).map((n) => [n, n === 5 ? '' : `old ${n}`]),
    )
    const [entry] = await raw('changes').find({ group_id: groupId }).toArray()
    assert.deepEqual([entry?.seq, entry?.deleted], [10, 1])
  })

  test('have no hole when several adopt and send at once', async () => {
    const store = await open()
    const group = await aGroup(store, { members: ['ann'] })
    // Each now and then acts on what it read a while ago.
    const dawdle = () => sleep(Math.random() * 40)
    const adopters = await Promise.all(numbers(1, 3).map(() => adopter({ beforeHead: dawdle })))
    let isOver = false
    const adopting = adopters.map(async (one) => {
      while (!isOver) await one.adopt(group.id)
    })
    await Promise.all([
      ...numbers(1, 4).map(async (writer) => {
        for (const n of numbers(1, 5))
          await raw('messages').insertMany(
            numbers(1, 20).map((i) => oldMessage(group.id, writer * 1_000 + n * 100 + i)),
          )
      }),
      ...numbers(1, 4).map(async () => {
        for (const _ of numbers(1, 20)) await store.messages.append(aSend(group), user('ann'))
      }),
    ])
    await eventually('all have numbers', async () => (await wholeLog(store, group.id)).length === 480, 30_000)
    isOver = true
    await Promise.all(adopting)
    assert.deepEqual(seqs(await wholeLog(store, group.id)), numbers(1, 480))
  })

  /** An adopter that believes it holds the lease. */
  async function adopter({ beforeHead }: { beforeHead?: () => Promise<void> }): Promise<Adopter> {
    const connection = connect(mongo.url, database, defaultTimeouts)
    connections.push(connection)
    await connection.open()
    await makeIndexes(connection)
    const fail = (error: unknown) => assert.fail(String(error))
    return createAdopter({
      connection: beforeHead
        ? { ...connection, messages: hooked(connection.messages, beforeHead) }
        : connection,
      members: { settle: () => assert.fail('no group is looked at') } as never,
      changeLog: createChangeLog(connection, createKeptHeads(connection, fail), noTurns),
      now: () => t0,
      log: { info: () => undefined, warn: () => undefined },
      requestMs: 10_000,
      requireLease: () => undefined,
      turns: noTurns,
      onAdopted: () => undefined,
    })
  }
})

const oldMessage = (groupId: string, n: number) => ({
  group_id: groupId,
  sender_id: 'ann',
  content: `old ${n}`,
  created_at: new Date(t0 + n),
  updated_at: null,
  is_deleted: false,
})

/** The collection, with a pause before the last message is looked for. */
function hooked<Doc extends Document>(
  collection: Collection<Doc>,
  before: () => Promise<void>,
): Collection<Doc> {
  return new Proxy(collection, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      if (name !== 'findOne') return member.bind(target)
      return async (...args: unknown[]) => {
        await before()
        return Reflect.apply(member, target, args)
      }
    },
  })
}
