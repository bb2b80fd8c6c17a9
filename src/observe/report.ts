import { type Range, windowMs } from './history.ts'
import { percent } from './numbers.ts'
import { actionsOf } from './sections/actions.ts'
import { databaseOf } from './sections/database.ts'
import { endpointsOf, performanceOf } from './sections/performance.ts'
import { pushOf } from './sections/push.ts'
import { recentOf } from './sections/recent.ts'
import { systemOf } from './sections/system.ts'
import { webhooksOf } from './sections/webhooks.ts'
import { websocketOf } from './sections/websocket.ts'
import type { Sources } from './sources.ts'
import { type Figure, type Level, levelOf } from './thresholds.ts'

export type Report = Awaited<ReturnType<typeof report>>

const minuteMs = 60_000

/**
 * All that the dashboard shows, as JSON; `after` and `range`: the pictures' samples. docs/operations.md says what each
 * figure means.
 */
export async function report(sources: Sources, after: number, range: Range) {
  const { metrics, history, now } = sources
  const minute = history.window(minuteMs)
  const [stats, websocket] = await Promise.all([sources.store.stats(), websocketOf(sources, minute)])
  const lately = history.window(windowMs)
  const recently = history.recently()
  const system = systemOf(sources.runtime)
  const database = databaseOf(sources, stats, recently)
  const webhooks = webhooksOf(sources)
  const push = pushOf(sources)
  const performance = performanceOf(metrics, lately, minute)
  const { p99_ms, average_ms, error_rate } = performance
  const reason = sources.unready()
  const { isSettled } = sources.runtime
  const levels = {
    state: (reason === null ? 'green' : 'orange') as Level,
    database: (sources.store.isUp() ? 'green' : 'red') as Level,
    ...rate({ error_rate, average_ms, p99_ms }),
    ...rate({ websockets_percent: percent(websocket.connections, sources.sockets.limit) }),
    ...rate({
      event_loop_p99_ms: isSettled ? system.event_loop_delay_ms.p99 : null,
      cpu_percent: isSettled ? system.cpu_percent : null,
      process_memory_percent: system.process_memory.percent,
      heap_percent: system.heap.percent,
      system_memory_percent: system.system_memory.percent,
      open_files_percent: system.open_files?.percent ?? null,
      database_latency_ms: database.latency_ms,
      stream_lag_ms: database.stream_lag_ms,
      search_lag_ms: database.search_lag_ms,
      push_lag_ms: push?.lag_ms ?? null,
      webhook_lag_ms: webhooks?.lag_ms ?? null,
      webhook_dead_letters: webhooks?.dead ?? null,
    }),
  }
  return {
    status: {
      at: now(),
      level: worst(Object.values(levels)),
      state: reason ?? 'ready',
      database: sources.store.isUp() ? 'connected' : 'disconnected',
      uptime_seconds: Math.floor(sources.uptimeMs() / 1_000),
      started_at: sources.startedAt,
      version: sources.version,
      environment: sources.environment,
      instances: sources.instances(),
      websockets: websocket.connections,
      total_requests: metrics.totals.requests,
      error_rate,
      average_ms,
      p99_ms,
      levels,
    },
    system,
    database,
    websocket,
    performance: {
      ...performance,
      actions: actionsOf(metrics, recently),
      webhooks,
      push,
      history: history.since(after, range),
    },
    endpoints: endpointsOf(metrics, recently),
    recent: recentOf(metrics),
  }
}

function rate<F extends Figure>(figures: Record<F, number | null>): Record<F, Level> {
  const levels = Object.entries<number | null>(figures).map(([figure, value]) => [
    figure,
    levelOf(figure as Figure, value),
  ])
  return Object.fromEntries(levels) as Record<F, Level>
}

const worst = (levels: readonly Level[]): Level =>
  levels.includes('red') ? 'red' : levels.includes('orange') ? 'orange' : 'green'
