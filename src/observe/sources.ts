import type { StoreStats } from '../store/stats.ts'
import type { History } from './history.ts'
import type { Metrics } from './metrics.ts'
import type { Runtime } from './runtime.ts'
import type { LastKnown } from './store-figures.ts'

/** Where the figures of the dashboard come from. */
export interface Sources {
  readonly version: string
  readonly environment: string
  readonly startedAt: number
  uptimeMs(): number
  readonly now: () => number
  readonly metrics: Metrics
  readonly history: History
  readonly runtime: Runtime
  readonly store: {
    readonly kind: string
    isUp(): boolean
    /** How far behind the change streams are, in milliseconds; null where there are none. */
    lagMs(): number | null
    /** For how many milliseconds the index of words is behind; null where it is not kept by this instance. */
    searchLagMs(): number | null
    /** How long it took to answer `stats`; null while it does not. */
    readonly latencyMs: number | null
    /** As it was known last; null before that. */
    lastKnown(): LastKnown | null
    /** null when the store does not answer in time. */
    stats(): Promise<StoreStats | null>
    /** The names of these groups, in their order; null for groups that are gone or were not read in time. */
    names(groupIds: readonly string[]): Promise<(string | null)[]>
  }
  readonly sockets: {
    readonly connections: number
    readonly limit: number
    /** Open connections by user. */
    readonly users: ReadonlyMap<string, number>
    /** Groups that somebody listens to. */
    groups(): Iterable<{ id: string; connections: number; users: number }>
  }
  /** What a receiver outside is told; null where there is none. */
  readonly webhooks: {
    /** null where another instance does the work. */
    lagMs(): number | null
    /** null where another instance does the work. */
    counts(): { readonly waiting: number; readonly dead: number } | null
  } | null
  /** Push messages to browsers; null where there are none. */
  readonly push: {
    /** null where another instance does the work. */
    lagMs(): number | null
  } | null
  instances(): number
  /** Why no new work should be sent to this instance; null when it may be. */
  unready(): string | null
}
