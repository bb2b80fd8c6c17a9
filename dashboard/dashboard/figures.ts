import type { Report } from '../../src/observe/report.ts'
import type { Level } from '../../src/observe/thresholds.ts'
import { find, make, setLevel, setText } from '../parts/elements.ts'
import { bytes, count, duration, mb, ms, none, number, percent, share } from './format.ts'

/** One figure of a panel: its text, and if there are any, its level and how much of its limit it takes (percent). */
interface Figure {
  label: string
  text(report: Report): string
  level?: keyof Report['status']['levels'] | ((report: Report) => Level | undefined)
  bar?(report: Report): number | null | undefined
}

const entries = (values: Readonly<Record<string, number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${count(value)}`)
    .join('  ') || none

const panels: Record<string, Figure[]> = {
  status: [
    { label: 'API', text: ({ status }) => status.state, level: 'state' },
    { label: 'database', text: ({ status }) => status.database, level: 'database' },
    { label: 'uptime', text: ({ status }) => duration(status.uptime_seconds) },
    { label: 'version', text: ({ status }) => status.version },
    { label: 'instances', text: ({ status }) => count(status.instances) },
    { label: 'websockets', text: ({ status }) => count(status.websockets), level: 'websockets_percent' },
    { label: 'requests', text: ({ status }) => count(status.total_requests) },
    { label: 'error rate', text: ({ status }) => share(status.error_rate), level: 'error_rate' },
    { label: 'average', text: ({ status }) => ms(status.average_ms), level: 'average_ms' },
    { label: 'p99', text: ({ status }) => ms(status.p99_ms), level: 'p99_ms' },
  ],
  system: [
    {
      label: 'process memory',
      text: ({ system: { process_memory } }) =>
        `${mb(process_memory.mb)}  ${percent(process_memory.percent)}`,
      level: 'process_memory_percent',
      bar: ({ system }) => system.process_memory.percent,
    },
    {
      label: 'heap',
      text: ({ system: { heap } }) => `${mb(heap.used_mb)} of ${mb(heap.limit_mb)}`,
      level: 'heap_percent',
      bar: ({ system }) => system.heap.percent,
    },
    {
      label: 'CPU',
      text: ({ system }) => percent(system.cpu_percent),
      level: 'cpu_percent',
      bar: ({ system }) => system.cpu_percent,
    },
    {
      label: 'event-loop delay',
      text: ({ system: { event_loop_delay_ms: delay } }) => `p99 ${ms(delay.p99)}  max ${ms(delay.max)}`,
      level: 'event_loop_p99_ms',
    },
    {
      label: 'system memory',
      text: ({ system: { system_memory } }) =>
        `${mb(system_memory.used_mb)} of ${mb(system_memory.total_mb)}`,
      level: 'system_memory_percent',
      bar: ({ system }) => system.system_memory.percent,
    },
    {
      label: 'open files',
      text: ({ system: { open_files } }) =>
        open_files ? `${count(open_files.count)} of ${count(open_files.limit)}` : none,
      level: 'open_files_percent',
      bar: ({ system }) => system.open_files?.percent,
    },
    {
      label: 'garbage collection',
      text: ({ system: { gc } }) => `${count(gc.pauses)}  max ${ms(gc.max_ms)}`,
    },
    { label: 'process', text: ({ system }) => `pid ${system.pid}  node ${system.node}` },
  ],
  database: [
    {
      label: 'store',
      text: ({ database }) => `${database.kind}  ${database.connected ? 'connected' : 'away'}`,
      level: 'database',
    },
    { label: 'answers in', text: ({ database }) => ms(database.latency_ms), level: 'database_latency_ms' },
    { label: 'groups', text: ({ database }) => count(database.groups) },
    { label: 'messages', text: ({ database }) => count(database.messages) },
    {
      label: 'active / deleted',
      text: ({ database: { active_messages, deleted_messages } }) =>
        `${count(active_messages)} / ${count(deleted_messages)}`,
    },
    { label: 'deletion rate', text: ({ database }) => share(database.deletion_rate) },
    { label: 'open reports', text: ({ database }) => count(database.open_reports) },
    { label: 'messages per group', text: ({ database }) => number(database.messages_per_group) },
    {
      label: 'growth in 24 h',
      text: ({ database: { growth_24h: growth } }) =>
        growth ? `+${count(growth.messages)} messages  +${count(growth.groups)} groups` : none,
    },
    { label: 'groups made here', text: ({ performance }) => entries(performance.actions.groups_made) },
    { label: 'invites here', text: ({ performance }) => entries(performance.actions.invites) },
    { label: 'size', text: ({ database }) => bytes(database.size_bytes) },
    {
      label: 'files',
      text: ({ database: { files } }) => (files ? `${count(files.count)}  ${bytes(files.bytes)}` : none),
    },
    {
      label: 'uploads here',
      text: ({
        performance: {
          actions: { files },
        },
      }) => `${count(files.uploads)}  ${bytes(files.uploaded_bytes)}`,
    },
    {
      label: 'downloads here',
      text: ({
        performance: {
          actions: { files },
        },
      }) => `${count(files.downloads)}  ${bytes(files.downloaded_bytes)}`,
    },
    {
      label: 'change-stream lag',
      text: ({ database }) => ms(database.stream_lag_ms),
      level: 'stream_lag_ms',
    },
    {
      label: 'search index behind',
      text: ({ database }) => ms(database.search_lag_ms),
      level: 'search_lag_ms',
    },
    { label: 'erasures under way', text: ({ database }) => count(database.erasures_under_way) },
  ],
  websocket: [
    {
      label: 'connections',
      text: ({ websocket }) => `${count(websocket.connections)} of ${count(websocket.limit)}`,
      level: 'websockets_percent',
      bar: ({ websocket }) => (100 * websocket.connections) / websocket.limit,
    },
    { label: 'users', text: ({ websocket }) => count(websocket.users) },
    {
      label: 'groups listened to',
      text: ({ websocket }) => `${count(websocket.groups)}  ${count(websocket.subscriptions)} subscriptions`,
    },
    { label: 'events per second', text: ({ websocket }) => number(websocket.events_per_second) },
    { label: 'deliveries per second', text: ({ websocket }) => number(websocket.deliveries_per_second) },
    { label: 'deliveries', text: ({ websocket }) => count(websocket.deliveries) },
    { label: 'sends', text: ({ websocket }) => entries(websocket.sends) },
    { label: 'acks', text: ({ websocket }) => count(websocket.acks) },
    {
      label: 'resumes',
      text: ({ websocket: { resumes } }) =>
        `${count(resumes.contiguous)} contiguous  ${count(resumes.resync)} resync`,
    },
    { label: 'slow closes', text: ({ websocket }) => count(websocket.slow_closes) },
    { label: 'closes by code', text: ({ websocket }) => entries(websocket.closes) },
  ],
  webhooks: [
    { label: 'told', text: ({ performance }) => count(performance.webhooks?.told) },
    { label: 'refused', text: ({ performance }) => count(performance.webhooks?.refused) },
    { label: 'lag', text: ({ performance }) => ms(performance.webhooks?.lag_ms), level: 'webhook_lag_ms' },
    { label: 'waiting', text: ({ performance }) => count(performance.webhooks?.waiting) },
    {
      label: 'dead letters',
      text: ({ performance }) => count(performance.webhooks?.dead),
      level: 'webhook_dead_letters',
    },
  ],
  push: [
    { label: 'sent', text: ({ performance }) => count(performance.push?.sent) },
    { label: 'tried again', text: ({ performance }) => count(performance.push?.later) },
    { label: 'failed', text: ({ performance }) => count(performance.push?.failed) },
    { label: 'subscriptions ended', text: ({ performance }) => count(performance.push?.ended) },
    { label: 'lag', text: ({ performance }) => ms(performance.push?.lag_ms), level: 'push_lag_ms' },
  ],
  performance: [
    { label: 'requests per minute', text: ({ performance }) => count(performance.requests_per_minute) },
    { label: 'average', text: ({ performance }) => ms(performance.average_ms), level: 'average_ms' },
    { label: 'p50', text: ({ performance }) => ms(performance.p50_ms) },
    { label: 'p90 / p95', text: ({ performance: p }) => `${ms(p.p90_ms)} / ${ms(p.p95_ms)}` },
    { label: 'p99', text: ({ performance }) => ms(performance.p99_ms), level: 'p99_ms' },
    { label: 'max', text: ({ performance }) => ms(performance.max_ms) },
    {
      label: 'slow / very slow',
      text: ({ performance: { slow_requests, very_slow_requests, total } }) =>
        `${count(slow_requests)} / ${count(very_slow_requests)}  ${count(total.slow_requests)} / ${count(total.very_slow_requests)} in all`,
      level: ({ performance: { slow_requests, very_slow_requests } }) =>
        very_slow_requests > 0 ? 'red' : slow_requests > 0 ? 'orange' : 'green',
    },
    {
      label: 'errors',
      text: ({ performance: { errors, total } }) => `${count(errors)}  ${count(total.errors)} in all`,
      level: 'error_rate',
    },
    { label: 'error rate', text: ({ performance }) => share(performance.error_rate), level: 'error_rate' },
    { label: 'refused tokens', text: ({ websocket }) => entries(websocket.token_refusals) },
  ],
}

const levelOf = ({ level }: Figure, report: Report): Level | undefined =>
  typeof level === 'function' ? level(report) : level && report.status.levels[level]

/** Makes the panels. Returns what shows a report in them. */
export function createFigures(): (report: Report) => void {
  const updates = Object.entries(panels).flatMap(([id, figures]) => {
    const list = find(id)
    return figures.map((figure) => {
      const row = make('div', 'figure')
      const value = make('dd', 'value', none)
      row.append(make('dt', 'label', figure.label), value)
      const bar = figure.bar && make('meter', 'bar')
      if (bar) {
        bar.max = 100
        bar.setAttribute('aria-label', figure.label)
        row.append(bar)
      }
      list.append(row)
      return (report: Report) => {
        const text = figure.text(report)
        setText(value, text)
        setLevel(row, text === none ? undefined : levelOf(figure, report))
        if (bar) bar.value = figure.bar?.(report) ?? 0
      }
    })
  })
  return (report) => {
    for (const update of updates) update(report)
  }
}
