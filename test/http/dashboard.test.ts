import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '../../src/domain/errors.ts'
import { summaryOf } from '../../src/domain/group.ts'
import { jsonReply, type Reply } from '../../src/http/reply.ts'
import { publicRoute, type Route } from '../../src/http/route.ts'
import { createHistory } from '../../src/observe/history.ts'
import { createMetrics } from '../../src/observe/metrics.ts'
import type { Report } from '../../src/observe/report.ts'
import { createRuntime } from '../../src/observe/runtime.ts'
import { serveOperations } from '../support/operations.ts'
import { newGroup } from '../support/samples.ts'
import { startService } from '../support/service.ts'

const route = (path: string, handle: () => Reply): Route =>
  publicRoute({ method: 'GET', path, name: path.slice(1), about: '', answers: {}, errors: [], handle })

/** Percentiles are read out of a histogram: they may be off by a fifth. */
const isAbout = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= expected / 5, `${actual} is not about ${expected}`)

/** 200 requests: 190 good ones of 10 ms, 7 that fail after 20 ms, 2 slow ones of 2 s and a very slow one of 6 s. */
async function knownLoad() {
  const server = await serveOperations({
    routes: [
      route('/good', () => {
        server.pass(10)
        return jsonReply(200, {})
      }),
      route('/bad', () => {
        server.pass(20)
        throw new Error('a bug')
      }),
      route('/slow', () => {
        server.pass(2_000)
        return jsonReply(200, {})
      }),
      route('/snail', () => {
        server.pass(6_000)
        return jsonReply(200, {})
      }),
    ],
  })
  const paths = [
    ...Array<string>(190).fill('/good'),
    ...Array<string>(7).fill('/bad'),
    '/slow',
    '/slow',
    '/snail',
  ]
  for (const [i, path] of paths.entries()) {
    server.advance(100)
    await fetch(server.url + path, { headers: { 'x-correlation-id': `request-${i}` } }).then((r) => r.text())
  }
  return server
}

test('each figure of the dashboard, after 200 requests of which 7 failed and 3 were slow', async () => {
  await using server = await knownLoad()
  const { status, performance, endpoints, recent } = await server.report()

  assert.equal(status.total_requests, 200)
  assert.equal(status.error_rate, 0.035)
  assert.equal(status.average_ms, (190 * 10 + 7 * 20 + 2 * 2_000 + 6_000) / 200)
  isAbout(status.p99_ms, 2_000)
  assert.equal(status.uptime_seconds, 20)
  assert.equal(status.version, '1.2.3')
  assert.equal(status.instances, 1)
  assert.equal(status.state, 'ready')
  assert.equal(status.database, 'connected')
  assert.equal(status.levels.error_rate, 'orange')
  assert.equal(status.levels.p99_ms, 'orange')
  assert.equal(status.levels.average_ms, 'green')
  assert.equal(status.levels.state, 'green')

  assert.equal(performance.window_seconds, 20)
  assert.equal(performance.requests_per_minute, 200)
  assert.equal(performance.requests, 200)
  assert.equal(performance.average_ms, status.average_ms)
  isAbout(performance.p50_ms, 10)
  isAbout(performance.p90_ms, 10)
  isAbout(performance.p95_ms, 10)
  assert.equal(performance.p99_ms, status.p99_ms)
  assert.equal(performance.max_ms, 6_000)
  assert.equal(performance.slow_requests, 3)
  assert.equal(performance.very_slow_requests, 1)
  assert.equal(performance.errors, 7)
  assert.equal(performance.error_rate, 0.035)
  assert.deepEqual(performance.total, {
    requests: 200,
    errors: 7,
    client_errors: 0,
    error_rate: 0.035,
    slow_requests: 3,
    very_slow_requests: 1,
  })

  const byRoute = new Map(endpoints.map((each) => [each.route, each]))
  assert.deepEqual([...byRoute.keys()].sort(), ['bad', 'good', 'slow', 'snail'])
  const good = byRoute.get('good')
  assert.deepEqual([good?.method, good?.count, good?.errors, good?.client_errors], ['GET', 190, 0, 0])
  assert.deepEqual([good?.error_rate, good?.average_ms, good?.max_ms], [0, 10, 10])
  const bad = byRoute.get('bad')
  assert.deepEqual([bad?.count, bad?.errors, bad?.error_rate, bad?.average_ms], [7, 7, 1, 20])
  const slow = byRoute.get('slow')
  assert.deepEqual([slow?.count, slow?.average_ms, slow?.max_ms], [2, 2_000, 2_000])
  isAbout(slow?.p95_ms ?? 0, 2_000)
  isAbout(slow?.p99_ms ?? 0, 2_000)

  const { lately, ...sinceStart } = byRoute.get('bad') ?? { lately: null }
  assert.deepEqual(lately, { ...lately, count: 7, errors: 7, error_rate: 1, average_ms: 20 })
  assert.equal('count' in sinceStart && sinceStart.count, 7)

  const ids = (list: readonly { correlation_id: string }[]) => list.map((each) => each.correlation_id)
  const newest = (from: number, to: number) =>
    Array.from({ length: from - to + 1 }, (_, i) => `request-${from - i}`)
  assert.deepEqual(ids(recent.slow), newest(199, 197))
  assert.deepEqual(ids(recent.errors), newest(196, 190))
  assert.deepEqual(ids(recent.requests), [...newest(199, 197), ...newest(189, 173)], 'those that succeeded')
  assert.deepEqual(recent.slow[0], {
    at: '2026-01-01T00:00:20.000Z',
    method: 'GET',
    path: '/snail',
    route: 'snail',
    status: 200,
    duration_ms: 6_000,
    user_id: null,
    correlation_id: 'request-199',
    code: null,
    error: null,
  })
  const [error] = recent.errors
  assert.deepEqual([error?.status, error?.code, error?.error], [500, 'internal', 'a bug'])
})

