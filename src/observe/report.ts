import type { StoreStats } from '../store/store.ts'
import { type History, round, windowMs } from './history.ts'
import { average, type Counter, type Family, type Histogram, quantile } from './instruments.ts'
import type { Dated, FinishedRequest, Metrics, SocketEvent } from './metrics.ts'
import type { Runtime } from './runtime.ts'
import { type Figure, type Level, levelOf } from './thresholds.ts'

/** Where the figures of the dashboard come from. */
export interface Sources {
  readonly version: string
  readonly environment: string
  readonly startedAt: number
  readonly now: () => number
  readonly metrics: Metrics
  readonly history: History
  readonly runtime: Runtime
  readonly store: {
    readonly kind: string
    isUp(): boolean
    /** How far behind the change streams are, in milliseconds; null where there are none. */
    lagMs(): number | null
    /** null when the store does not answer in time. */
    stats(): Promise<StoreStats | null>
  }
  readonly sockets: {
    readonly connections: number
    readonly limit: number
    /** Open connections by user. */
    readonly users: ReadonlyMap<string, number>
    /** Groups that somebody listens to. */
    groups(): Iterable<{ id: string; connections: number; users: number }>
  }
  instances(): number
  /** Why no new work should come here; null when it may. */
  unready(): string | null
}

export type Report = Awaited<ReturnType<typeof report>>

const minuteMs = 60_000
const MB = 1_000_000
const groupsShown = 20

/** All that the dashboard shows, as JSON; `after`: the pictures' samples since then. docs/operations.md says what each figure means. */
export async function report(sources: Sources, after: number) {
  const { metrics, history, now } = sources
  const stats = await sources.store.stats()
  const lately = history.window(windowMs)
  const minute = history.window(minuteMs)
  const system = systemOf(sources.runtime)
  const database = databaseOf(sources, stats)
  const websocket = websocketOf(sources, minute)
  const performance = performanceOf(metrics, lately, minute)
  const { p99_ms, average_ms, error_rate } = performance
  const reason = sources.unready()
  const levels = {
    state: (reason === null ? 'green' : 'orange') as Level,
    database: (sources.store.isUp() ? 'green' : 'red') as Level,
    ...rate({ error_rate, average_ms, p99_ms }),
    ...rate({ websockets_percent: percent(websocket.connections, sources.sockets.limit) }),
    ...rate({ event_loop_p99_ms: system.event_loop_delay_ms.p99, cpu_percent: system.cpu_percent }),
    ...rate({ process_memory_percent: system.process_memory.percent, heap_percent: system.heap.percent }),
    ...rate({
      system_memory_percent: system.system_memory.percent,
      open_files_percent: system.open_files?.percent ?? null,
      database_latency_ms: database.latency_ms,
      stream_lag_ms: database.stream_lag_ms,
    }),
  }
  return {
    status: {
      at: now(),
      level: worst(Object.values(levels)),
      state: reason ?? 'ready',
      database: sources.store.isUp() ? 'connected' : 'disconnected',
      uptime_seconds: Math.floor((now() - sources.startedAt) / 1_000),
      started_at: sources.startedAt,
      version: sources.version,
      environment: sources.environment,
      instances: sources.instances(),
      websockets: websocket.connections,
      total_requests: metrics.totals.requests,
      ...{ error_rate, average_ms, p99_ms },
      levels,
    },
    system,
    database,
    websocket,
    performance: { ...performance, history: history.since(after) },
    endpoints: endpointsOf(metrics),
    recent: {
      slow: metrics.recent.slow.list().map(requestView),
      errors: metrics.recent.errors.list().map(requestView),
      requests: metrics.recent.requests.list().map(requestView),
      websocket: metrics.recent.sockets.list().map(socketView),
    },
  }
}

