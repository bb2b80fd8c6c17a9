import { createAddressOf } from '../../src/http/address.ts'
import type { Route } from '../../src/http/route.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { createLog } from '../../src/observe/log.ts'
import { createMetrics } from '../../src/observe/metrics.ts'
import type { Report } from '../../src/observe/report.ts'
import { startOperations } from '../../src/operations.ts'
import type { Store } from '../../src/store/store.ts'
import { ratesFor } from './rates.ts'

/** An HTTP server with the operators' routes beside a test's own, and a clock that moves only when told. */
export interface OperatedServer {
  readonly url: string
  readonly metrics: ReturnType<typeof createMetrics>
  /** Moves the clock that requests are measured by. */
  pass(ms: number): void
  /** Moves the time of day. */
  advance(ms: number): void
  report(): Promise<Report>
  [Symbol.asyncDispose](): Promise<void>
}

interface Options {
  routes?: readonly Route[]
  token?: string | null
  stats?: Store['stats']['read']
  readGroup?: Store['groups']['readSummary']
  /** The groups that somebody listens to. */
  openGroups?: readonly string[]
  isUp?: () => boolean
  /** Why this instance should get no new work. */
  unready?: () => string | null
  lagMs?: () => number | null
}

export async function serveOperations(options: Options = {}): Promise<OperatedServer> {
  const { routes = [], token = null, isUp = () => true, lagMs = () => null } = options
  const { readGroup = async () => null, openGroups = [] } = options
  const log = createLog({ level: 'critical', format: 'json', write: () => undefined })
  let elapsed = 0
  let today = Date.UTC(2026, 0, 1)
  const startedAt = today
  const now = () => today
  const metrics = createMetrics(now)
  const stats: Store['stats']['read'] =
    options.stats ??
    (async () => ({
      groups: 0,
      messages: 0,
      deleted: 0,
      files: { count: 0, bytes: 0 },
      bytes: 0,
      growth: { groups: 0, messages: 0 },
      openReports: 0,
      erasures: 0,
      active: [],
    }))
  const rates = ratesFor({ logins: 10 }, now)
  const addressOf = createAddressOf([])
  const server = { host: '127.0.0.1', port: 0, corsOrigins: [], maxBody: 4_096 }
  const operations = startOperations(
    { ...server, environment: 'development', dashboardToken: token, metricsPort: null },
    {
      version: '1.2.3',
      environment: 'development',
      startedAt: today,
      uptimeMs: () => now() - startedAt,
      now,
      clock: now,
      rates,
      addressOf,
      metrics,
      log,
      isUp,
      lagMs,
      searchLagMs: () => null,
      store: { kind: 'sqlite', stats: { read: stats }, groups: { readSummary: readGroup } },
      hub: { instances: 1, openGroups, online: () => ({ connections: 1, users: 1 }) },
      sockets: { connections: 0, users: new Map() },
      webhooks: null,
      push: null,
      socketLimit: 100,
      unready: options.unready ?? (() => null),
    },
  )
  const http = createHttpServer({
    config: server,
    routes: [],
    log,
    rates,
    addressOf,
    verify: () => Promise.reject(new Error('nothing here asks for a token')),
    upgrade: (_request, socket) => void socket.destroy(),
    onFinished: metrics.request,
    clock: () => elapsed,
  })
  http.serve([...routes, ...operations.routes])
  const url = await http.listen()
  return {
    url,
    metrics,
    pass: (ms) => {
      elapsed += ms
    },
    advance: (ms) => {
      today += ms
    },
    report: async () => (await fetch(`${url}/dashboard/api/data`)).json() as Promise<Report>,
    async [Symbol.asyncDispose]() {
      await Promise.all([operations.close(0), http.close(0)])
    },
  }
}