test('who looks at the dashboard changes nothing in it', async () => {
  await using server = await serveOperations({ routes: [route('/good', () => jsonReply(200, {}))] })
  await fetch(`${server.url}/good`)
  for (let i = 0; i < 5; i++) {
    server.pass(3_000)
    await fetch(`${server.url}/dashboard`).then((response) => response.text())
    await server.report()
  }
  const { status, performance, endpoints, recent } = await server.report()
  assert.deepEqual([status.total_requests, performance.requests, performance.total.requests], [1, 1, 1])
  assert.deepEqual([status.average_ms, performance.slow_requests, performance.max_ms], [0, 0, 0])
  assert.deepEqual(
    endpoints.map((each) => each.route),
    ['good'],
  )
  assert.deepEqual([recent.requests.length, recent.slow.length], [1, 0])
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  assert.match(
    metrics,
    /chat_http_requests_total\{route="dashboard.data",.*\} [5-9]/,
    'Prometheus has them by name',
  )
})

test('what was refused is told with its code and its text', async () => {
  await using server = await serveOperations({
    routes: [
      route('/denied', () => {
        throw new ChatError('forbidden', 'You are not a member of this group.')
      }),
    ],
  })
  for (const path of ['/denied', '/nothing']) await fetch(server.url + path)
  const { refused, errors, requests } = (await server.report()).recent
  assert.deepEqual(
    refused.map(({ status, code, error }) => [status, code, error]),
    [
      [404, 'not_found', 'There is nothing at this path.'],
      [403, 'forbidden', 'You are not a member of this group.'],
    ],
  )
  assert.deepEqual([errors, requests], [[], []])
})

test('ready is said only while /readyz says so, and else the reason', async () => {
  let reason: string | null = null
  await using server = await serveOperations({ unready: () => reason })
  assert.equal((await server.report()).status.state, 'ready')
  reason = 'the store does not answer'
  const { status } = await server.report()
  assert.deepEqual([status.state, status.levels.state], [reason, 'orange'])
  assert.notEqual(status.level, 'green')
})

test('the pictures go back as far as they are asked to', async () => {
  await using server = await serveOperations()
  for (const range of ['15m', '1h', '6h', '24h']) {
    const answer = await fetch(`${server.url}/dashboard/api/data?range=${range}`)
    assert.equal(answer.status, 200, range)
  }
  assert.equal((await fetch(`${server.url}/dashboard/api/data?range=2h`)).status, 422)
})

test('groups are shown by name, read once for many viewers, and never waited for too long', async () => {
  const ids = ['a', 'b', 'c'].map((digit) => digit.repeat(24))
  const [here = '', gone = '', hung] = ids
  const reads: string[] = []
  await using server = await serveOperations({
    openGroups: ids,
    readGroup(id) {
      reads.push(id)
      if (id === hung) return new Promise(() => undefined)
      return Promise.resolve(id === gone ? null : summaryOf(newGroup({ id, name: 'Lobby' })))
    },
  })
  const names = async () =>
    new Map((await server.report()).websocket.by_group.map(({ id, name }) => [id, name]))
  for (const shown of await Promise.all([names(), names(), names()]))
    assert.deepEqual([...shown.values()], ['Lobby', null, null])
  assert.equal((await names()).get(here), 'Lobby')
  assert.deepEqual(reads, ids)
})

test('what a client got wrong is no error of ours, and has no endpoint of its own', async () => {
  await using server = await serveOperations()
  for (const path of ['/a', '/b/c', '/d']) await fetch(server.url + path)
  const { status, endpoints, performance } = await server.report()
  assert.equal(status.error_rate, 0)
  assert.equal(performance.total.client_errors, 3)
  assert.deepEqual(
    endpoints.map(({ route, count, client_errors }) => ({ route, count, client_errors })),
    [{ route: 'none', count: 3, client_errors: 3 }],
  )
})

