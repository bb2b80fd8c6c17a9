import { contentTypes, expose, formatFor, type Metric } from '../../observe/exposition.ts'
import type { Operator } from '../operator.ts'
import { publicRoute, type Route } from '../route.ts'

export function metricsRoutes(metrics: readonly Metric[], operator: Operator): Route[] {
  return [
    publicRoute({
      method: 'GET',
      path: '/metrics',
      name: 'metrics',
      about: 'Figures for Prometheus: its text format, or OpenMetrics when asked for',
      answers: {
        200: { about: 'The figures', types: ['text/plain', 'application/openmetrics-text'] },
      },
      unlimited: true,
      errors: ['unauthenticated', 'rate_limited'],
      handle({ request }) {
        operator.require(request)
        const format = formatFor(request.headers.accept)
        return {
          status: 200,
          type: contentTypes[format],
          body: expose(metrics, format),
          headers: { Vary: 'Accept, Origin' },
        }
      },
    }),
  ]
}
