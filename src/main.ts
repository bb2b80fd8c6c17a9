import { randomBytes } from 'node:crypto'
import manifest from '../package.json' with { type: 'json' }
import { createVerifier } from './auth/token.ts'
import { createChat } from './chat/chat.ts'
import { observedChat } from './chat/observed.ts'
import type { Config } from './config.ts'
import { ChatError } from './domain/errors.ts'
import { createRateLimit } from './domain/rate.ts'
import { correlationIdOf } from './http/exchange.ts'
import { createPageCache } from './http/page-cache.ts'
import { groupRoutes } from './http/routes/groups.ts'
import { type Health, healthRoutes } from './http/routes/health.ts'
import { messageRoutes } from './http/routes/messages.ts'
import { openApiRoutes, rootRoutes } from './http/routes/root.ts'
import { createHttpServer } from './http/server.ts'
import { createHub } from './hub/hub.ts'
import type { Log } from './observe/log.ts'
import { createMetrics, type Metrics } from './observe/metrics.ts'
import { startOperations } from './operations.ts'
import { type MongoStore, openMongoStore } from './store/mongo/store.ts'
import { observed } from './store/observed.ts'
import { createReach } from './store/reach.ts'
import { openSqliteStore } from './store/sqlite/store.ts'
import type { Store } from './store/store.ts'
import { createTrimming } from './store/trimming.ts'
import { createEncode } from './ws/frame.ts'
import { createGateway, type Gateway } from './ws/gateway.ts'
import { closeCodes } from './ws/protocol.ts'

export interface Service {
  /** Where it listens, without a slash at the end. */
  readonly url: string
  /** Where `/metrics` is, if it has a port of its own. */
  readonly metricsUrl?: string
  /** What it stores in: `sqlite` or `mongodb`. */
  readonly storeKind: string
  /** Ends in order: no new work, sockets told and closed, requests finished, the store closed. Within SHUTDOWN_TIMEOUT. */
  close(): Promise<void>
}

/** What a test or the CLI gives in place of the world. */
export interface World {
  log: Log
  now?: () => number
  /** Where all that happens is counted; one of its own unless given. */
  metrics?: Metrics
  /** The store can't go on: the outcome of a write is unknown. The process has to end. */
  onFatal(error: Error): void
}

/** An instance that can't reach its store can't verify anyone: after this its sockets are sent elsewhere. */
const giveUpMs = 15_000
const pageCacheBytes = 32 * 1024 * 1024