test('what somebody put into a path by mistake is not shown to all', async () => {
  await using server = await serveOperations()
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'
  for (const path of [`/ws%3Ftoken=hunter2hunter2`, `/groups/${token}`]) await fetch(server.url + path)
  const shown = JSON.stringify(await server.report())
  assert.doesNotMatch(shown, /hunter2|c2lnbmF0dXJl/)
  assert.match(shown, /groups\/\[redacted\]/)
})

test('the report has exactly its seven sections', async () => {
  await using server = await serveOperations()
  assert.deepEqual(Object.keys(await server.report()), [
    ...['status', 'system', 'database', 'websocket', 'performance', 'endpoints', 'recent'],
  ])
})

test('with the database away the rest still shows', async () => {
  await using server = await serveOperations({
    routes: [route('/good', () => jsonReply(200, {}))],
    isUp: () => false,
    stats: () => Promise.reject(new ChatError('unavailable', 'away')),
    lagMs: () => 6_000,
  })
  await fetch(`${server.url}/good`)
  const { status, database, performance, system } = await server.report()
  assert.equal(status.level, 'red')
  assert.equal(status.database, 'disconnected')
  assert.deepEqual([status.levels.database, status.levels.stream_lag_ms], ['red', 'red'])
  assert.deepEqual([database.connected, database.groups, database.latency_ms], [false, null, null])
  assert.deepEqual(database.most_active_groups, [])
  assert.equal(database.stream_lag_ms, 6_000)
  assert.equal(performance.requests, 1)
  assert.ok((system.process_memory.mb ?? 0) > 0)
})

test('a store that hangs does not hold the dashboard up', async () => {
  await using server = await serveOperations({ stats: () => new Promise(() => undefined) })
  const { database, status } = await server.report()
  assert.equal(database.groups, null)
  assert.equal(status.total_requests, 0)
})

test('the figures of the process', async () => {
  await using server = await serveOperations()
  const { system } = await server.report()
  const { resident, used } = {
    resident: process.memoryUsage.rss() / 1e6,
    used: process.memoryUsage().heapUsed / 1e6,
  }
  assert.equal(system.pid, process.pid)
  assert.equal(system.node, process.version)
  assert.ok(Math.abs((system.process_memory.mb ?? 0) - resident) < resident / 2)
  // A collection may have come in between.
  assert.ok(system.heap.used_mb > used / 4 && system.heap.used_mb < used * 4)
  const { used_mb, total_mb } = system.system_memory
  assert.ok(used_mb !== null && total_mb !== null)
  assert.ok(used_mb > (system.process_memory.mb ?? 0) / 2)
  assert.ok(used_mb <= total_mb)
  assert.ok(system.open_files === null || system.open_files.count > 5)
  assert.ok(system.event_loop_delay_ms.p99 >= system.event_loop_delay_ms.p50)
  for (const { percent } of [system.process_memory, system.heap, system.system_memory])
    assert.ok(percent !== null && percent > 0 && percent <= 100)
})

test('a figure that the system does not tell is null, and nothing else is missing', async (t) => {
  // As it is without /proc.
  t.mock.method(process.memoryUsage, 'rss', () => {
    throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
  })
  t.mock.method(process, 'constrainedMemory', () => 0)
  await using server = await serveOperations()
  const { status, system } = await server.report()
  assert.deepEqual(system.process_memory, { mb: null, percent: null })
  assert.equal(status.levels.process_memory_percent, 'green')
  assert.ok(system.heap.used_mb > 0)
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  assert.doesNotMatch(metrics, /^process_resident_memory_bytes/m)
  assert.match(metrics, /^nodejs_heap_size_used_bytes \d+$/m)
})

test('a sample of the history that could not be taken whole has null in its place', async (t) => {
  t.mock.method(process.memoryUsage, 'rss', () => {
    throw new Error('no such file')
  })
  const metrics = createMetrics(Date.now)
  const runtime = createRuntime()
  const history = createHistory({ metrics, runtime, connections: () => 7, now: Date.now })
  await history.step()
  runtime.stop()
  const { resident, heap, connections } = JSON.parse(JSON.stringify(history.since(0)))
  assert.deepEqual([resident, connections], [[null], [7]])
  assert.ok(heap[0] > 0)
})

