import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { ObjectId } from 'mongodb'
import { createAdopter } from '../../src/store/mongo/adoption/adopt.ts'
import { createHandEdits } from '../../src/store/mongo/adoption/hand-edits.ts'
import { createAudit } from '../../src/store/mongo/audit.ts'
import type { GroupDoc } from '../../src/store/mongo/documents.ts'
import { type Connection, connect, defaultTimeouts } from '../../src/store/mongo/engine/connect.ts'
import { hasNoCommitQuorum } from '../../src/store/mongo/engine/failure.ts'
import { makeIndexes } from '../../src/store/mongo/engine/indexes.ts'
import { createChangeLog } from '../../src/store/mongo/log/changes.ts'
import { createPending } from '../../src/store/mongo/log/pending.ts'
import { createTrim } from '../../src/store/mongo/log/trim.ts'
import { createMembers } from '../../src/store/mongo/members.ts'
import { createRosters } from '../../src/store/mongo/rosters.ts'
import { refusal, startScripted } from '../mongo/scripted.ts'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import { noTurns } from '../mongo/store.ts'
import { eventually } from '../support/eventually.ts'

const groupCount = 300
const noHeads = {
  raise: () => undefined,
  saw: () => undefined,
  lastOf: () => undefined,
  stop: async () => undefined,
}

