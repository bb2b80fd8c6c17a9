import { createBans } from './bans.ts'
import { createDeletions } from './deletions.ts'
import type { Connection } from './engine/connect.ts'
import { createGroupChanges } from './group-changes.ts'
import { createGroupNumbers } from './group-numbers.ts'
import { createGroups } from './groups.ts'
import type { KeptHeads } from './log/heads.ts'
import type { createLogs } from './log/logs.ts'
import { createMemberChanges } from './member-changes.ts'
import type { Members } from './members.ts'
import type { Rosters } from './rosters.ts'
import type { createTotals } from './stats.ts'

interface Deps {
  connection: Connection
  /** The connection for what may take long. */
  patient: Connection
  members: Members
  rosters: Rosters
  heads: KeptHeads
  logs: Pick<ReturnType<typeof createLogs>, 'readHead'>
  totals: Pick<ReturnType<typeof createTotals>, 'groupGone'>
  maxMembers: number
}

/** What groups and their people are written by. */
export function createGroupParts(deps: Deps) {
  const { connection, patient, members, rosters, heads, logs, totals, maxMembers } = deps
  const numbers = createGroupNumbers(connection)
  const { readHead } = logs
  const deletions = createDeletions({ connection, patient, members, readHead, onGone: totals.groupGone })
  const changes = createGroupChanges({ connection, members })
  return {
    numbers,
    deletions,
    groups: createGroups({ connection, members, rosters, heads, numbers, deletions, maxMembers }),
    memberChanges: createMemberChanges({ connection, changes, deletions, maxMembers }),
    bans: createBans({ connection, members, changes }),
  }
}