test("the database's and the sockets' figures, of a service that is used", async () => {
  await using service = await startService({ RATE_LIMIT_MESSAGES: '8' })
  const report = async () => (await fetch(`${service.url}/dashboard/api/data`)).json() as Promise<Report>
  const [ann, bob] = [await service.api('ann'), await service.api('bob')]
  const busy = await ann.createGroup('busy', ['bob'])
  const quiet = await ann.createGroup('quiet', [])
  const first = await ann.send(busy.id, 'one', { clientId: 'key' })
  await ann.send(busy.id, 'one', { clientId: 'key' })
  await ann.send(busy.id, 'two')
  await ann.send(quiet.id, 'three')
  await ann.call('DELETE', `/messages/${first.id}`)
  const { cursor } = (await bob.call('GET', `/groups/${busy.id}/messages`)).body

  const headers = { 'x-correlation-id': 'ann-was-here' }
  const annSocket = await service.socket('ann', `/ws/${busy.id}`, { headers })
  await annSocket.next('connected')
  const bobSocket = await service.socket('bob', `/ws/${busy.id}`, { after: String(cursor) })
  await annSocket.next('user_joined')
  const stale = await service.socket('bob', `/ws/${busy.id}`, { after: 'other.1.1' })
  await stale.next('resync')
  await annSocket.ask({ type: 'message', content: 'four', id: 1 })
  await annSocket.ask({ type: 'ping', id: 2 })
  await annSocket.ask({ type: 'message', content: ' ', id: 3 })
  await bobSocket.next('new_message')
  await stale.next('new_message')
  await stale.close()
  await fetch(`${service.base}/groups`, { headers: { authorization: 'Bearer nonsense' } })
  for (let i = 0; i < 9; i++) await bob.send(busy.id, `more ${i}`).catch(() => undefined)

  const invite = await ann.call('POST', `/groups/${quiet.id}/invites`, { body: {} })
  const cyd = await service.api('cyd')
  for (const code of [invite.body.code, 'nonsense']) await cyd.call('POST', `/invites/${code}/accept`)
  for (let i = 0; i < 2; i++) await ann.call('POST', '/direct', { body: { user_id: 'bob' } })

  const { database, websocket, performance, status, recent } = await report()
  assert.deepEqual(
    [database.groups, database.messages, database.active_messages, database.deleted_messages],
    [3, 12, 11, 1],
  )
  assert.equal(database.deletion_rate, 0.08333)
  assert.equal(database.messages_per_group, 4)
  assert.deepEqual(database.growth_24h, { groups: 3, messages: 12 })
  assert.ok(database.latency_ms !== null && database.latency_ms >= 0)
  assert.deepEqual(
    database.most_active_groups.map((each) => [
      ...[each.name, each.kind, each.visibility, each.members],
      ...[each.messages, each.deleted],
    ]),
    [
      ['busy', 'group', 'private', 2, 10, 1],
      ['quiet', 'group', 'private', 2, 1, 0],
    ],
  )
  const append = database.operations.find(({ operation }) => operation === 'messages.append')
  assert.deepEqual([append?.count, append?.failures], [13, 0])

  assert.equal(status.websockets, 2)
  assert.deepEqual([websocket.connections, websocket.users, websocket.groups], [2, 2, 1])
  assert.equal(websocket.opened, 3)
  assert.deepEqual(websocket.by_group, [{ id: busy.id, name: 'busy', connections: 2, users: 2 }])
  assert.deepEqual(websocket.by_user_count, [{ connections: 1, users: 2 }])
  assert.deepEqual(websocket.resumes, { contiguous: 1, resync: 1 })
  assert.deepEqual(websocket.sends, { new: 12, repeat: 1, rate_limited: 1 })
  assert.equal(websocket.acks, 1)
  assert.equal(websocket.slow_closes, 0)
  assert.deepEqual(websocket.closes, { 1005: 1 })
  assert.deepEqual(websocket.token_refusals, { malformed: 1 })
  assert.deepEqual(websocket.rate_limited, { messages: 1 })
  const { actions } = performance
  assert.deepEqual(actions.groups_made, { group: 2, direct: 1 })
  assert.deepEqual(actions.invites, { made: 1, accepted: 1 })
  assert.deepEqual(actions.changes, [
    { type: 'message_deleted', count: 1, lately: 1 },
    { type: 'member_added', count: 1, lately: 1 },
  ])
  assert.deepEqual(actions.rate_limited, [{ what: 'messages', count: 1, lately: 1 }])
  assert.ok(websocket.deliveries >= 3 && websocket.deliveries > websocket.events)
  assert.deepEqual(
    websocket.joins_and_leaves.map(({ event, user_id }) => `${user_id} ${event}`),
    ['bob left', 'bob joined', 'bob joined', 'ann joined'],
  )
  assert.deepEqual(
    recent.websocket.map(({ event }) => event),
    ['resync', 'resumed'],
  )
  const oldest = websocket.joins_and_leaves.at(-1)
  assert.deepEqual([oldest?.correlation_id, oldest?.group_id], ['ann-was-here', busy.id])
})