describe('what is done now and then, in a database with many groups', {
  skip: (await mongoMissing()) ?? false,
}, () => {
  let mongo: TestMongo
  let connection: Connection
  let commands: string[] = []

  before(async () => {
    mongo = await startMongo()
  })
  after(() => mongo.stop())
  beforeEach(async () => {
    connection = connect(mongo.url, mongo.newDatabase(), defaultTimeouts, ({ name, collection }) =>
      commands.push(`${collection}.${name}`),
    )
    await connection.open()
    await makeIndexes(connection)
  })
  afterEach(() => connection.close())

  const members = ['ann', 'bob']
  async function makeGroups(over: Partial<GroupDoc> = {}): Promise<string[]> {
    const ids = Array.from({ length: groupCount }, () => new ObjectId())
    const doc = { name: 'many', authorized_user_ids: members, logged_user_ids: members, ver: 1, ...over }
    await connection.groups.insertMany(ids.map((_id) => ({ ...doc, _id })))
    return ids.map((id) => id.toHexString())
  }

  const membersStore = (changeLog = createChangeLog(connection, noHeads, noTurns)) =>
    createMembers({
      connection,
      pending: createPending({ changeLog, audit: createAudit(connection), requestMs: 5_000 }),
      rosters: createRosters(connection),
      now: Date.now,
      provedAt: () => 0,
      marks: { drop: async () => undefined },
      onUnlogged: () => undefined,
    })

  test('old changes: that most groups have only their last one left costs a few commands in all', async () => {
    const ids = await makeGroups()
    const entry = (group_id: string, rev: number, at: number) => ({
      _id: `${group_id}.${rev}`,
      group_id,
      rev,
      slot: `${group_id}:${rev}`,
      at: new Date(at),
      type: 'group_updated' as const,
      seq: 0,
      deleted: 0,
    })
    const [busy = '', turned = '', ended = ''] = ids
    await connection.changes.insertMany([
      ...ids.slice(3).map((id) => entry(id, 7, 1_000)),
      ...[1, 2, 3].map((rev) => entry(busy, rev, rev * 1_000)),
      // By another clock the second one is younger than the third.
      ...[1_000, 9_000, 1_000].map((at, i) => entry(turned, i + 1, at)),
      ...[1, 2].map((rev) => entry(ended, rev, 1_000)),
    ])
    const trim = createTrim(connection)
    commands = []
    assert.equal(await trim(2_500), 2 + 1 + 1)
    assert.ok(commands.length < 12, commands.join())
    const left = await connection.changes
      .find({ group_id: { $in: [busy, turned, ended] } })
      .sort({ group_id: 1, rev: 1 })
      .toArray()
    const revs = (id: string) => left.filter(({ group_id }) => group_id === id).map(({ rev }) => rev)
    assert.deepEqual([revs(busy), revs(turned), revs(ended)], [[3], [2, 3], [2]])
    const starts = await connection.groups
      .find({ _id: { $in: [busy, turned, ended].map((id) => new ObjectId(id)) } })
      .toArray()
    const start = (id: string) => starts.find(({ _id }) => _id.toHexString() === id)?.log_start
    assert.deepEqual([start(busy), start(turned), start(ended)], [2, 1, 1])
    commands = []
    assert.equal(await trim(2_500), 0)
    assert.ok(commands.length < 12, commands.join())
  })

  test('messages to adopt: nothing is counted, and no group is asked by itself', async () => {
    const ids = await makeGroups()
    const [first = '', , second = ''] = ids.toSorted()
    const message = { sender_id: 'ann', content: 'old', created_at: new Date() }
    await connection.messages.insertMany(
      [...Array.from({ length: 450 }, () => first), second].map((group_id) => ({
        _id: new ObjectId(),
        group_id,
        ...message,
      })),
    )
    const told: [string, Record<string, unknown>][] = []
    const changeLog = createChangeLog(connection, noHeads, noTurns)
    const adopter = createAdopter({
      connection,
      changeLog,
      members: membersStore(changeLog),
      now: Date.now,
      log: { info: (event, fields) => told.push([event, fields]), warn: assert.fail },
      requestMs: 10_000,
      onAdopted: () => undefined,
      requireLease: () => undefined,
      turns: noTurns,
    })
    commands = []
    assert.equal(await adopter.isNeeded(), true)
    assert.deepEqual(commands, ['meta.find', 'groups.find', 'messages.find'])
    await adopter.sweep()
    assert.deepEqual(told, [
      ['adoption_started', { groups: 2 }],
      ['adoption_finished', { groups: 2, messages: 451 }],
    ])
    assert.equal(await connection.messages.countDocuments({ seq: null } as object), 0)
    commands = []
    assert.equal(await adopter.isNeeded(), false)
    await adopter.sweep()
    assert.deepEqual(commands, [
      'meta.find',
      'groups.find',
      'messages.find',
      'groups.find',
      'meta.find',
      'groups.find',
      'messages.find',
    ])
  })

  test('hand edits that may have been missed: the server compares, and what could not be logged is tried again', async () => {
    const ids = await makeGroups()
    const edited = ids[5] as string
    await connection.groups.updateOne(
      { _id: new ObjectId(edited) },
      { $set: { authorized_user_ids: ['ann', 'bob', 'cyd'] } },
    )
    let failures = 1
    const real = membersStore()
    const tried: string[] = []
    const handEdits = createHandEdits({
      connection,
      members: {
        ...real,
        async logHandEdit(id, isReplaced, deadline) {
          tried.push(id)
          if (failures-- > 0) throw new Error('away')
          await real.logHandEdit(id, isReplaced, deadline)
        },
      },
      requestMs: 10_000,
      onError: () => undefined,
    })
    handEdits.seen(undefined)
    await eventually('it is tried', () => tried.length === 1)
    handEdits.seen(ids[6] as string)
    await eventually('it is logged', async () => {
      const entry = await connection.changes.findOne({ group_id: edited })
      return entry?.type === 'member_added' && entry.user_id === 'cyd'
    })
    await handEdits.stop()
    assert.deepEqual(new Set(tried), new Set([edited, ids[6]]))
  })
})

describe('the indexes at the start', () => {
  async function make(answer: (command: Record<string, unknown>) => Record<string, unknown> | undefined) {
    const asked: unknown[] = []
    await using server = await startScripted((command) => {
      if (command.createIndexes) asked.push(command.commitQuorum)
      return answer(command)
    })
    const connection = connect(server.url, 'chat', defaultTimeouts)
    await connection.open()
    try {
      await makeIndexes(connection)
    } finally {
      await connection.close()
    }
    return asked
  }

  test('wait for a majority to build them, not for a voting member that is away', async () => {
    const asked = await make(() => ({ ok: 1 }))
    assert.ok(asked.length > 10)
    assert.deepEqual(new Set(asked), new Set(['majority']))
  })

  test('are made as well where there is no such word', async () => {
    const asked = await make(({ commitQuorum }) =>
      commitQuorum ? refusal(2, 'BadValue', "Standalones can't specify commitQuorum") : { ok: 1 },
    )
    assert.equal(asked.filter((quorum) => quorum === undefined).length, asked.length / 2)
    assert.equal(hasNoCommitQuorum(new Error('another')), false)
  })
})
