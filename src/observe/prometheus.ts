import { counterMetric, histogramMetric, type Metric, valueMetric } from './exposition.ts'
import { acknowledged } from './sections/websocket.ts'
import type { Sources } from './sources.ts'

const counter = (name: string, help: string, read: () => number) => valueMetric(name, 'counter', help, read)
const gauge = (name: string, help: string, read: () => number | null) =>
  valueMetric(name, 'gauge', help, read)

/** Only the instance that tells the receiver has the gauges. */
const outwardMetrics = ({ webhooks, push, metrics }: Sources): Metric[] => [
  counterMetric(
    'chat_webhook_attempts',
    'Attempts to tell the receiver of an event.',
    ['type', 'outcome'],
    metrics.webhooks,
  ),
  gauge('chat_webhook_lag_seconds', 'For how long something has waited to be told.', () => {
    const lag = webhooks?.lagMs() ?? null
    return lag === null ? null : lag / 1_000
  }),
  gauge(
    'chat_webhook_waiting',
    'Events that were refused and are tried again.',
    () => webhooks?.counts()?.waiting ?? null,
  ),
  gauge('chat_webhook_dead_letters', 'Events that were given up.', () => webhooks?.counts()?.dead ?? null),
  counterMetric(
    'chat_push_attempts',
    'Attempts to tell a browser of a message.',
    ['outcome'],
    metrics.pushes,
  ),
  gauge('chat_push_lag_seconds', 'For how long a message has waited to be told.', () => {
    const lag = push?.lagMs() ?? null
    return lag === null ? null : lag / 1_000
  }),
]

