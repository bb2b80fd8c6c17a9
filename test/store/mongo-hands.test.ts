import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ObjectId } from 'mongodb'
import { createAdopter } from '../../src/store/mongo/adoption/adopt.ts'
import { createAudit } from '../../src/store/mongo/audit.ts'
import { connect, defaultTimeouts } from '../../src/store/mongo/engine/connect.ts'
import { createChangeLog } from '../../src/store/mongo/log/changes.ts'
import { createPending } from '../../src/store/mongo/log/pending.ts'
import { createMembers } from '../../src/store/mongo/members.ts'
import type { MongoStore } from '../../src/store/mongo/options.ts'
import { createRosters } from '../../src/store/mongo/rosters.ts'
import { mongoMissing, type TestMongo } from '../mongo/server.ts'
import { recordingSink } from '../mongo/sink.ts'
import { noTurns, openInstance } from '../mongo/store.ts'
import { startTwoInstances, type TwoInstances } from '../mongo/two-instances.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aSend, history, numbers, seqs, t0, user } from '../support/samples.ts'

/** A document as anybody may have written it. */
interface Anything {
  _id: string | ObjectId
  seq?: number
  [field: string]: unknown
}

const missing = await mongoMissing()

describe('what others do to the documents by hand', { skip: missing ?? false }, () => {
  let instances: TwoInstances
  let one: MongoStore
  let two: MongoStore
  let mongo: TestMongo
  let database: string

  before(async () => {
    instances = await startTwoInstances()
    ;({ one, two, mongo, database } = instances)
  })
  after(() => instances.close())

  const raw = (collection: string) => instances.raw<Anything>(collection)

  test('the numbers of a group go on, though its newest messages were removed', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    await history(one.store, group, 5)
    await eventually(
      'the head is kept',
      async () => (await raw('heads').findOne({ _id: group.id }))?.seq === 5,
    )
    await raw('messages').deleteMany({ group_id: group.id, seq: { $gt: 2 } })
    const { value: message } = await two.store.messages.append(aSend(group), user('ann'))
    assert.equal(message.seq, 6)
    assert.equal((await two.store.log.readHead(group.id))?.seq, 6)
  })

  test('members are told though the document was replaced, again and again', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    const added = async () =>
      (await one.store.log.read(group.id, { seq: 0, rev: 0 }, 100)).changes
        .filter(({ type }) => type === 'member_added')
        .map(({ data }) => data.user_id)
    for (const [i, userId] of ['ben', 'eve', 'tom'].entries()) {
      await raw('groups').replaceOne(
        { _id: new ObjectId(group.id) },
        {
          name: 'x',
          description: '',
          authorized_user_ids: ['ann'],
          logged_user_ids: ['ann'],
          created_at: new Date(t0),
        },
      )
      const authorizedUserIds = ['ann', userId]
      await one.store.groups.update(group.id, { authorizedUserIds }, { userId: 'op', admin: true }, t0)
      assert.equal((await added()).length, i + 1, `${userId} is told`)
    }
  })

  test('members are told once though the document lost what was told of them', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    const _id = new ObjectId(group.id)
    const set = (authorizedUserIds: string[]) =>
      two.store.groups.update(group.id, { authorizedUserIds }, user('olga'), t0)
    const replace = (authorized_user_ids: string[]) =>
      raw('groups').replaceOne({ _id }, { name: 'x', authorized_user_ids, owner_id: 'olga' })
    const told = async () =>
      (await one.store.log.read(group.id, { seq: 0, rev: 0 }, 100)).changes.map(
        ({ type, data }) => `${type} ${data.user_id}`,
      )
    const expected: string[] = []
    const isTold = async (...entries: string[]) => {
      expected.push(...entries)
      await eventually('it is told', async () => (await told()).length >= expected.length)
      assert.deepEqual(await told(), expected)
    }
    await replace(['ann', 'ben'])
    await isTold('member_added ben')
    await set(['ann', 'ben', 'eve'])
    await isTold('member_added eve')
    await replace(['ann', 'eve', 'tom'])
    await isTold('member_added tom', 'member_removed ben')

    // A copy from before.
    const copy = await raw('groups').findOne({ _id })
    const mark = { id: 'old', at: new Date(t0), entries: [] }
    await set(['ann', 'tom'])
    await isTold('member_removed eve')
    await raw('groups').replaceOne({ _id }, { ...copy, unlogged: mark })
    await isTold('member_added eve')

    // Each of those who noticed has had its say by now.
    await one.store.groups.update(group.id, { name: 'New' }, user('olga'), t0)
    await isTold('group_updated undefined')
  })

  test('who is banned and put on the list all the same is in no list of groups, and is taken off it when erased', async () => {
    const { store } = one
    const group = await aGroup(store, { members: ['ann'], owner: 'ann' })
    await store.bans.put(group.id, 'zoe', { reason: '', until: null }, user('ann'), t0)
    const byId = { _id: new ObjectId(group.id) }
    await raw('groups').updateOne(byId, { $push: { authorized_user_ids: 'zoe' } } as object)
    const listed = async () =>
      (await raw('groups').countDocuments({ ...byId, authorized_user_ids: 'zoe' } as object)) === 1
    assert.equal(await listed(), true)
    assert.deepEqual(await store.groups.listIds('zoe', 10, true), [])
    assert.deepEqual(await store.groups.listNames('zoe', [group.id]), [])
    assert.equal((await store.groups.list('zoe', { offset: 0, limit: 10 })).total, 0)
    await store.erasures.begin('key', { userId: 'ann', by: 'root', alias: 'erased-1' })
    let place: string | null = null
    do place = (await store.erasures.rest('zoe', 'erased-1', place, t0)).value
    while (place !== null)
    assert.equal(await listed(), false)
  })

  test('the members of a group that was deleted are forgotten', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    await one.store.groups.update(group.id, { authorizedUserIds: ['ann', 'bob'] }, user('olga'), t0)
    assert.notEqual(await raw('rosters').findOne({ _id: group.id }), null)
    assert.notEqual(await raw('members').findOne({ group_id: group.id }), null)
    await one.store.groups.delete(group.id, user('olga'), t0)
    assert.equal(await raw('rosters').findOne({ _id: group.id }), null)
    assert.equal(await raw('members').findOne({ group_id: group.id }), null)
  })

  test('who came by hand is a member since that was seen, and who went has no record', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    const _id = new ObjectId(group.id)
    const set = (userIds: string[]) =>
      raw('groups').updateOne({ _id }, { $set: { authorized_user_ids: userIds } })
    const record = () => raw('members').findOne({ group_id: group.id })
    await set(['ann', 'bob'])
    await eventually('his record', async () => (await record()) !== null)
    const found = await one.store.members.read(group.id, 'bob')
    assert.equal(found?.member?.role, 'member')
    assert.ok((found?.member?.joinedAt ?? 0) > t0)
    await set(['ann'])
    await eventually('no record', async () => (await record()) === null)
    assert.equal((await one.store.members.read(group.id, 'bob'))?.member, null)
  })

  test('a message that was replaced is told once, with a version that nobody has seen yet', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    const [message] = await history(one.store, group, 2)
    const id = message?.id ?? ''
    for (const n of numbers(1, 3))
      await one.store.messages.edit(id, { content: `edit ${n}` }, user('ann'), t0 + n)
    const told = async () => (await two.store.log.read(group.id, { seq: 0, rev: 3 }, 100)).changes
    const [, logged] = String((await raw('changes').findOne({ group_id: group.id, ver: 4 }))?._id).split('.')
    const replace = async (content: string, ver: number | undefined) => {
      const doc: Partial<Anything> = {
        ...(await raw('messages').findOne({ _id: new ObjectId(id) })),
        content,
      }
      if (ver) doc.ver = ver
      else delete doc.ver
      // A copy from amid an edit, whose entry is in the log since.
      if (ver) Object.assign(doc, { unlogged: 4, unlogged_id: logged })
      await raw('messages').replaceOne({ _id: new ObjectId(id) }, doc)
    }
    for (const [i, ver] of [undefined, 1].entries()) {
      await replace(`by hand ${i}`, ver)
      await eventually('it is told', async () => (await told()).length > i)
    }
    const { changes } = await two.store.messages.edit(id, { content: 'better' }, user('ann'), t0)
    const entries = await told()
    assert.deepEqual(entries.at(-1), changes[0])
    assert.deepEqual(
      entries.map(({ type, messageId }) => [type, messageId]),
      Array.from({ length: 3 }, () => ['message_updated', id]),
    )
    const vers = entries.map(({ ver = 0 }) => ver)
    assert.ok(
      vers.every((ver, i) => ver > (vers[i - 1] ?? 4)),
      `${vers}`,
    )
  })

  test('a keyed send that two instances make at once is new once, and a repeat on the other', async () => {
    for (let round = 0; round < 20; round++) {
      const group = await aGroup(one.store, { members: ['ann'] })
      const send = aSend(group, { clientId: 'key', sendHash: 'hash' })
      const sent = await Promise.all(
        [one, two].map(({ store }, i) => store.messages.append({ ...send, createdAt: t0 + i }, user('ann'))),
      )
      assert.deepEqual(sent.map(({ repeat }) => repeat).sort(), [false, true])
    }
  })

  test('a document of another kind among the groups is passed over, and said once', async () => {
    const warnings: string[] = []
    const log = { info: () => undefined, warn: (event: string) => void warnings.push(event) }
    const own = await openInstance(mongo.url, database, { log })
    const sink = recordingSink()
    own.store.watch(sink)
    for (const n of [1, 2]) {
      await raw('groups').insertOne({ _id: `by hand ${n}` })
      await raw('groups').updateOne({ _id: `by hand ${n}` }, { $set: { name: 'x' } })
    }
    const group = await aGroup(one.store, { members: ['ann'] })
    await eventually('the next group is seen', () => sink.groups.includes(group.id))
    assert.ok(sink.groups.every((id) => /^[0-9a-f]{24}$/.test(id)))
    assert.deepEqual(warnings, ['foreign_group'])
    await raw('groups').deleteMany({ _id: { $type: 'string' } })
    await own.store.close()
  })

  test('two who adopt at once leave no hole', async () => {
    const connection = connect(mongo.url, database, { ...defaultTimeouts, socket: 60_000 })
    await connection.open()
    // The stand-in finds a document only by an index over exactly what is asked for.
    if (mongo.kind === 'stand-in') await raw('messages').createIndex({ _id: 1, seq: 1 }, { unique: true })
    const heads = {
      raise: () => undefined,
      saw: () => undefined,
      lastOf: () => undefined,
      stop: async () => undefined,
    }
    const changeLog = createChangeLog(connection, heads, noTurns)
    const members = createMembers({
      connection,
      pending: createPending({ changeLog, audit: createAudit(connection), requestMs: 5_000 }),
      rosters: createRosters(connection),
      now: Date.now,
      provedAt: () => 0,
      marks: { drop: async () => undefined },
      onUnlogged: () => undefined,
    })
    const adopter = () =>
      createAdopter({
        connection,
        changeLog,
        members,
        now: Date.now,
        requestMs: 20_000,
        log: { info: () => undefined, warn: () => undefined },
        requireLease: () => undefined,
        turns: noTurns,
        onAdopted: () => undefined,
      })
    for (let round = 0; round < 5; round++) {
      const groupId = new ObjectId().toHexString()
      await raw('messages').insertMany(
        numbers(1, 600).map((n) => ({
          _id: new ObjectId(),
          group_id: groupId,
          sender_id: 'ann',
          content: `${n}`,
          created_at: new Date(t0 + n),
          updated_at: new Date(t0 + n),
          is_deleted: false,
        })),
      )
      await Promise.all([adopter().adopt(groupId), adopter().adopt(groupId)])
      const found = await raw('messages').find({ group_id: groupId }).toArray()
      const given = found.map(({ seq }) => seq ?? 0).sort((a, b) => a - b)
      assert.deepEqual(given, numbers(1, 600), `round ${round}`)
    }
    await connection.close()
  })

  test('every instance hears what was sent meanwhile', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    const sent = await history(two.store, group, 3)
    assert.deepEqual(seqs((await one.store.log.read(group.id, { seq: 0, rev: 0 }, 10)).messages), seqs(sent))
  })
})
