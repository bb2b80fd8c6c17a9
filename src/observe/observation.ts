import { every } from '../domain/every.ts'
import { createHistory, stepMs } from './history.ts'
import type { Log } from './log.ts'
import { createRuntime } from './runtime.ts'
import type { Sources } from './sources.ts'
import { createStoreFigures, type Figured } from './store-figures.ts'

export type ObservationDeps = Pick<
  Sources,
  'version' | 'environment' | 'startedAt' | 'uptimeMs' | 'now' | 'metrics' | 'unready' | 'webhooks' | 'push'
> & {
  readonly store: { readonly kind: string } & Figured
  readonly hub: {
    readonly instances: number
    readonly openGroups: Iterable<string>
    online(groupId: string): { readonly connections: number; readonly users: number }
  }
  readonly sockets: { readonly connections: number; readonly users: ReadonlyMap<string, number> }
  readonly socketLimit: number
  /** The clock of the metrics: it counts milliseconds and never goes back. */
  clock(): number
  isUp(): boolean
  lagMs(): number | null
  searchLagMs(): number | null
  readonly log: Log
}

const figuresMs = 60_000

/** Begins to look at the process and its store. The sources are what `/metrics` and the dashboard show. */
export function startObservation(deps: ObservationDeps): {
  sources: Sources
  /** To be called when the start is over. */
  settle(): void
  stop(): void
} {
  const { metrics, hub, sockets, store, now, clock, log } = deps
  const runtime = createRuntime()
  const history = createHistory({ metrics, runtime, connections: () => sockets.connections, now, clock })
  const figures = createStoreFigures(store, now)
  const step = () => history.step().catch((error: unknown) => log.error('observation_failed', { error }))
  const stopSteps = every(stepMs, step)
  // A scrape asks the store nothing, so what it tells of files is looked up now and then.
  const stopFigures = every(figuresMs, figures.look, { atOnce: true })
  return {
    sources: {
      ...deps,
      history,
      runtime,
      instances: () => hub.instances,
      sockets: {
        get connections() {
          return sockets.connections
        },
        limit: deps.socketLimit,
        users: sockets.users,
        *groups() {
          for (const id of hub.openGroups) {
            const { connections, users } = hub.online(id)
            yield { id, connections, users }
          }
        },
      },
      store: {
        kind: store.kind,
        isUp: deps.isUp,
        lagMs: deps.lagMs,
        searchLagMs: deps.searchLagMs,
        stats: figures.stats,
        lastKnown: figures.lastKnown,
        names: figures.names,
        get latencyMs() {
          return figures.latencyMs
        },
      },
    },
    settle: runtime.settle,
    stop() {
      stopSteps()
      stopFigures()
      runtime.stop()
    },
  }
}