function systemOf(runtime: Runtime) {
  const { resident, heapUsed, heapLimit, total, available } = runtime.memory()
  const files = runtime.openFiles()
  const gc = sumOf(runtime.gc)
  const { p50, p99, max } = runtime.loopDelay()
  return {
    process_memory: { mb: round(resident / MB), percent: percent(resident, total) },
    heap: {
      used_mb: round(heapUsed / MB),
      limit_mb: round(heapLimit / MB),
      percent: percent(heapUsed, heapLimit),
    },
    cpu_percent: round(runtime.cpuShare() * 100),
    event_loop_delay_ms: { p50: round(p50), p99: round(p99), max: round(max) },
    system_memory: {
      used_mb: round((total - available) / MB),
      total_mb: round(total / MB),
      percent: percent(total - available, total),
    },
    open_files: files && {
      count: files.count,
      limit: Number.isFinite(files.limit) ? files.limit : null,
      percent: percent(files.count, files.limit),
    },
    gc: { pauses: gc.count, total_ms: round(gc.sum), max_ms: round(gc.max) },
    pid: process.pid,
    node: process.version,
  }
}

function databaseOf({ store, metrics }: Sources, stats: StoreStats | null) {
  const failures = new Map<string, number>()
  for (const [[operation = '', outcome = ''], { value }] of metrics.storeOutcomes.all)
    if (faults.has(outcome)) failures.set(operation, (failures.get(operation) ?? 0) + value)
  const operations = [...metrics.storeDurations.all].map(([[operation = ''], durations]) => ({
    operation,
    count: durations.count,
    failures: failures.get(operation) ?? 0,
    ...times(durations),
  }))
  const { groups, messages, deleted, growth, bytes } = stats ?? {}
  return {
    kind: store.kind,
    connected: store.isUp(),
    latency_ms: operations.find(({ operation }) => operation === 'ping')?.p95_ms ?? null,
    stream_lag_ms: store.lagMs(),
    groups: groups ?? null,
    messages: messages ?? null,
    active_messages: stats && stats.messages - stats.deleted,
    deleted_messages: deleted ?? null,
    deletion_rate: stats && share(stats.deleted, stats.messages),
    messages_per_group: stats && round(stats.groups === 0 ? 0 : stats.messages / stats.groups),
    growth_24h: growth ?? null,
    size_bytes: bytes ?? null,
    most_active_groups: (stats?.active ?? []).map(({ id, name, messages, deleted, lastAt }) => ({
      ...{ id, name, messages, deleted },
      last_activity: new Date(lastAt).toISOString(),
    })),
    operations: operations.sort((a, b) => b.count - a.count),
  }
}

/** What a store operation ends with when the store, and not the caller, is at fault. */
const faults = new Set(['unavailable', 'storage_full', 'failed'])

function websocketOf(
  { sockets, metrics }: Sources,
  minute: { events: number; deliveries: number; seconds: number },
) {
  const groups = [...sockets.groups()].sort((a, b) => b.connections - a.connections)
  const usersByConnections = new Map<number, number>()
  for (const connections of sockets.users.values()) {
    const key = Math.min(connections, 5)
    usersByConnections.set(key, (usersByConnections.get(key) ?? 0) + 1)
  }
  const { totals } = metrics
  return {
    connections: sockets.connections,
    limit: sockets.limit,
    users: sockets.users.size,
    groups: groups.length,
    subscriptions: groups.reduce((sum, { connections }) => sum + connections, 0),
    by_group: groups.slice(0, groupsShown),
    /** How many users have so many connections; 5 is five or more. */
    by_user_count: [...usersByConnections]
      .sort(([a], [b]) => a - b)
      .map(([connections, users]) => ({ connections, users })),
    events_per_second: round(minute.events / minute.seconds),
    deliveries_per_second: round(minute.deliveries / minute.seconds),
    events: totals.events,
    deliveries: totals.deliveries,
    opened: totals.opened,
    sends: valuesOf(metrics.sends),
    acks: [...metrics.frames.all].reduce(
      (sum, [[type, outcome], { value }]) =>
        sum + (outcome === 'ok' && acknowledged.has(type ?? '') ? value : 0),
      0,
    ),
    resumes: { contiguous: 0, resync: 0, ...valuesOf(metrics.resumes) },
    slow_closes: totals.slowCloses,
    closes: valuesOf(metrics.closes),
    token_refusals: valuesOf(metrics.tokenRefusals),
    rate_limited: valuesOf(metrics.rateLimits),
    joins_and_leaves: metrics.recent.comings.list().map(socketView),
  }
}

