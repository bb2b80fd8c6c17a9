import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Document, Long, Timestamp } from 'mongodb'
import { type Connection, connect, defaultTimeouts } from '../../src/store/mongo/engine/connect.ts'
import { createLogs } from '../../src/store/mongo/log/logs.ts'
import { createPending } from '../../src/store/mongo/log/pending.ts'
import { createMembers } from '../../src/store/mongo/members.ts'
import { createRosters } from '../../src/store/mongo/rosters.ts'
import { startScripted } from '../mongo/scripted.ts'

const groupId = 'a'.repeat(24)
const at = (seconds: number) => Timestamp.fromBits(1, seconds)

/** Nothing is kept here. */
const heads = {
  raise: () => undefined,
  saw: () => undefined,
  lastOf: () => undefined,
  stop: async () => undefined,
}
const logsOf = (connection: Connection) => createLogs(connection, connection, heads)

/** What the commands were to have seen, in seconds. */
const after = (commands: readonly Document[]) =>
  commands.map(({ readConcern }) => readConcern?.afterClusterTime?.getHighBits() ?? null)

async function open(hello: Document = { logicalSessionTimeoutMinutes: 30 }) {
  const commands: Document[] = []
  const found = { cursor: { id: Long.ZERO, ns: 'chat.any', firstBatch: [] } }
  const server = await startScripted((command) => {
    if (command.find || command.aggregate) commands.push(command)
    return { ok: 1, ...found, operationTime: at(99 + commands.length) }
  }, hello)
  const connection = connect(server.url, 'chat', defaultTimeouts)
  await connection.open()
  return {
    commands,
    connection,
    async [Symbol.asyncDispose]() {
      await connection.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

test('messages are read as late as the changes above them, and the next read as late as those', async () => {
  await using opened = await open()
  const { commands, connection } = opened
  const logs = logsOf(connection)
  await logs.read(groupId, { seq: 0, rev: 0 }, 10)
  await logs.read(groupId, { seq: 0, rev: 0 }, 10)
  assert.deepEqual(
    commands.map(({ find, readConcern }) => [find, readConcern.level]),
    ['changes', 'messages', 'changes', 'messages'].map((name) => [name, 'majority']),
  )
  assert.deepEqual(after(commands), [null, 100, 101, 102])
})

test('what a stream told of is seen by the reads after it', async () => {
  await using opened = await open()
  const { commands, connection } = opened
  const logs = logsOf(connection)
  connection.causal.saw(at(500))
  connection.causal.saw(at(400))
  await logs.read(groupId, { seq: 0, rev: 0 }, 10)
  assert.deepEqual(after(commands), [500, 500])
})

test('a server without sessions is read all the same', async () => {
  await using opened = await open({})
  const { commands, connection } = opened
  await logsOf(connection).read(groupId, { seq: 0, rev: 0 }, 10)
  assert.deepEqual(after(commands), [null, null])
})

test('a group is confirmed by a primary that a majority confirms', async () => {
  await using opened = await open()
  const { commands, connection } = opened
  const rosters = createRosters(connection)
  const members = createMembers({
    connection,
    rosters,
    pending: createPending({
      changeLog: { append: assert.fail },
      audit: { record: () => assert.fail() },
      requestMs: 5_000,
    }),
    now: Date.now,
    provedAt: () => 0,
    marks: { drop: async () => undefined },
    onUnlogged: () => undefined,
  })
  assert.equal(await members.confirm(groupId, ['ann']), null)
  const [command] = commands
  assert.equal(command?.aggregate, 'groups')
  assert.deepEqual(command?.readConcern, { level: 'linearizable' })
  assert.equal(command?.$readPreference?.mode ?? 'primary', 'primary')
})
