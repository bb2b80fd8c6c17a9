import { type Static, Type } from 'typebox'
import { jsonReply } from '../reply.ts'
import { publicRoute, type Route } from '../route.ts'

/** What the service knows of itself. */
export interface Health {
  /** Whether the store answers in time. */
  database(): Promise<boolean>
  /** Why no new work should come here; null when it may. */
  unready(): string | null
  readonly version: string
  uptimeSeconds(): number
}

const HealthView = Type.Object(
  {
    status: Type.Union([Type.Literal('healthy'), Type.Literal('degraded')]),
    database: Type.Union([Type.Literal('connected'), Type.Literal('disconnected')]),
    version: Type.String(),
    uptime_seconds: Type.Number({ minimum: 0 }),
  },
  { title: 'Health' },
)

const State = Type.Object({ status: Type.String(), reason: Type.Optional(Type.String()) }, { title: 'State' })

const retry = { 'Retry-After': '5' }

export function healthRoutes({ database, unready, version, uptimeSeconds }: Health): Route[] {
  return [
    publicRoute({
      method: 'GET',
      path: '/health',
      name: 'health',
      about: 'The state of the service and its store',
      answers: {
        200: { about: 'All is well', schema: HealthView },
        503: { about: 'The store is away', schema: HealthView },
      },
      unlimited: true,
      errors: [],
      async handle() {
        const connected = await database()
        const health: Static<typeof HealthView> = {
          status: connected ? 'healthy' : 'degraded',
          database: connected ? 'connected' : 'disconnected',
          version,
          uptime_seconds: uptimeSeconds(),
        }
        return connected ? jsonReply(200, health) : jsonReply(503, health, retry)
      },
    }),

    publicRoute({
      method: 'GET',
      path: '/livez',
      name: 'livez',
      about: 'The process answers: when it does not, restart it',
      answers: { 200: { about: 'Alive', schema: State } },
      unlimited: true,
      errors: [],
      handle: () => jsonReply(200, { status: 'alive' }),
    }),

    publicRoute({
      method: 'GET',
      path: '/readyz',
      name: 'readyz',
      about: 'Whether new work should come here',
      answers: {
        200: { about: 'Ready', schema: State },
        503: { about: 'Starting, going down, without a store or its change streams', schema: State },
      },
      unlimited: true,
      errors: [],
      handle() {
        const reason = unready()
        return reason === null
          ? jsonReply(200, { status: 'ready' })
          : jsonReply(503, { status: 'not ready', reason }, retry)
      },
    }),
  ]
}
