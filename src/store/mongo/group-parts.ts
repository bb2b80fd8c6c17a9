import type { AuditOnMongo } from './audit.ts'
import { createBans } from './bans.ts'
import { createDeletions } from './deletions.ts'
import { createDevices } from './devices.ts'
import type { Connection } from './engine/connect.ts'
import { createGroupChanges } from './group-changes.ts'
import { createGroupNumbers } from './group-numbers.ts'
import { createGroups } from './groups.ts'
import { createInvites } from './invites.ts'
import { createLetters } from './letters.ts'
import type { KeptHeads } from './log/heads.ts'
import type { createLogs } from './log/logs.ts'
import { createMemberChanges } from './member-changes.ts'
import type { Members } from './members.ts'
import { createNames } from './names.ts'
import { createNewGroups } from './new-groups.ts'
import { createPreferences } from './preferences.ts'
import { createReports } from './reports.ts'
import type { Rosters } from './rosters.ts'
import type { createTotals } from './stats.ts'

interface Deps {
  connection: Connection
  /** The connection for what may take long. */
  patient: Connection
  members: Members
  rosters: Rosters
  heads: KeptHeads
  audit: Pick<AuditOnMongo, 'record'>
  logs: Pick<ReturnType<typeof createLogs>, 'readHead' | 'readHeads'>
  totals: Pick<ReturnType<typeof createTotals>, 'groupGone' | 'groupMade'>
  maxMembers: number
  now: () => number
  tellsEnds: boolean
}

/** What groups and their people are written by. */
export function createGroupParts(deps: Deps) {
  const { connection, patient, members, rosters, heads, audit, logs, totals, maxMembers, now, tellsEnds } =
    deps
  const numbers = createGroupNumbers(connection)
  const names = createNames(connection)
  const preferences = createPreferences({ connection, members, readHeads: logs.readHeads })
  const deletions = createDeletions({
    connection,
    patient,
    members,
    names,
    readHead: logs.readHead,
    tellsEnds,
    onGone: totals.groupGone,
  })
  const changes = createGroupChanges({ connection, members })
  const memberChanges = createMemberChanges({ connection, changes, deletions, maxMembers })
  const groups = createGroups({
    connection,
    members,
    heads,
    newGroups: createNewGroups({ connection, rosters, numbers }),
    deletions,
    names,
    preferences,
    maxMembers,
    now,
    onMade(id, at) {
      heads.raise(id, { seq: 0, changes: { rev: 0, deleted: 0 } })
      totals.groupMade(at)
    },
  })
  return {
    numbers,
    deletions,
    groups,
    memberChanges,
    bans: createBans({ connection, members, changes, audit }),
    invites: createInvites({ connection, members, add: memberChanges.add }),
    names,
    preferences,
    reports: createReports({ connection, audit }),
    letters: createLetters(connection),
    devices: createDevices(connection),
  }
}
