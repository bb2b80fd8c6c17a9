import type { Log } from './observe/log.ts'
import type { Metrics } from './observe/metrics.ts'

export interface Service {
  /** Where it listens, without a slash at the end. */
  readonly url: string
  /** Where `/metrics` is, if it has a port of its own. */
  readonly metricsUrl?: string
  /** The kind of its store: `sqlite` or `mongodb`. */
  readonly storeKind: string
  /** The names of the test users that there are; none unless they were asked for. */
  readonly testUsers: readonly string[]
  /** Ends in order: no new work, sockets told and closed, requests finished, the store closed. Within SHUTDOWN_TIMEOUT. */
  close(): Promise<void>
}

/** What a test or the command line passes in: clocks, the log, and what ends the process. */
export interface StartOptions {
  log: Log
  now?: () => number
  /** Counts milliseconds and never goes back, whatever is done to the clock. */
  clock?: () => number
  /** Makes the users that the documentation names, in a store without accounts: only for development. */
  makesTestUsers?: boolean
  /** Counts all that happens. The service makes its own unless one is given. */
  metrics?: Metrics
  /** The file that the writer's thread of the SQLite store runs, where it is not the store's own. */
  writerFile?: URL
  /** The store can't go on: the outcome of a write is unknown. The process has to end. */
  onFatal(error: Error): void
}
