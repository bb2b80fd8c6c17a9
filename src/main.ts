import { randomBytes } from 'node:crypto'
import manifest from '../package.json' with { type: 'json' }
import { type AccountParts, createAccountParts } from './accounts.ts'
import { createPageCache } from './api/core/page-cache.ts'
import { createApis } from './apis.ts'
import { type Claims, createVerifier, type Verifier } from './auth/token.ts'
import { type Chat, createChat } from './chat/chat.ts'
import { roomId } from './chat/ids.ts'
import { observedChat } from './chat/observed.ts'
import { lastingRoom } from './chat/rooms.ts'
import { makeTestUsers } from './chat/test-users.ts'
import { type Config, deletedKeptMs, ratesOf } from './config.ts'
import { ChatError } from './domain/errors.ts'
import { createRates } from './domain/rates.ts'
import { startDuties } from './duties.ts'
import { pushOptions, startFollowers, tellsEnds } from './followers.ts'
import { createAddressOf } from './http/address.ts'
import { correlationIdOf } from './http/exchange.ts'
import { type Health, healthRoutes } from './http/routes/health.ts'
import { openApiRoutes } from './http/routes/root.ts'
import { createHttpServer } from './http/server.ts'
import { createHub } from './hub/hub.ts'
import { observedHub } from './hub/observed.ts'
import { createCorrelation, noCorrelation } from './observe/correlation.ts'
import { createMetrics } from './observe/metrics.ts'
import { round } from './observe/numbers.ts'
import { withSocketLog } from './observe/socket-log.ts'
import { startOperations } from './operations.ts'
import { pageRoutes } from './pages.ts'
import { createDirectory } from './people/directory.ts'
import { knownSignals } from './people/known-signals.ts'
import { knownStore, usersOf } from './people/known-store.ts'
import { closeCodes } from './protocol/close-codes.ts'
import type { Service, StartOptions } from './service.ts'
import { type OpenStore, openStore } from './store/open.ts'
import { createGateway, type Gateway } from './ws/gateway.ts'

export type { Service, StartOptions }

const pageCacheBytes = 32 * 1024 * 1024

