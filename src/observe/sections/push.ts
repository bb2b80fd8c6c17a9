import { valuesOf } from '../numbers.ts'
import type { Sources } from '../sources.ts'

/** What browsers are told; null where none is. `lag_ms` is null where another instance does the work. */
export function pushOf({ push, metrics }: Sources) {
  if (!push) return null
  const outcomes: Record<string, number> = valuesOf(metrics.pushes)
  return {
    lag_ms: push.lagMs(),
    sent: outcomes.ok ?? 0,
    later: outcomes.later ?? 0,
    failed: (outcomes.refused ?? 0) + (outcomes.given_up ?? 0),
    ended: outcomes.gone ?? 0,
  }
}