/** The one place that knows all parts, and puts them together. Throws StartError when the store can't be opened. */
export async function start(config: Config, world: World): Promise<Service> {
  const { log, now = Date.now, metrics = createMetrics(now) } = world
  const { version } = manifest
  const instanceId = randomBytes(6).toString('hex')
  const startedAt = now()
  const verifier = createVerifier(config, { now, onRefused: metrics.tokenRefused })

  let unready: string | null = 'starting'
  let isUp = () => false
  let gateway: Gateway | undefined
  const health: Health = {
    database: async () => isUp(),
    unready: () => unready,
    version,
    uptimeSeconds: () => Math.floor((now() - startedAt) / 1_000),
  }
  const http = createHttpServer({
    config,
    routes: healthRoutes(health),
    verify: verifier.verify,
    requestLimit: createRateLimit('requests', config.rateLimitRequests, now, metrics.rateLimited),
    log,
    onFinished: metrics.request,
    upgrade(request, socket, head) {
      if (gateway) gateway.upgrade(request, socket, head)
      else http.refuse(request, socket, new ChatError('unavailable', 'The service is starting.'))
    },
  })

  // While the store is away at the start, whoever asks is to hear that we are not ready.
  let listening: Promise<string> | undefined
  const listen = () => (listening ??= http.listen())
  const opened = await openStore(config, { ...world, now }, instanceId, () => void listen().catch(() => {}))
  const store = observed(opened.store, (operation, duration_ms, outcome) => {
    metrics.storeOperation(operation, duration_ms, outcome)
    if (config.logSqlQueries) log.info('store_operation', { operation, duration_ms, outcome })
  })
  const encode = createEncode(store.epoch)
  const hub = createHub({
    ...{ store, encode, instanceId, now },
    ...(opened.signals && { signals: opened.signals }),
    onError: (error) => log.warn('catch_up_failed', { error }),
    onPacket: metrics.packet,
  })
  store.watch({
    message: hub.message,
    change: (change) => hub.change(change, {}),
    group: hub.groupTouched,
    lost: hub.catchUp,
    openGroups: () => hub.openGroups,
  })
  const sendLimit = createRateLimit('messages', config.rateLimitMessages, now, metrics.rateLimited)
  const chat = observedChat(
    createChat({ store, hub, encode, now, sendLimit, maxReplay: config.maxReplay }),
    metrics.send,
  )
  const sockets = createGateway({
    ...{ config, chat, verify: verifier.verify, refuse: http.refuse, log, now },
    ...{ metrics, correlationIdOf },
  })
  gateway = sockets

  const { apiPrefix: prefix } = config
  const operations = startOperations(config, {
    ...{ version, startedAt, now, metrics, store, hub, sockets, log },
    environment: config.environment,
    socketLimit: config.wsMaxConnections,
    isUp: () => isUp(),
    lagMs: () => opened.lag?.().streamMs ?? null,
    unready: () => unready,
  })
  const links = {
    ...{ groups: `${prefix}/groups`, health: '/health' },
    ...{ dashboard: '/dashboard', openapi: '/openapi.json' },
  }
  // Only where nobody else writes is a page the same as long as our cursor is.
  const cache = store.kind === 'sqlite' ? createPageCache(pageCacheBytes) : null
  const routes = [
    ...healthRoutes(health),
    ...groupRoutes(chat.groups, prefix),
    ...messageRoutes(chat.messages, chat.events, prefix, cache),
    ...rootRoutes({ version, links }),
    ...operations.routes,
  ]
  http.serve([...routes, ...openApiRoutes(routes, { version, prefix })])

  const reach = createReach({
    ...{ store, now, giveUpMs },
    onChange: (up, awayMs) =>
      up ? log.info('store_is_back', { away_ms: awayMs }) : log.error('store_is_away', { store: store.kind }),
    onGivenUp: () => sockets.dismissAll(closeCodes.restart, 'the store is away'),
  })
  isUp = () => reach.isUp
  const trimming = createTrimming({ store, now, log, retentionDays: config.eventRetentionDays })

  async function close(): Promise<void> {
    unready = 'draining'
    trimming.stop()
    reach.stop()
    // Most of the time is for the sockets, which go one by one. Until then requests are answered, so that whoever
    // shares out the work learns from /readyz that it is to go elsewhere.
    await sockets.close(config.shutdownTimeout * 0.5)
    await Promise.all([http, operations].map((part) => part.close(config.shutdownTimeout * 0.2)))
    hub.close()
    await store.close()
  }

  try {
    const [url, metricsUrl] = [await listen(), await operations.listen()]
    unready = null
    return { url, ...(metricsUrl && { metricsUrl }), storeKind: store.kind, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** SQLite, or MongoDB where `MONGODB_URL` is set: then there may be other instances, which signals reach. */
async function openStore(
  config: Config,
  { log, now, onFatal }: World & { now: () => number },
  instanceId: string,
  onWaiting: () => void,
): Promise<{ store: Store } & Partial<MongoStore>> {
  const newEpoch = () => randomBytes(6).toString('hex')
  if (config.mongodbUrl === null)
    return { store: await openSqliteStore({ dataDir: config.dataDir, newEpoch, onFatal }) }
  return openMongoStore({
    ...{ url: config.mongodbUrl, database: config.databaseName, instanceId, now, log, newEpoch, onWaiting },
    timeouts: { request: config.mongoTimeout },
  })
}