/** What `/metrics` tells; docs/operations.md lists it. Everything is in memory: a scrape asks the store nothing. */
export function prometheusMetrics(sources: Sources): Metric[] {
  const { metrics, runtime, sockets, store } = sources
  const { totals } = metrics

  return [
    {
      name: 'chat_build_info',
      type: 'gauge',
      help: 'Always 1; what runs is in the labels.',
      labels: ['version', 'node', 'store', 'environment'],
      samples: () => [[[sources.version, process.version, store.kind, sources.environment], 1]],
    },
    gauge('chat_ready', 'Whether new work may come here: 1 or 0.', () =>
      sources.unready() === null ? 1 : 0,
    ),
    gauge('chat_instances', 'Instances on this store that are alive.', sources.instances),

    {
      name: 'chat_http_requests',
      type: 'counter',
      help: 'Requests answered.',
      labels: ['route', 'method', 'status'],
      *samples() {
        for (const [labels, { statuses }] of metrics.endpoints.all)
          for (const [status, { value }] of statuses) yield [[...labels, String(status)], value]
      },
    },
    {
      name: 'chat_http_request_duration_seconds',
      type: 'histogram',
      help: 'From headers to answer.',
      labels: ['route', 'method'],
      *samples() {
        for (const [labels, { durations }] of metrics.endpoints.all) yield [labels, durations]
      },
    },
    counter('chat_http_slow_requests', 'Requests that took more than a second.', () => totals.slow),
    counter('chat_http_very_slow_requests', 'Requests that took more than five.', () => totals.verySlow),

    gauge('chat_websocket_connections', 'Open sockets.', () => sockets.connections),
    gauge('chat_websocket_connections_limit', 'Sockets that may be open.', () => sockets.limit),
    gauge('chat_websocket_users', 'Users with an open socket.', () => sockets.users.size),
    gauge('chat_websocket_groups', 'Groups that somebody listens to.', () => [...sockets.groups()].length),
    gauge('chat_websocket_subscriptions', 'Connections in those groups, over all instances.', () =>
      [...sockets.groups()].reduce((sum, { connections }) => sum + connections, 0),
    ),
    counter('chat_websocket_opened', 'Sockets that were opened.', () => totals.opened),
    counterMetric('chat_websocket_closed', 'Sockets that were closed.', ['code'], metrics.closes),
    counter(
      'chat_websocket_slow_closes',
      'Sockets closed because they read too slowly.',
      () => totals.slowCloses,
    ),
    counterMetric(
      'chat_websocket_frames',
      'Frames of clients, by how they ended.',
      ['type', 'outcome'],
      metrics.frames,
    ),
    counter('chat_websocket_acks', 'Frames that were acknowledged.', () => {
      let acks = 0
      for (const [[type = '', outcome], { value }] of metrics.frames.all)
        if (outcome === 'ok' && acknowledged.has(type)) acks += value
      return acks
    }),
    counterMetric('chat_resumes', 'Subscriptions with a cursor, by outcome.', ['outcome'], metrics.resumes),
    counterMetric(
      'chat_sends',
      'Messages sent over either transport, by outcome.',
      ['outcome'],
      metrics.sends,
    ),
    counter('chat_events', 'Events told to groups that somebody listens to.', () => totals.events),
    counter('chat_deliveries', 'Events delivered to listeners.', () => totals.deliveries),
    counterMetric('chat_token_refusals', 'Tokens that were refused.', ['reason'], metrics.tokenRefusals),
    counterMetric(
      'chat_rate_limited',
      'What was refused because there was too much of it.',
      ['what'],
      metrics.rateLimits,
    ),
    counterMetric(
      'chat_changes',
      'What this instance wrote into the logs of groups, apart from messages.',
      ['type'],
      metrics.changes,
    ),
    counterMetric('chat_groups_made', 'Groups that were made here.', ['kind'], metrics.groupsMade),

    counter('chat_file_uploads', 'Files that were uploaded.', () => totals.uploads),
    counter('chat_file_upload_bytes', 'Bytes of those files.', () => totals.uploadedBytes),
    counter('chat_file_downloads', 'Files, or parts of files, that were asked for.', () => totals.downloads),
    counter('chat_file_download_bytes', 'Bytes of what was asked for.', () => totals.downloadedBytes),
    gauge(
      'chat_files_stored',
      'Files that are kept, as it was known last.',
      () => store.lastKnown()?.files.count ?? null,
    ),
    gauge('chat_files_stored_bytes', 'Their bytes.', () => store.lastKnown()?.files.bytes ?? null),
    gauge(
      'chat_erasures_under_way',
      'Erasures of users that are not over, as it was known last.',
      () => store.lastKnown()?.erasures ?? null,
    ),

    gauge('chat_store_up', 'Whether the store answers: 1 or 0.', () => (store.isUp() ? 1 : 0)),
    counterMetric(
      'chat_store_operations',
      'Store operations.',
      ['operation', 'outcome'],
      metrics.storeOutcomes,
    ),
    histogramMetric(
      'chat_store_operation_duration_seconds',
      'Of store operations.',
      ['operation'],
      metrics.storeDurations,
    ),
    gauge('chat_change_stream_lag_seconds', 'Since the streams last proved alive.', () => {
      const lag = store.lagMs()
      return lag === null ? null : lag / 1_000
    }),
    gauge(
      'chat_search_index_lag_seconds',
      'For how long something has waited to get into the index of words, on the instance that keeps it.',
      () => {
        const lag = store.searchLagMs()
        return lag === null ? null : lag / 1_000
      },
    ),

    ...outwardMetrics(sources),

    counter('process_cpu_seconds', 'CPU time, user and system.', runtime.cpuSeconds),
    gauge('process_resident_memory_bytes', 'Resident memory.', () => runtime.memory().resident),
    gauge('process_start_time_seconds', 'Since 1970.', () => sources.startedAt / 1_000),
    gauge('process_open_fds', 'Open files.', () => runtime.openFiles()?.count ?? null),
    gauge('process_max_fds', 'Files that may be open.', () => runtime.openFiles()?.limit ?? null),
    gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use.', () => runtime.memory().heapUsed),
    gauge('nodejs_heap_size_limit_bytes', 'What the heap may grow to.', () => runtime.memory().heapLimit),
    gauge(
      'nodejs_eventloop_lag_p50_seconds',
      'How late the event loop comes.',
      () => runtime.loopDelay().p50 / 1_000,
    ),
    gauge(
      'nodejs_eventloop_lag_p99_seconds',
      'How late the event loop comes.',
      () => runtime.loopDelay().p99 / 1_000,
    ),
    gauge(
      'nodejs_eventloop_lag_max_seconds',
      'How late the event loop comes.',
      () => runtime.loopDelay().max / 1_000,
    ),
    histogramMetric('nodejs_gc_duration_seconds', 'Pauses of garbage collection.', ['kind'], runtime.gc),
  ]
}