/** Frames whose success is answered by an `ack`. */
export const acknowledged: ReadonlySet<string> = new Set([
  'message',
  'edit',
  'delete',
  'subscribe',
  'unsubscribe',
  'auth',
])

function performanceOf(
  { totals }: Metrics,
  lately: { durations: Histogram; errors: number; slow: number; verySlow: number; seconds: number },
  minute: { durations: Histogram; seconds: number },
) {
  const { durations, errors } = lately
  return {
    window_seconds: Math.round(lately.seconds),
    // In the first minute what has come so far: a rate made of ten seconds would be a guess.
    requests_per_minute: Math.round((minute.durations.count * 60) / Math.max(60, minute.seconds)),
    requests: durations.count,
    average_ms: round(average(durations)),
    p50_ms: round(quantile(durations, 0.5)),
    p90_ms: round(quantile(durations, 0.9)),
    p95_ms: round(quantile(durations, 0.95)),
    p99_ms: round(quantile(durations, 0.99)),
    max_ms: round(durations.max),
    slow_requests: lately.slow,
    very_slow_requests: lately.verySlow,
    errors,
    error_rate: share(errors, durations.count),
    total: {
      requests: totals.requests,
      errors: totals.errors,
      client_errors: totals.clientErrors,
      error_rate: share(totals.errors, totals.requests),
      slow_requests: totals.slow,
      very_slow_requests: totals.verySlow,
    },
  }
}

const endpointsOf = ({ endpoints }: Metrics) =>
  [...endpoints.all].map(([[route = '', method = ''], { durations, errors, clientErrors }]) => ({
    ...{ method, route },
    count: durations.count,
    errors,
    client_errors: clientErrors,
    error_rate: share(errors, durations.count),
    ...times(durations),
  }))

const times = (durations: Histogram) => ({
  average_ms: round(average(durations)),
  p95_ms: round(quantile(durations, 0.95)),
  p99_ms: round(quantile(durations, 0.99)),
  max_ms: round(durations.max),
})

const requestView = ({
  at,
  method,
  path,
  route,
  status,
  durationMs,
  userId,
  correlationId,
}: Dated<FinishedRequest>) => ({
  at: new Date(at).toISOString(),
  ...{ method, path: path.slice(0, 200), route, status },
  duration_ms: round(durationMs),
  user_id: userId,
  correlation_id: correlationId,
})

const socketView = ({ at, event, userId, groupId, correlationId, detail }: Dated<SocketEvent>) => ({
  at: new Date(at).toISOString(),
  event,
  user_id: userId,
  group_id: groupId,
  detail: detail ?? null,
  correlation_id: correlationId,
})

function rate<F extends Figure>(figures: Record<F, number | null>): Record<F, Level> {
  const levels = Object.entries<number | null>(figures).map(([figure, value]) => [
    figure,
    levelOf(figure as Figure, value),
  ])
  return Object.fromEntries(levels) as Record<F, Level>
}

const worst = (levels: readonly Level[]): Level =>
  levels.includes('red') ? 'red' : levels.includes('orange') ? 'orange' : 'green'

const valuesOf = (family: Family<Counter>): Record<string, number> =>
  Object.fromEntries([...family.all].map(([labels, { value }]) => [labels.join(' '), value]))

function sumOf(family: Family<Histogram>): { count: number; sum: number; max: number } {
  const sums = { count: 0, sum: 0, max: 0 }
  for (const [, { count, sum, max }] of family.all) {
    sums.count += count
    sums.sum += sum
    sums.max = Math.max(sums.max, max)
  }
  return sums
}

/** 0..1, and 0 of nothing. */
const share = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round((part / whole) * 1e5) / 1e5

const percent = (part: number, whole: number): number => round(share(part, whole) * 100)
