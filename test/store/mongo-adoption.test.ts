import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { type Document, MongoClient } from 'mongodb'
import type { GroupWithMembers } from '../../src/domain/group.ts'
import { textOnly } from '../../src/domain/message.ts'
import { neverPinned } from '../../src/domain/pin.ts'
import { noReactions } from '../../src/domain/reaction.ts'
import type { MongoStore } from '../../src/store/mongo/options.ts'
import type { Store } from '../../src/store/store.ts'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import { recordingSink } from '../mongo/sink.ts'
import { openInstance } from '../mongo/store.ts'
import { eventually } from '../support/eventually.ts'
import {
  admin,
  aGroup,
  aSend,
  failsWith,
  history,
  newGroup,
  numbers,
  seqs,
  t0,
  user,
} from '../support/samples.ts'
import { skipWithout } from '../support/skip.ts'

const missing = await mongoMissing()
const here = join(import.meta.dirname, '..', 'mongo')

describe('adoption of what an older service left', { skip: missing ?? false }, () => {
  let mongo: TestMongo
  let client: MongoClient
  const opened: MongoStore[] = []
  const processes: ChildProcess[] = []

  before(async () => {
    mongo = await startMongo()
    client = new MongoClient(mongo.url)
  })
  afterEach(async () => {
    for (const child of processes.splice(0)) child.kill('SIGKILL')
    await Promise.all(opened.splice(0).map(({ store }) => store.close()))
  })
  after(async () => {
    await client.close()
    await mongo.stop()
  })

  const open = async (database: string): Promise<Store> => {
    const instance = await openInstance(mongo.url, database)
    opened.push(instance)
    return instance.store
  }

  test('a group and messages made by hand, with the fewest fields', async () => {
    const database = mongo.newDatabase()
    const groupId = await insert('groups', database, { name: 'By hand', authorized_user_ids: ['ann'] })
    const messageId = await insert('messages', database, oldMessage(groupId, 'hello'))
    const store = await open(database)

    const read = async () => (await store.groups.read(groupId)) as GroupWithMembers
    await eventually('it has its number', async () => (await read()).number === 1)
    const group = await read()
    const { createdAt } = group
    const made = newGroup({ members: ['ann'], owner: null, name: 'By hand', description: '', number: 1 })
    assert.deepEqual(group, { ...made, id: groupId, createdAt, updatedAt: createdAt })
    const message = await store.messages.read(messageId)
    assert.deepEqual(message, {
      id: messageId,
      groupId,
      senderId: 'ann',
      content: 'hello',
      createdAt: t0,
      updatedAt: t0,
      isDeleted: false,
      seq: 1,
      ver: 1,
      clientId: null,
      editedAt: null,
      ...textOnly,
      replyCount: 0,
      reactions: noReactions,
      ...neverPinned,
      deletedBy: null,
    })
    // They live on as ours do.
    const {
      changes: [change],
    } = await store.messages.edit(messageId, { content: 'better' }, user('ann'), t0 + 1)
    assert.deepEqual([change?.ver, change?.rev], [2, 2])
    await store.groups.update(groupId, { authorizedUserIds: ['ann', 'bob'] }, admin, t0 + 2)
    const { value: next } = await store.messages.append(aSend(group, { senderId: 'bob' }), user('bob'))
    assert.equal(next.seq, 2)
  })

  test('odd documents, made by hand, are served as well as they can be, or not at all', async () => {
    const database = mongo.newDatabase()
    const groupId = await insert('groups', database, { name: 7, authorized_user_ids: ['ann', 8, null] })
    await insert('groups', database, { _id: 'lobby', authorized_user_ids: ['ann'] })
    await insert('groups', database, { authorized_user_ids: 'ann' })
    await insert('messages', database, { ...oldMessage(groupId, 'dated'), created_at: '2025-01-01' })
    await insert('messages', database, { group_id: groupId, sender_id: 5, content: 6 })
    await insert('messages', database, { ...oldMessage(groupId, 'of another id'), _id: 'one' })
    await insert('messages', database, oldMessage('lobby', 'of a group with another id'))
    const store = await open(database)

    const { groups } = await store.groups.list('ann', { offset: 0, limit: 10 })
    const odd = groups.find(({ id }) => id === groupId)
    assert.deepEqual([odd?.name, odd?.authorizedUserIds], ['7', ['ann']])
    assert.ok(groups.every(({ id }) => id !== 'lobby'))
    const messages = await store.messages.list(groupId, { after: 0, limit: 10 })
    assert.deepEqual(messages.map(({ seq, content }) => [seq, content]).sort(), [
      [1, 'dated'],
      [2, '6'],
    ])
    assert.ok(messages.every(({ createdAt }) => createdAt > t0))
    const { active } = await store.stats.read(Date.now())
    assert.deepEqual(
      active.map(({ id }) => id),
      [groupId],
    )
  })

  test('messages of the older service, still running, appear live on every instance', async () => {
    const database = mongo.newDatabase()
    const [one, two] = [await open(database), await open(database)]
    const group = await aGroup(one, { members: ['ann'] })
    await history(one, group, 2)
    const sink = recordingSink(() => [group.id])
    two.watch(sink)
    for (const n of numbers(1, 5))
      await insert('messages', database, { ...oldMessage(group.id, `old ${n}`), is_deleted: n === 5 })

    await eventually('all have numbers', async () => (await one.log.readHead(group.id))?.seq === 7, 5_000)
    await eventually('the other instance is told', () => sink.changes.some(({ seq }) => seq === 7))
    assert.ok(sink.changes.every(({ type }) => type === 'adopted'))
    const { messages } = await two.log.read(group.id, { seq: 2, rev: 0 }, 10)
    assert.deepEqual(
      messages.map(({ seq, content }) => [seq, content]),
      [
        [3, 'old 1'],
        [4, 'old 2'],
        [5, 'old 3'],
        [6, 'old 4'],
        [7, ''],
      ],
    )
    assert.equal((await one.log.readHead(group.id))?.deleted, 1)
  })

  test('what the older service deleted can be read and restored by operators, and is wiped in time', async () => {
    const database = mongo.newDatabase()
    const groupId = await insert('groups', database, { name: 'Old', authorized_user_ids: ['ann'] })
    const ids: string[] = []
    for (const [n, content] of ['one', 'two', ''].entries()) {
      const deleted = { created_at: new Date(t0), updated_at: new Date(t0 + n), is_deleted: true }
      ids.push(await insert('messages', database, { ...oldMessage(groupId, content), ...deleted }))
    }
    const [one = '', two = '', empty = ''] = ids
    const store = await open(database)
    const texts = async () =>
      (await store.messages.listWithDeleted(groupId, { after: 0, limit: 9 })).map(({ content }) => content)
    assert.deepEqual(await texts(), ['one', 'two', ''])
    assert.deepEqual(
      (await store.messages.readMany(ids)).map(({ content }) => content),
      ['', '', ''],
    )
    const restored = await store.messages.restore(one, admin, t0 + 9)
    assert.deepEqual([restored.value.content, restored.value.ver], ['one', 2])
    assert.deepEqual((await store.log.readHead(groupId))?.deleted, 2)
    await assert.rejects(store.messages.restore(empty, admin, t0 + 9), failsWith('wiped'))

    const documents = client.db(database).collection('messages')
    await eventually('it is known since when the text is kept', async () =>
      Boolean(await documents.findOne({ content: 'two', kept_since: new Date(t0 + 1) })),
    )
    assert.equal(await store.messages.wipe(t0 + 1, 9), 0)
    assert.equal(await store.messages.wipe(t0 + 2, 9), 1)
    assert.deepEqual(await texts(), ['one', '', ''])
    await assert.rejects(store.messages.restore(two, admin, t0 + 9), failsWith('wiped'))
  })

  test('while both services send: one order, no hole', async () => {
    const database = mongo.newDatabase()
    const store = await open(database)
    const group = await aGroup(store, { members: ['ann'] })
    await Promise.all([
      ...numbers(1, 4).map(async () => {
        for (const _ of numbers(1, 15)) await store.messages.append(aSend(group), user('ann'))
      }),
      ...numbers(1, 4).map(async (n) => {
        for (const _ of numbers(1, 10)) await insert('messages', database, oldMessage(group.id, `old ${n}`))
      }),
    ])
    await eventually(
      'all have numbers',
      async () => (await store.log.readHead(group.id))?.seq === 100,
      20_000,
    )
    const { messages } = await store.log.read(group.id, { seq: 0, rev: 0 }, 200)
    assert.deepEqual(seqs(messages), numbers(1, 100))
  })

  test('what was imported into a group in use keeps its own order', async () => {
    const database = mongo.newDatabase()
    const [store, other] = [await open(database), await open(database)]
    const group = await aGroup(store, { members: ['ann'] })
    const imported = numbers(1, 300).map((n) => ({
      ...oldMessage(group.id, `old ${n}`),
      created_at: new Date(t0 + n),
    }))
    const inserted = await client.db(database).collection('messages').insertMany(imported)
    const last = inserted.insertedIds[imported.length - 1]?.toHexString() ?? ''
    let sent = 0
    await eventually('the last one has its number', async () => {
      for (let n = 0; n < 10; n++, sent++) await other.messages.append(aSend(group), user('ann'))
      return (await store.messages.read(last)) !== null
    })
    const all = imported.length + sent
    await eventually('all have numbers', async () => (await store.log.readHead(group.id))?.seq === all)
    const { messages } = await store.log.read(group.id, { seq: 0, rev: 0 }, all)
    const old = messages.map(({ content }) => content).filter((content) => content.startsWith('old '))
    assert.deepEqual(
      old,
      imported.map(({ content }) => content),
    )
  })

  test('what was left while a killed instance still had the lease is adopted before the next one opens', async () => {
    const database = mongo.newDatabase()
    const first = await open(database)
    const group = await aGroup(first, { members: ['ann'] })
    await history(first, group, 1)
    await first.close()
    await client
      .db(database)
      .collection<{ _id: string }>('meta')
      .updateOne({ _id: 'adopter' }, { $set: { holder: 'killed' } })
    for (const n of numbers(2, 4)) await insert('messages', database, oldMessage(group.id, `old ${n}`))
    const next = await open(database)
    assert.equal((await next.log.readHead(group.id))?.seq, 4)
  })

  // Last, because the stand-in's streams get slower with all that was ever written.
  test('a database made by Python: two instances start, one is killed half-way', {
    skip: skipWithout('python3', ['-c', 'import pymongo'], 'pip install pymongo'),
  }, async () => {
    const database = mongo.newDatabase()
    const db = client.db(database)
    execFileSync('python3', [join(here, 'old_database.py'), mongo.url, database, '6', '2000'])
    const source = await db.collection('messages').find().sort({ created_at: 1, _id: 1 }).toArray()
    const groups = await db.collection('groups').find().toArray()
    assert.equal(source.length, 12_000)
    // The stand-in finds a document only by an index over exactly what is asked for.
    if (mongo.kind === 'stand-in')
      await db.collection('messages').createIndex({ _id: 1, seq: 1 }, { unique: true })

    const adopted = () => db.collection('messages').countDocuments({ seq: { $gt: 0 } })
    const first = startInstance(mongo.url, database)
    processes.push(first)
    await eventually('a part is adopted', async () => (await adopted()) > 0, 30_000)
    const second = open(database)
    first.kill('SIGKILL')
    await once(first, 'exit')
    assert.ok((await adopted()) < 12_000, 'the kill came in between')

    const store = await second
    assert.equal(await adopted(), 12_000)
    for (const group of groups) await assertAdopted(store, group, source)
    // What was there is there, and nothing of it is another.
    for (const name of ['messages', 'groups']) {
      const now = await db.collection(name).find().sort({ created_at: 1, _id: 1 }).toArray()
      const before = name === 'messages' ? source : groups
      const byId = new Map(now.map((doc) => [String(doc._id), doc]))
      for (const doc of before) assertHolds(byId.get(String(doc._id)), doc)
    }
  })

  async function insert(collection: string, database: string, doc: Document): Promise<string> {
    return String(
      (
        await client
          .db(database)
          .collection(collection)
          .insertOne({ ...doc })
      ).insertedId,
    )
  }
})

