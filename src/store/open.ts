import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { StoreLocation } from './backup.ts'
import { createFileSweep } from './file-sweep.ts'
import { createHealth } from './health.ts'
import type { StoreLog } from './mongo/engine/connect.ts'
import type { MongoStore } from './mongo/options.ts'
import { openMongoStore } from './mongo/store.ts'
import { deadAfterMs } from './mongo/stream/tail.ts'
import { observed, type Report } from './observed.ts'
import type { Signals } from './signals.ts'
import { databaseFile } from './sqlite/engine/file.ts'
import { openSqliteStore } from './sqlite/store.ts'
import { StartError } from './start-error.ts'
import type { Store } from './store.ts'
import { createAuditTrimming, createTrimming } from './trimming.ts'
import { createWiping } from './wiping.ts'

/** The store as a service uses it: its operations are reported, its health is watched, and old changes are trimmed. */
export interface OpenStore {
  readonly store: Store
  /** The way to other instances, where there may be some. */
  readonly signals: Signals | undefined
  /** True when the store answered the last time it was asked. */
  isUp(): boolean
  /** Why this instance should get no new work; null when it may. That the store is away is told by `isUp` alone. */
  unready(): string | null
  /** How late this instance hears of others, in milliseconds; null where there can be none. */
  lagMs(): number | null
  close(): Promise<void>
}

interface Deps {
  /** Different for each process on the same database. */
  instanceId: string
  now: () => number
  /** Counts milliseconds and never goes back. */
  clock: () => number
  log: StoreLog & { error: StoreLog['warn'] }
  /** The time limit of a request to MongoDB, in milliseconds. */
  requestMs: number
  /** Changes older than this are dropped. */
  retentionDays: number
  /** Members that one group may have. */
  maxGroupMembers: number
  /** A group's end leaves a letter that tells of it. */
  tellsEnds: boolean
  /** For so many milliseconds the text of a deleted message is kept; null for good. */
  keptMs: number | null
  /** For so many days entries of the audit are kept. */
  auditDays: number
  report: Report
  /** The file that the writer's thread of the SQLite store runs, where it is not the store's own. */
  writerFile?: URL
  /** The store is away at the start, and is waited for. */
  onWaiting(): void
  /** The store has been away for too long. An instance that can't reach its store can't verify anyone. */
  onGivenUp(): void
  /** The store can't go on: the outcome of a write is unknown. The process has to end. */
  onFatal(error: Error): void
}

type OpenDeps = Omit<Deps, 'log' | 'auditDays' | 'retentionDays' | 'keptMs' | 'report' | 'onGivenUp'> & {
  log: StoreLog
  /** Ends the wait for a database that is away. */
  signal?: AbortSignal
}

/** An instance whose store is away for so many milliseconds has to send its sockets elsewhere. */
const giveUpMs = 15_000

/** Throws StartError when the store can't be opened; waits while it is away. */
export async function openStore(location: StoreLocation, deps: Deps): Promise<OpenStore> {
  const { log, now, clock, report, onGivenUp, retentionDays, keptMs, auditDays } = deps
  const opened = await open(location, deps)
  const store = observed(opened.store, report)
  const health = createHealth({
    store,
    clock,
    giveUpMs,
    onGivenUp,
    onChange: (up, awayMs) =>
      up ? log.info('store_is_back', { away_ms: awayMs }) : log.error('store_is_away', { store: store.kind }),
  })
  const { lag } = opened
  // Streams count as dead after some seconds of silence, which are a part of the time until the sockets are sent elsewhere.
  const streams =
    lag &&
    createHealth({
      store: { ping: async () => void (lag().alive || (await Promise.reject(new Error('silent')))) },
      clock,
      giveUpMs: giveUpMs - deadAfterMs,
      onGivenUp,
      onChange: (up, awayMs) =>
        up ? log.info('streams_are_back', { away_ms: awayMs }) : log.error('streams_are_silent', {}),
    })
  const trimming = createTrimming({ store, now, log, retentionDays })
  const wiping = createWiping({ store, now, clock, log, keptMs })
  const auditTrimming = createAuditTrimming({ store, now, clock, log, auditDays })
  const fileSweep = createFileSweep({ store, now, clock, log })
  return {
    store,
    signals: opened.signals,
    isUp: () => health.isUp,
    // Where the store is away, its streams are away too, and `isUp` tells so already.
    unready: () =>
      health.isUp && opened.lag?.().alive === false ? 'the change streams do not answer' : null,
    lagMs: () => opened.lag?.().streamMs ?? null,
    async close() {
      trimming.stop()
      wiping.stop()
      fileSweep.stop()
      auditTrimming.stop()
      health.stop()
      streams?.stop()
      await store.close()
    },
  }
}

/**
 * Opens the store that is there for a command. Throws StartError when there is none, when a service has the folder of SQLite, and when
 * MongoDB does not answer.
 */
export async function openForCommand(
  location: StoreLocation & { readonly mongoTimeout: number },
  maxGroupMembers: number,
): Promise<Store> {
  const file = databaseFile(location.dataDir)
  if (location.mongodbUrl === null && !existsSync(file))
    throw new StartError(`There is no database: ${file}. Is DATA_DIR wrong?`)
  const away = new AbortController()
  const { store } = await open(location, {
    instanceId: randomBytes(6).toString('hex'),
    now: Date.now,
    clock: () => performance.now(),
    log: { info: () => undefined, warn: () => undefined },
    requestMs: location.mongoTimeout,
    maxGroupMembers,
    tellsEnds: false,
    signal: away.signal,
    onWaiting: () => away.abort(new StartError('MongoDB does not answer.')),
    onFatal(error) {
      throw error
    },
  })
  return store
}

/** SQLite, or MongoDB where there is a URL. */
async function open(
  location: StoreLocation,
  deps: OpenDeps,
): Promise<{ store: Store } & Partial<MongoStore>> {
  const { instanceId, now, clock, log, requestMs, maxGroupMembers, onWaiting, onFatal } = deps
  const { tellsEnds, writerFile } = deps
  const newEpoch = () => randomBytes(6).toString('hex')
  if (location.mongodbUrl === null)
    return {
      store: await openSqliteStore({
        dataDir: location.dataDir,
        newEpoch,
        maxGroupMembers,
        tellsEnds,
        log,
        ...(writerFile && { writerFile }),
        onWaiting,
        onFatal,
      }),
    }
  return openMongoStore({
    url: location.mongodbUrl,
    database: location.databaseName,
    timeouts: { request: requestMs },
    maxGroupMembers,
    tellsEnds,
    instanceId,
    now,
    clock,
    log,
    newEpoch,
    onWaiting,
    ...(deps.signal && { signal: deps.signal }),
  })
}