/** The one place that knows all parts, and puts them together. Throws StartError when the store can't be opened. */
export async function start(config: Config, options: StartOptions): Promise<Service> {
  const {
    log,
    now = Date.now,
    clock = () => performance.now(),
    metrics = createMetrics(now, clock),
  } = options
  const { version } = manifest
  const instanceId = randomBytes(6).toString('hex')
  const startedAt = now()
  const begunAt = clock()
  const uptimeMs = () => clock() - begunAt

  const rates = createRates(ratesOf(config), clock, metrics.rateLimited)
  const addressOf = createAddressOf(config.trustedProxies)
  const correlation = config.logSqlQueries ? createCorrelation() : noCorrelation

  let state: 'starting' | 'draining' | null = 'starting'
  /** The parts so far: while the store is away at the start, /readyz has to answer already that the service is not ready. */
  const parts: {
    opened?: OpenStore
    sockets?: Gateway
    own?: AccountParts | null
    verify?: Verifier['verify']
    chat?: Chat
  } = {}
  const isEnded = (sessionId: string) => parts.own?.isEnded(sessionId) ?? false
  const verifier = createVerifier(config, {
    now,
    clock,
    onRefused: metrics.tokenRefused,
    isAccount: async (userId) => parts.own?.isAccount(userId) ?? false,
    isEnded,
  })
  const isUp = () => parts.opened?.isUp() ?? false
  const unready = () => state ?? parts.opened?.unready() ?? (isUp() ? null : 'the store does not answer')
  const health: Health = {
    unready,
    version,
    database: async () => isUp(),
    uptimeSeconds: () => Math.floor(uptimeMs() / 1_000),
  }
  const http = createHttpServer({
    config,
    routes: healthRoutes(health),
    verify: (token) => (parts.verify ?? verifier.verify)(token),
    rates,
    addressOf,
    correlation,
    log,
    onFinished: metrics.request,
    upgrade(request, socket, head) {
      if (parts.sockets) parts.sockets.upgrade(request, socket, head)
      else
        http.refuse(request, socket, new ChatError('unavailable', 'The service is starting.'), {
          correlationId: correlationIdOf(request),
          userId: null,
        })
    },
  })
  let listening: Promise<string> | undefined
  const listen = () => (listening ??= http.listen())

  const opened = await openStore(config, {
    instanceId,
    now,
    clock,
    log,
    requestMs: config.mongoTimeout,
    retentionDays: config.eventRetentionDays,
    maxGroupMembers: config.maxGroupMembers,
    tellsEnds: tellsEnds(config),
    keptMs: deletedKeptMs(config),
    auditDays: config.auditRetentionDays,
    report(operation, duration_ms, outcome) {
      metrics.storeOperation(operation, duration_ms, outcome)
      if (!config.logSqlQueries) return
      log.info('store_operation', {
        operation,
        duration_ms: round(duration_ms),
        outcome,
        correlation_id: correlation.current(),
      })
    },
    onWaiting: () => void listen().catch(() => {}), // the start itself listens again, and reports the error
    ...(options.writerFile && { writerFile: options.writerFile }),
    onGivenUp: () => parts.sockets?.dismissAll(closeCodes.restart, 'the store is away'),
    onFatal: options.onFatal,
  })
  parts.opened = opened
  const { lagMs } = opened
  const directory = createDirectory({
    store: opened.store.profiles,
    now,
    clock,
    onError: (error) => log.warn('names_unknown', { error }),
  })
  const store = knownStore(opened.store, directory)
  const signals = opened.signals && knownSignals(opened.signals, directory)
  /** The caller of a token is known by the time it is answered that the token is good. No token of a user who was erased is. */
  async function verify(token: string): Promise<Claims> {
    const claims = await verifier.verify(token)
    if (parts.chat?.erasures.isRefused(claims.userId))
      throw new ChatError('unauthenticated', 'This user was erased. An operator can admit them again.')
    const known = directory.seen(claims)
    if (known) await known
    return claims
  }
  parts.verify = verify
  const hub = createHub({
    store,
    instanceId,
    now,
    clock,
    ...(signals && { signals }),
    onError: (error) => log.warn('catch_up_failed', { error }),
    onPacket: metrics.packet,
  })
  /** The hub puts into order what comes late. */
  function whenKnown(userIds: readonly string[], tell: () => void): void {
    const looked = directory.know(userIds)
    if (looked) void looked.then(tell)
    else tell()
  }
  store.watch({
    message: (message) => whenKnown([message.senderId], () => hub.message(message)),
    change: (change) => whenKnown(usersOf(change), () => hub.change(change, {})),
    group: hub.groupTouched,
    profiles: directory.heard,
    lost: hub.catchUp,
    openGroups: () => hub.positions(),
  })
  const push = await pushOptions(config, { store, now })
  const chat = observedChat(
    createChat({
      ...config,
      push,
      store,
      directory,
      hub: observedHub(hub, metrics),
      now,
      rates,
      onRoomsLimited: () => metrics.rateLimited('rooms'),
    }),
    metrics,
  )
  parts.chat = chat
  const duties = await startDuties({
    chat,
    leases: store.lease,
    clock,
    log,
    dismissRefused: () => parts.sockets?.dismissRefused(),
  })
  // A page stays the same for as long as its group's cursor only where nobody else writes to the store.
  const cache = store.kind === 'sqlite' ? createPageCache(pageCacheBytes, directory) : null
  const own = createAccountParts(config, {
    store,
    now,
    onLimited: metrics.rateLimited,
    onEnded: (ended) => parts.sockets?.endSessions(ended),
    onUnknown: (error) => log.warn('ended_sessions_unknown', { error }),
  })
  parts.own = own
  const { apiPrefix: prefix } = config
  const { core, apis } = createApis(config, { chat, accounts: own?.accounts ?? null, cache, now })
  const sockets = createGateway({
    config,
    apis,
    chat,
    verify,
    isEnded,
    refuse: http.refuse,
    log,
    now,
    metrics: withSocketLog(metrics, log),
    correlationIdOf,
    rates,
    addressOf,
    correlation,
    clock,
    epoch: () => store.epoch,
    onAway: directory.left,
  })
  parts.sockets = sockets

  const told = { words: core.words, personOf: directory.of, push, metrics }
  const followers = startFollowers(config, { ...told, store, hub, now, clock, log })

  const operations = startOperations(config, {
    version,
    startedAt,
    uptimeMs,
    now,
    clock,
    metrics,
    store,
    hub,
    sockets,
    ...followers,
    log,
    isUp,
    unready,
    lagMs,
    rates,
    addressOf,
    environment: config.environment,
    socketLimit: config.wsMaxConnections,
  })
  async function close(): Promise<void> {
    state = 'draining'
    // The sockets, which are closed one by one, get most of the time. Until they are closed requests are answered, so that a load
    // balancer learns from /readyz to send new work elsewhere.
    await sockets.close(config.shutdownTimeout * 0.5)
    await Promise.all([http, operations].map((part) => part.close(config.shutdownTimeout * 0.2)))
    await duties.stop()
    await followers.stop()
    await own?.stop()
    hub.close()
    await directory.close()
    await opened.close()
  }

  try {
    await own?.start()
    const isNew = own !== null && options.makesTestUsers === true
    const testUsers = isNew ? await makeTestUsers({ store, accounts: own.accounts, now }) : []
    const routes = [
      ...healthRoutes(health),
      ...apis.flatMap((api) => api.routes),
      ...pageRoutes(config, {
        version,
        home: config.dialects.includes('rooms') ? { id: roomId(lastingRoom), name: lastingRoom } : null,
        users: testUsers,
      }),
      ...operations.routes,
    ]
    http.serve([...routes, ...openApiRoutes(routes, { version, prefix })])
    await followers.begun()
    const [url, metricsUrl] = [await listen(), await operations.listen()]
    state = null
    return { url, ...(metricsUrl && { metricsUrl }), storeKind: store.kind, testUsers, close }
  } catch (error) {
    await close()
    throw error
  }
}
