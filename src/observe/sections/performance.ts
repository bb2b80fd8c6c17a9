import type { Recently, Window } from '../history.ts'
import { average, quantile } from '../instruments.ts'
import { isOperators, type Metrics } from '../metrics.ts'
import { latelyOf, round, share, times } from '../numbers.ts'

export function performanceOf({ totals }: Metrics, lately: Window, minute: Window) {
  const { durations, errors } = lately
  return {
    window_seconds: Math.round(lately.seconds),
    // In the first minute it is the count so far, because a rate from ten seconds would be a guess.
    requests_per_minute: Math.round((minute.durations.count * 60) / Math.max(60, minute.seconds)),
    requests: durations.count,
    average_ms: round(average(durations)),
    p50_ms: round(quantile(durations, 0.5)),
    p90_ms: round(quantile(durations, 0.9)),
    p95_ms: round(quantile(durations, 0.95)),
    p99_ms: round(quantile(durations, 0.99)),
    max_ms: round(durations.max),
    slow_requests: lately.slow,
    very_slow_requests: lately.verySlow,
    errors,
    error_rate: share(errors, durations.count),
    total: {
      requests: totals.requests,
      errors: totals.errors,
      client_errors: totals.clientErrors,
      error_rate: share(totals.errors, totals.requests),
      slow_requests: totals.slow,
      very_slow_requests: totals.verySlow,
    },
  }
}

export const endpointsOf = ({ endpoints }: Metrics, { endpoints: lately }: Recently) =>
  [...endpoints.all]
    .filter(([[route = '']]) => !isOperators({ route }))
    .map(([[route = '', method = ''], endpoint]) => ({
      method,
      route,
      count: endpoint.durations.count,
      errors: endpoint.errors,
      client_errors: endpoint.clientErrors,
      error_rate: share(endpoint.errors, endpoint.durations.count),
      ...times(endpoint.durations),
      lately: latelyOf(lately.get(endpoint)),
    }))
