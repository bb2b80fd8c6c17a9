import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { GroupView } from '../../src/domain/group.ts'
import type { MessageView } from '../../src/domain/message.ts'
import type { Report } from '../../src/observe/report.ts'
import { type Link, startLink } from '../mongo/link.ts'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import type { Api } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { freePort, spawnService, temporaryFolder } from '../support/process.ts'
import { startService, type TestService } from '../support/service.ts'
import { RefusedUpgrade } from '../support/socket.ts'

const timeoutMs = 1_500

describe('an instance whose MongoDB is away', { skip: (await mongoMissing()) ?? false }, () => {
  let mongo: TestMongo
  let link: Link
  let env: Record<string, string>
  let service: TestService
  let alice: Api
  let group: GroupView
  let path: string

  before(async () => {
    mongo = await startMongo()
  })
  after(() => mongo.stop())
  beforeEach(async () => {
    link = await startLink(mongo.url)
    env = { MONGODB_URL: link.url, DATABASE_NAME: mongo.newDatabase(), MONGO_TIMEOUT: `${timeoutMs}ms` }
    service = await startService(env)
    alice = await service.api('alice')
    group = await alice.createGroup('away', ['bob'])
    path = `/ws/${group.id}`
  })
  afterEach(async () => {
    link.heal()
    await service[Symbol.asyncDispose]()
    await link.close()
  })

  const logs = (event: string) => service.logged.some((line) => line.includes(`"event":"${event}"`))
  const status = async (path: string) => (await fetch(service.url + path)).status

  for (const [fault, bring] of [
    ['cut off', () => link.cut()],
    ['hung', () => link.hang()],
  ] as const)
    test(`${fault}: 503 with Retry-After within the time-out, sockets stay open, and all recovers by itself`, async () => {
      const socket = await service.socket('bob', path)
      bring()
      const started = performance.now()
      const messages = `/groups/${group.id}/messages`
      const answers = await Promise.all([
        alice.call('GET', '/groups'),
        alice.call('GET', messages),
        alice.call('POST', messages, { body: { content: 'now', client_id: 'key' } }),
        alice.call('PUT', `/groups/${group.id}`, { body: { name: 'New' } }),
      ])
      const tookMs = performance.now() - started
      for (const answer of answers) {
        assert.equal(answer.status, 503)
        assert.equal(answer.body.code, 'unavailable')
        assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
      }
      assert.ok(tookMs < timeoutMs + 500, `took ${tookMs} ms`)
      assert.equal((await socket.ask({ type: 'message', content: 'now' })).code, 'unavailable')
      await eventually('it is not ready', async () => (await status('/readyz')) === 503)
      assert.equal(await status('/health'), 503)
      assert.equal(await status('/livez'), 200)
      const shown = (await (await fetch(`${service.url}/dashboard/api/data`)).json()) as Report
      assert.equal(shown.status.state, 'the store does not answer')
      assert.ok(logs('store_is_away'))

      link.heal()
      await eventually('it is ready', async () => (await status('/readyz')) === 200)
      assert.ok(logs('store_is_back'))
      await eventually('it sends', async () => {
        const answer = await alice.call('POST', messages, { body: { content: 'now', client_id: 'key' } })
        return answer.status < 300
      })
      const sent = (await alice.history(group.id)).filter(({ client_id }) => client_id === 'key')
      assert.equal(sent.length, 1)
      const heard = await socket.next(
        (frame) => frame.type === 'new_message' && (frame.message as MessageView).client_id === 'key',
      )
      assert.deepEqual(heard.message, sent[0])
      await socket.close()
    })

  test('for 15 s: its sockets are closed with 1012, new ones refused with 503, until it is back', async () => {
    const sockets = await Promise.all(['alice', 'bob'].map((user) => service.socket(user, path)))
    link.cut()
    await eventually('it notices', () => logs('store_is_away'))
    const noticed = performance.now()
    await assert.rejects(service.socket('bob', path), (error) => {
      assert.ok(error instanceof RefusedUpgrade)
      assert.equal(error.status, 503)
      return true
    })
    // The refusal took its time, and that counts.
    service.advance(14_000 - (performance.now() - noticed))
    assert.ok(sockets.every(({ ws }) => ws.readyState === ws.OPEN))
    service.advance(1_000)
    for (const { closed } of sockets) assert.equal((await closed).code, 1012)

    link.heal()
    await eventually('it is back', () => logs('store_is_back'))
    const socket = await service.socket('bob', path)
    await socket.next('connected')
    const ack = await socket.ask({ type: 'message', content: 'again' })
    assert.equal(ack.type, 'ack')
    await socket.close()
  })

  test('only its change streams: it is not ready, and all else goes on', async () => {
    const reason = async () => {
      const response = await fetch(`${service.url}/readyz`)
      return ((await response.json()) as { reason?: string }).reason
    }
    link.swallow('getMore', '$changeStream')
    await eventually(
      'it says so',
      async () => (await reason()) === 'the change streams do not answer',
      20_000,
    )
    assert.equal(await status('/health'), 200)
    const sent = await alice.call('POST', `/groups/${group.id}/messages`, { body: { content: 'still here' } })
    assert.equal(sent.status, 201)
    link.heal()
    await eventually('it is ready', async () => (await status('/readyz')) === 200, 20_000)
  })

  test('at the start: it listens, is not ready, says so, and becomes ready by itself', async () => {
    using folder = temporaryFolder()
    link.cut()
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const starting = spawnService(folder.path, { ...env, PORT: `${port}` })
    const ask = (path: string) =>
      fetch(url + path).then(
        (response) => response,
        () => null,
      )
    await eventually('it listens', async () => (await ask('/livez'))?.status === 200)
    for (const path of ['/readyz', '/health', '/api/chat/groups']) {
      const response = await ask(path)
      assert.equal(response?.status, 503, path)
      assert.match(response?.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
    }
    link.heal()
    const started = await starting
    try {
      assert.equal(started.url, url)
      assert.equal((await ask('/readyz'))?.status, 200)
      assert.match(started.output(), /"level":"warning","event":"database_away"/)
    } finally {
      assert.equal(await started.end('SIGTERM'), 0)
    }
  })
})
