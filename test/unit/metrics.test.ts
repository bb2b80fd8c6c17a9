import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  counterMetric,
  expose,
  formatFor,
  histogramMetric,
  valueMetric,
} from '../../src/observe/exposition.ts'
import { createHistory, stepMs } from '../../src/observe/history.ts'
import {
  createCounter,
  createFamily,
  createHistogram,
  observe,
  quantile,
} from '../../src/observe/instruments.ts'
import { createMetrics, type Metrics } from '../../src/observe/metrics.ts'
import { createRecent } from '../../src/observe/recent.ts'
import { report } from '../../src/observe/report.ts'
import { createRuntime, type Runtime } from '../../src/observe/runtime.ts'
import { actionsOf } from '../../src/observe/sections/actions.ts'
import { pushOf } from '../../src/observe/sections/push.ts'
import type { Sources } from '../../src/observe/sources.ts'
import { levelOf, thresholds } from '../../src/observe/thresholds.ts'
import { closeCodes } from '../../src/protocol/close-codes.ts'

test('a quantile is near the true one, and never beyond the longest time', () => {
  const histogram = createHistogram()
  for (let ms = 1; ms <= 1_000; ms++) observe(histogram, ms)
  for (const q of [0.1, 0.5, 0.9, 0.95, 0.99]) {
    const ratio = quantile(histogram, q) / (q * 1_000)
    assert.ok(ratio > 0.8 && ratio < 1.2, `${q}: ${ratio}`)
  }
  assert.equal(quantile(histogram, 1), 1_000)
  assert.equal(quantile(createHistogram(), 0.5), 0)
  observe(histogram, 1e9)
  assert.equal(quantile(histogram, 1), 1e9)
})

test('a family takes 500 label sets; the rest is counted together', () => {
  const family = createFamily(2, createCounter)
  for (let i = 0; i < 10_000; i++) family.of(`path ${i}`, 'GET').value++
  family.of('path 3', 'GET').value++
  const all = [...family.all]
  assert.equal(all.length, 501)
  assert.equal(family.of('path 3', 'GET').value, 2)
  assert.deepEqual(all.at(-1), [['other', 'other'], { value: 9_500 }])
})

test('recent: the last few, newest first', () => {
  const recent = createRecent<number>(3)
  assert.deepEqual(recent.list(), [])
  for (const n of [1, 2]) recent.add(n)
  assert.deepEqual(recent.list(), [2, 1])
  for (const n of [3, 4, 5]) recent.add(n)
  assert.deepEqual(recent.list(), [5, 4, 3])
})

