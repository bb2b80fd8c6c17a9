import type { Config } from './config.ts'
import type { Rates } from './domain/rates.ts'
import type { AddressOf } from './http/address.ts'
import { createOperator } from './http/operator.ts'
import { readPage } from './http/pages.ts'
import type { Route } from './http/route.ts'
import { dashboardRoutes } from './http/routes/dashboard.ts'
import { metricsRoutes } from './http/routes/metrics.ts'
import { createHttpServer } from './http/server.ts'
import { type ObservationDeps, startObservation } from './observe/observation.ts'
import { prometheusMetrics } from './observe/prometheus.ts'

/** What operators see: the dashboard, and `/metrics`, which may have a port of its own. */
export interface Operations {
  readonly routes: readonly Route[]
  /** Opens METRICS_PORT, if there is one. Resolves with its URL. */
  listen(): Promise<string | undefined>
  close(withinMs: number): Promise<void>
}

type OperationsConfig = Pick<
  Config,
  'environment' | 'dashboardToken' | 'metricsPort' | 'host' | 'corsOrigins' | 'maxBody'
>

export function startOperations(
  config: OperationsConfig,
  given: ObservationDeps & { rates: Rates; addressOf: AddressOf },
): Operations {
  const { now, log, rates, addressOf } = given
  const { sources, settle, stop } = startObservation(given)
  const operator = createOperator({
    token: config.dashboardToken,
    now,
    loginLimit: rates.logins,
    addressOf,
  })
  const pages = { dashboard: readPage('dashboard'), login: readPage('login') }
  const dashboard = dashboardRoutes(sources, operator, pages)
  const forPrometheus = metricsRoutes(prometheusMetrics(sources), operator)

  const apart =
    config.metricsPort !== null &&
    createHttpServer({
      config: { ...config, port: config.metricsPort },
      routes: forPrometheus,
      // No route on this port asks for a user's token.
      verify: () => Promise.reject(new Error('no route asks for a token')),
      rates,
      addressOf,
      log,
      upgrade: (_request, socket) => socket.destroy(),
    })
  if (apart) apart.serve(forPrometheus)

  return {
    routes: apart ? dashboard : [...dashboard, ...forPrometheus],
    async listen() {
      settle()
      if (config.environment === 'production' && config.dashboardToken === null)
        log.warn('dashboard_is_open', {
          reason: 'Who reaches this service sees /dashboard and /metrics. Set DASHBOARD_TOKEN to close them.',
        })
      return apart ? apart.listen() : undefined
    },
    async close(withinMs) {
      stop()
      if (apart) await apart.close(withinMs)
    },
  }
}
