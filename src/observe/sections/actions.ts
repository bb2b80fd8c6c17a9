import type { Recently } from '../history.ts'
import type { Counter, Family } from '../instruments.ts'
import type { Metrics } from '../metrics.ts'
import { valuesOf } from '../numbers.ts'

/** What people did on this instance to groups and their messages, and where they were held up: `count` since the start, most first. */
export const actionsOf = ({ changes, groupsMade, rateLimits }: Metrics, { counts }: Recently) => ({
  groups_made: { group: 0, direct: 0, ...valuesOf(groupsMade) },
  changes: tallied(changes, counts).map(({ label, ...tally }) => ({ type: label, ...tally })),
  rate_limited: tallied(rateLimits, counts).map(({ label, ...tally }) => ({ what: label, ...tally })),
})

const tallied = (family: Family<Counter>, counts: Recently['counts']) =>
  [...family.all]
    .map(([[label = ''], counter]) => ({ label, count: counter.value, lately: counts.get(counter) ?? 0 }))
    .sort((a, b) => b.count - a.count)
