import type { Recently } from '../history.ts'
import type { Counter, Family } from '../instruments.ts'
import type { Metrics } from '../metrics.ts'
import { valuesOf } from '../numbers.ts'

/** What people did on this instance to groups and their messages, and where they were held up: `count` since the start, most first. */
export const actionsOf = (
  { changes, groupsMade, rateLimits, storeOutcomes, totals }: Metrics,
  { counts }: Recently,
) => ({
  groups_made: { group: 0, direct: 0, ...valuesOf(groupsMade) },
  /** Somebody who was in the group already may be among those who accepted. */
  invites: {
    made: succeeded(storeOutcomes, 'invites.create'),
    accepted: succeeded(storeOutcomes, 'invites.accept'),
  },
  files: {
    uploads: totals.uploads,
    uploaded_bytes: totals.uploadedBytes,
    downloads: totals.downloads,
    downloaded_bytes: totals.downloadedBytes,
  },
  changes: tallied(changes, counts).map(({ label, ...tally }) => ({ type: label, ...tally })),
  rate_limited: tallied(rateLimits, counts).map(({ label, ...tally }) => ({ what: label, ...tally })),
})

const tallied = (family: Family<Counter>, counts: Recently['counts']) =>
  [...family.all]
    .map(([[label = ''], counter]) => ({ label, count: counter.value, lately: counts.get(counter) ?? 0 }))
    .sort((a, b) => b.count - a.count)

function succeeded({ all }: Metrics['storeOutcomes'], wanted: string): number {
  for (const [[operation, outcome], { value }] of all)
    if (operation === wanted && outcome === 'ok') return value
  return 0
}
