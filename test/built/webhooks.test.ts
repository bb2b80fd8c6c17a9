import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { mongoMissing, startMongo } from '../mongo/server.ts'
import { apiOf } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { root, spawnService, temporaryFolder } from '../support/process.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { startInstance } from './cluster.ts'
import { gather, run } from './command.ts'

/** All events of this group: of a message each, in order, once the repeated ones are left out, and none is missing. */
function hasAll(receiver: Receiver, group: { id: string }, contents: readonly string[]): boolean {
  const told = new Map(receiver.taken(group).map(({ id, data }) => [id, String(data.message.content)]))
  const found = [...told.values()]
  if (found.length < contents.length) return false
  assert.deepEqual(found, contents)
  return true
}

test('dead letters and what is tried again are listed, tried again and dropped by the command, beside the service and without it', async () => {
  await using receiver = await startReceiver()
  using folder = temporaryFolder()
  const own = { DATA_DIR: folder.path }
  const service = await spawnService(folder.path, receiver.env)
  const webhooks = async (...args: string[]) => {
    const { code, out, err } = await run(['webhooks', ...args], own)
    assert.deepEqual([code, err], [0, ''])
    return out
  }
  assert.equal(await webhooks('list'), '0 given up, 0 waiting\n')
  receiver.answer = (_, response) => response.writeHead(500).end()
  const alice = apiOf(service.url, 'alice')
  const group = await alice.createGroup('group', ['bob'])
  await alice.send(group.id, 'hello')
  await eventually('it is listed', async () => /^0 given up, 1 waiting\n/.test(await webhooks('list')))
  const listed = await webhooks('list')
  const [, id = ''] =
    /^waiting +\S+ +new_message +1 attempt +it answered 500 +next \S+ +(\S+)$/m.exec(listed) ?? []
  assert.equal(id, receiver.received[0]?.id)
  receiver.answer = (_, response) => response.writeHead(204).end()
  assert.equal(await webhooks('retry', id), '1 event will be tried again\n')
  await receiver.hears(group, 2)
  await eventually('it is not listed', async () => (await webhooks('list')) === '0 given up, 0 waiting\n')

  receiver.answer = (_, response) => response.writeHead(500).end()
  await alice.send(group.id, 'again')
  await receiver.hears(group, 3)
  await eventually('it is listed', async () => /^0 given up, 1 waiting\n/.test(await webhooks('list')))
  await service.end('SIGTERM')
  assert.equal(await webhooks('drop'), '0 events dropped\n')
  assert.equal(await webhooks('retry'), '1 event will be tried again\n')
  assert.equal((await run(['webhooks'], own)).code, 64)
  assert.equal((await run(['webhooks', 'send'], own)).code, 64)
})

test('the receiver of the documents takes what the service tells, and nobody else', async () => {
  using folder = temporaryFolder()
  const WEBHOOK_SECRET = `whsec_${randomBytes(32).toString('base64')}`
  const child = spawn(process.execPath, [join(root, 'docs/examples/webhook-receiver.mjs')], {
    env: { PATH: process.env.PATH, WEBHOOK_SECRET, PORT: '0' },
  })
  const { out } = gather(child)
  const says = (what: RegExp) => eventually(`it says ${what}`, () => what.test(out()))
  try {
    await says(/listens on \d+/)
    const WEBHOOK_URL = `http://127.0.0.1:${/listens on (\d+)/.exec(out())?.[1]}/`
    const service = await spawnService(folder.path, { WEBHOOK_URL, WEBHOOK_SECRET })
    const alice = apiOf(service.url, 'alice')
    const { id } = await alice.createGroup('group', ['bob'])
    await alice.send(id, 'hello')
    await says(/^push to bob: alice: hello$/m)
    await alice.call('DELETE', `/groups/${id}`)
    await says(new RegExp(`^group_deleted ${id}$`, 'm'))
    assert.equal((await fetch(WEBHOOK_URL, { method: 'POST', body: '{}' })).status, 401)
    await service.end('SIGTERM')
  } finally {
    child.kill()
  }
})

describe('two processes on one MongoDB', { skip: (await mongoMissing()) ?? false }, () => {
  test('each event is told by one of them, and by the other one when it is killed', {
    timeout: 120_000,
  }, async () => {
    await using undo = new AsyncDisposableStack()
    const receiver = undo.use(await startReceiver())
    const mongo = await startMongo()
    undo.defer(() => mongo.stop())
    const env = { MONGODB_URL: mongo.url, DATABASE_NAME: mongo.newDatabase(), ...receiver.env }
    const [one, two] = [await startInstance(env), await startInstance(env)]
    undo.defer(async () => void (await Promise.all([one.stop(), two.stop()])))
    const alice = { one: apiOf(one.url, 'alice'), two: apiOf(two.url, 'alice') }
    const group = await alice.two.createGroup('group', ['bob'])
    const contents: string[] = []
    const send = async (by: 'one' | 'two', count: number) => {
      for (let n = 0; n < count; n++) {
        contents.push(`message ${contents.length}`)
        await alice[by].send(group.id, contents.at(-1) ?? '')
      }
    }
    await send('one', 3)
    await send('two', 3)
    await eventually('all is told', () => hasAll(receiver, group, contents), 20_000)
    assert.equal(receiver.of(group).length, contents.length, 'each is told once')
    // The one that was started first tells.
    const killed = send('one', 5).then(() => one.kill())
    await killed
    await send('two', 5)
    await eventually('all is told', () => hasAll(receiver, group, contents), 40_000)
  })
})