const oldMessage = (groupId: string, content: string) => ({
  group_id: groupId,
  sender_id: 'ann',
  content,
  created_at: new Date(t0),
  updated_at: null,
  is_deleted: false,
})

/** Everything that the store serves of this group equals the source, in the order of (created_at, _id). */
async function assertAdopted(store: Store, group: Document, source: Document[]): Promise<void> {
  const id = String(group._id)
  const expected = source.filter((doc) => doc.group_id === id)
  const deleted = expected.filter((doc) => doc.is_deleted).length
  assert.equal((await store.groups.read(id))?.name, group.name)
  const head = await store.log.readHead(id)
  assert.deepEqual([head?.seq, head?.deleted], [expected.length, deleted])
  for (let seq = 0; seq < expected.length; seq += 500) {
    const { messages } = await store.log.read(id, { seq, rev: head?.rev ?? 0 }, 500)
    assert.deepEqual(
      messages,
      expected.slice(seq, seq + 500).map((doc, i) => ({
        id: String(doc._id),
        groupId: id,
        senderId: doc.sender_id,
        content: doc.is_deleted ? '' : doc.content,
        createdAt: doc.created_at.getTime(),
        updatedAt: (doc.updated_at ?? doc.created_at).getTime(),
        isDeleted: doc.is_deleted,
        seq: seq + i + 1,
        ver: 1,
        editedAt: null,
        clientId: null,
        ...textOnly,
        replyCount: 0,
        reactions: noReactions,
        ...neverPinned,
        deletedBy: null,
      })),
    )
  }
}

/** `doc` has all fields of `part`, unchanged. */
function assertHolds(doc: Document | undefined, part: Document): void {
  for (const [name, value] of Object.entries(part)) assert.deepEqual(doc?.[name], value, name)
}

function startInstance(url: string, database: string): ChildProcess {
  return spawn(process.execPath, [join(here, 'instance.ts'), url, database], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
}
