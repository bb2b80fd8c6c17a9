import type { Sources } from '../sources.ts'

/** What the receiver is told; null where there is none. `lag_ms`, `waiting` and `dead` are null where another instance does the work. */
export function webhooksOf({ webhooks, metrics }: Sources) {
  if (!webhooks) return null
  const outcomes = { ok: 0, failed: 0, dead: 0 }
  for (const [[, outcome = ''], { value }] of metrics.webhooks.all)
    if (outcome in outcomes) outcomes[outcome as keyof typeof outcomes] += value
  const counts = webhooks.counts()
  return {
    lag_ms: webhooks.lagMs(),
    told: outcomes.ok,
    refused: outcomes.failed + outcomes.dead,
    waiting: counts?.waiting ?? null,
    dead: counts?.dead ?? null,
  }
}
