const dayMs = 24 * 3_600_000

/** Messages that were sent before are too old at `at`; null in a group that keeps them for ever. `days`: the service's own. */
export function keptSince(retentionDays: number | null, days: number, at: number): number | null {
  const own = retentionDays ?? days
  return own === 0 ? null : at - own * dayMs
}