test('the text format: names, labels escaped, buckets that add up', () => {
  const sends = createFamily(1, createCounter)
  sends.of('a "quoted"\nback\\slash').value = 3
  const durations = createFamily(1, createHistogram)
  for (const ms of [0.5, 1.5, 8, 70_000]) observe(durations.of('a'), ms)
  const metrics = [
    counterMetric('sends', 'Messages.', ['outcome'], sends),
    valueMetric('up', 'gauge', 'Whether.', () => 1),
    histogramMetric('took_seconds', 'Time.', ['kind'], durations),
  ]
  const lines = expose(metrics, 'prometheus').split('\n')
  assert.deepEqual(lines.slice(0, 6), [
    '# HELP sends_total Messages.',
    '# TYPE sends_total counter',
    'sends_total{outcome="a \\"quoted\\"\\nback\\\\slash"} 3',
    '# HELP up Whether.',
    '# TYPE up gauge',
    'up 1',
  ])
  for (const line of [
    'took_seconds_bucket{kind="a",le="0.0005"} 1',
    'took_seconds_bucket{kind="a",le="0.001"} 1',
    'took_seconds_bucket{kind="a",le="0.002"} 2',
    'took_seconds_bucket{kind="a",le="0.01"} 3',
    'took_seconds_bucket{kind="a",le="20"} 3',
    'took_seconds_bucket{kind="a",le="+Inf"} 4',
    'took_seconds_sum{kind="a"} 70.01',
    'took_seconds_count{kind="a"} 4',
  ])
    assert.ok(lines.includes(line), line)

  const open = expose(metrics, 'openmetrics')
  assert.match(open, /^# HELP sends Messages.\n# TYPE sends counter\nsends_total\{/)
  assert.match(open, /le="20\.0"/)
  assert.match(open, /\n# EOF\n$/)
})

test('OpenMetrics is given to those who ask for it', () => {
  assert.equal(formatFor(undefined), 'prometheus')
  assert.equal(formatFor('text/plain;version=0.0.4'), 'prometheus')
  assert.equal(formatFor('application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2'), 'openmetrics')
})

/** A process that takes nothing. */
const runtime: Runtime = {
  memory: () => ({ resident: 2e6, heapUsed: 1e6, heapLimit: 1e9, total: 1e9, available: 1e9 }),
  cpuShare: () => 0.25,
  cpuSeconds: () => 0,
  loopDelay: () => ({ p50: 1, p99: 2, max: 3 }),
  openFiles: () => null,
  isSettled: true,
  settle: () => undefined,
  gc: createFamily(1, createHistogram),
  rollWindow: async () => undefined,
  stop: () => undefined,
}

const request = (durationMs: number, status = 200) => ({
  method: 'GET',
  path: '/',
  route: 'root',
  status,
  durationMs,
  userId: null,
  correlationId: 'id',
  failure: null,
})

test('history: a clock that is set back changes neither rates nor what counts as lately', async () => {
  const start = 1_000_000_000
  let [at, passed] = [start, 0]
  const metrics = createMetrics(
    () => at,
    () => passed,
  )
  const history = createHistory({
    metrics,
    runtime,
    connections: () => 7,
    now: () => at,
    clock: () => passed,
  })
  for (let i = 0; i < 3; i++) {
    for (let n = 0; n < 20; n++) metrics.request(request(10))
    if (i === 1) at -= 3_600_000
    at += stepMs
    passed += stepMs
    await history.step()
  }
  const { seconds, durations } = history.window(60_000)
  assert.deepEqual([seconds, durations.count], [30, 60])
  assert.deepEqual(history.since(0).requests, [2, 2, 2])
})

test('history: an hour of samples, and a window of five minutes', async () => {
  let at = 1_000_000
  const metrics = createMetrics(() => at)
  const history = createHistory({ metrics, runtime, connections: () => 7, now: () => at })
  const step = async () => {
    at += stepMs
    await history.step()
  }

  for (let i = 0; i < 20; i++) metrics.request(request(10, i < 5 ? 500 : 200))
  metrics.packet(3, 10)
  await step()
  assert.deepEqual(history.since(0), {
    at: [at],
    requests: [2],
    errors: [0.5],
    p50: [8.5],
    p95: [9.85],
    p99: [9.97],
    deliveries: [3],
    connections: [7],
    loop_p99: [2],
    loop_max: [3],
    resident: [2],
    heap: [1],
    cpu: [25],
  })
  assert.equal(history.window(60_000).durations.count, 20)

  metrics.request(request(2_000))
  assert.equal(history.window(60_000).durations.count, 21, 'the stretch under way counts')
  await step()
  assert.deepEqual(history.since(at - 1).requests, [0.1])
  for (let i = 0; i < 10; i++) await step()
  assert.equal(history.window(60_000).durations.count, 0, 'a minute later they are over')
  assert.equal(history.window(300_000).durations.count, 21)
  for (let i = 0; i < 30; i++) await step()
  assert.equal(history.window(300_000).durations.count, 0)
  for (let i = 0; i < 400; i++) await step()
  const { at: times } = history.since(0)
  assert.equal(times.length, 360)
  assert.deepEqual([times[0], times.at(-1)], [at - 359 * stepMs, at])
})

test('history: a day of minutes, each as its worst moment had it', async () => {
  let at = 0
  let resident: number | null = 1e6
  const metrics = createMetrics(() => at)
  const memory = () => ({ ...runtime.memory(), resident })
  const history = createHistory({
    metrics,
    runtime: { ...runtime, memory },
    connections: () => at / stepMs,
    now: () => at,
  })
  const step = async () => {
    at += stepMs
    await history.step()
  }
  for (let i = 0; i < 6; i++) {
    metrics.request(request(10 * (i + 1), i === 0 ? 500 : 200))
    resident = i === 3 ? 9e6 : 1e6
    await step()
  }
  const day = history.since(0, '24h')
  assert.deepEqual(
    [day.at, day.requests, day.errors, day.connections, day.resident, day.cpu],
    [[60_000], [0.1], [1 / 60].map((value) => Math.round(value * 1_000) / 1_000), [6], [9], [25]],
  )
  assert.ok((day.p99[0] ?? 0) > 50, 'of all requests of the minute')
  assert.equal(history.since(0, '1h').at.length, 6)

  for (let i = 0; i < 25 * 360; i++) await step()
  assert.equal(history.since(0, '24h').at.length, 1_440)
  assert.equal(history.since(0, '6h').at.length, 360)
  assert.equal(history.since(0, '1h').at.length, 360)
  assert.equal(history.since(0, '15m').at.length, 90)
  assert.equal(history.since(at - 180_000, '24h').at.length, 3)
})

test('changes and hit limits are told with what the last five minutes added, and no log can make up a label', async () => {
  let at = 0
  const metrics = createMetrics(() => at)
  const history = createHistory({ metrics, runtime, connections: () => 0, now: () => at })
  for (const type of ['member_added', 'member_banned', 'member_added', 'of a newer version', 'toString'])
    metrics.changed(type)
  metrics.rateLimited('joins')
  metrics.groupMade('direct')
  metrics.storeOperation('invites.create', 1, 'ok')
  for (const outcome of ['ok', 'ok', 'banned']) metrics.storeOperation('invites.accept', 1, outcome)
  const told = () => actionsOf(metrics, history.recently())
  const added = { type: 'member_added', count: 2, lately: 2 }
  metrics.fileUploaded(300)
  metrics.fileServed(100)
  metrics.fileServed(50)
  const expected = {
    groups_made: { group: 0, direct: 1 },
    invites: { made: 1, accepted: 2 },
    files: { uploads: 1, uploaded_bytes: 300, downloads: 2, downloaded_bytes: 150 },
    changes: [added, { type: 'other', count: 2, lately: 2 }, { type: 'member_banned', count: 1, lately: 1 }],
    rate_limited: [{ what: 'joins', count: 1, lately: 1 }],
  }
  assert.deepEqual(told(), expected)
  for (let i = 0; i < 30; i++) {
    at += stepMs
    await history.step()
  }
  assert.deepEqual(told(), expected)
  for (let i = 0; i < 2; i++) metrics.changed('member_banned')
  at += 2 * stepMs
  await history.step()
  assert.deepEqual(told(), {
    ...expected,
    changes: [
      { type: 'member_banned', count: 3, lately: 2 },
      { ...added, lately: 0 },
      { type: 'other', count: 2, lately: 0 },
    ],
    rate_limited: [{ what: 'joins', count: 1, lately: 0 }],
  })
})

test('what an endpoint did more than five minutes ago no longer colours it', async () => {
  let at = 0
  const metrics = createMetrics(() => at)
  const history = createHistory({ metrics, runtime, connections: () => 0, now: () => at })
  metrics.request(request(2_000, 500))
  metrics.storeOperation('ping', 7, 'unavailable')
  metrics.storeOperation('ping', 9, 'ok')
  const lately = () => {
    const { endpoints, operations } = history.recently()
    return [...endpoints.values(), ...operations.values()].map(({ durations, errors }) => [
      durations.count,
      errors,
    ])
  }
  const expected = [
    [1, 1],
    [2, 1],
  ]
  assert.deepEqual(lately(), expected)
  for (let i = 0; i < 30; i++) {
    at += stepMs
    await history.step()
  }
  assert.deepEqual(lately(), expected)
  at += 2 * stepMs
  await history.step()
  assert.deepEqual(lately(), [])
  assert.equal(metrics.endpoints.of('root', 'GET').errors, 1, 'it is still counted')
})

test('what the start took of the CPU and the event loop is no alarm', async () => {
  const real = createRuntime()
  try {
    assert.equal(real.isSettled, false)
    await real.rollWindow()
    assert.equal(real.isSettled, false, 'still starting')
    real.settle()
    assert.deepEqual(real.loopDelay(), { p50: 0, p99: 0, max: 0 })
    await real.rollWindow()
    assert.equal(real.isSettled, true)
  } finally {
    real.stop()
  }
  const metrics = createMetrics(Date.now)
  const busy: Runtime = { ...runtime, cpuShare: () => 2, loopDelay: () => ({ p50: 1, p99: 500, max: 900 }) }
  const levels = async (isSettled: boolean) => {
    const sources = sourcesOf(metrics, { ...busy, isSettled })
    const { status } = await report(sources, 0, '1h')
    return [status.levels.event_loop_p99_ms, status.levels.cpu_percent, status.level]
  }
  assert.deepEqual(await levels(false), ['green', 'green', 'green'])
  assert.deepEqual(await levels(true), ['red', 'red', 'red'])
})

const sourcesOf = (metrics: Metrics, runtime: Runtime): Sources => ({
  version: '1.2.3',
  environment: 'development',
  startedAt: 0,
  uptimeMs: Date.now,
  now: Date.now,
  metrics,
  history: createHistory({ metrics, runtime, connections: () => 0, now: Date.now }),
  runtime,
  store: {
    kind: 'sqlite',
    isUp: () => true,
    lagMs: () => null,
    searchLagMs: () => null,
    lastKnown: () => null,
    latencyMs: 1,
    stats: async () => null,
    names: async () => [],
  },
  sockets: { connections: 0, limit: 1, users: new Map(), groups: () => [] },
  webhooks: null,
  push: null,
  instances: () => 1,
  unready: () => null,
})

test('what browsers were told is counted by how it ended', () => {
  const metrics = createMetrics(Date.now)
  for (const outcome of ['ok', 'ok', 'later', 'refused', 'given_up', 'gone']) metrics.pushed(outcome)
  const sources = { metrics, push: { lagMs: () => 7 } } as Partial<Sources> as Sources
  assert.deepEqual(pushOf(sources), { lag_ms: 7, sent: 2, later: 1, failed: 2, ended: 1 })
  assert.equal(pushOf({ ...sources, push: null }), null)
})

test('slow closes and what a close was for', () => {
  const metrics = createMetrics(Date.now)
  const about = { userId: 'ann', groupId: null, correlationId: 'id' }
  metrics.socket({ event: 'slow', ...about })
  metrics.socket({ event: 'left', ...about, detail: '4002' })
  assert.equal(metrics.totals.slowCloses, 1)
  assert.equal(metrics.closes.of('4002').value, 1)
  assert.equal(metrics.recent.comings.list().length, 1)
  assert.equal(metrics.recent.sockets.list().length, 1)
  for (const code of Object.values(closeCodes)) {
    metrics.socket({ event: 'left', ...about, detail: String(code) })
    assert.ok(metrics.closes.of(String(code)).value > 0, `${code} has a label of its own`)
  }
  const known = [...metrics.closes.all].length
  for (let code = 3_000; code < 4_000; code++)
    metrics.socket({ event: 'left', ...about, detail: String(code) })
  assert.equal([...metrics.closes.all].length, known + 1, 'codes that clients make up share one')
  assert.equal(metrics.closes.of('other').value, 1_000)
})

test('the thresholds are as documented', () => {
  const document = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')
  for (const [figure, { orange, red }] of Object.entries(thresholds)) {
    const row = document.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${figure}\``))
    const [, , ...cells] = (row ?? '').split('|')
    const [fromOrange, fromRed] = cells.map((cell) => Number(cell.replace(/[ ,%]/g, '')))
    const scale = figure.endsWith('_rate') ? 100 : 1
    assert.deepEqual([fromOrange, fromRed], [orange * scale, red * scale], figure)
  }
  assert.equal(levelOf('error_rate', 0.0099), 'green')
  assert.equal(levelOf('error_rate', 0.01), 'orange')
  assert.equal(levelOf('error_rate', 0.05), 'red')
  assert.equal(levelOf('stream_lag_ms', null), 'green')
})
