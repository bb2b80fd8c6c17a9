import type { ChatError } from '../../domain/errors.ts'
import type { Signals } from '../signals.ts'
import type { Store } from '../store.ts'
import type { Command, StoreLog, Timeouts } from './engine/connect.ts'
import type { Lag } from './stream/watch.ts'

export interface MongoOptions {
  /** `mongodb://...`; its options give way to those that the store's promises rest on. */
  url: string
  database: string
  /** Different for each process on the same database. */
  instanceId: string
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds; never goes back. */
  clock?(): number
  log: StoreLog
  /** Makes the epoch of a new database: 1..32 letters and digits. */
  newEpoch(): string
  timeouts?: Partial<Timeouts>
  /** How many members a group may have; 10,000 unless given. */
  maxGroupMembers?: number
  /** A group's end leaves a letter that tells of it. */
  tellsEnds?: boolean
  /** Ends the wait for a database that is away. */
  signal?: AbortSignal
  /** The database is away: it is tried again after this many milliseconds. */
  onWaiting?(error: ChatError, retryInMs: number): void
  /** Is told each command that was sent. */
  onCommand?(command: Command): void
  /** Most messages in one insert; 1 is no group commit. */
  maxBatch?: number
}

export interface MongoStore {
  readonly store: Store
  readonly signals: Signals
  lag(): Lag
}
