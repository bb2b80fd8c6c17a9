import { statSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ActiveGroup, StatsStore, StoreStats } from '../stats.ts'
import { columns, firstNumber, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

const hourMs = 3_600_000

/** Keeps the totals, in the transaction of what they count. Each hour has a small row that begins with the last one's. */
export interface Totals {
  groupMade(at: number): void
  messageSent(at: number): void
  messageDeleted(): void
  messageRestored(): void
  /** The group had so many messages, of which so many were deleted. */
  groupGone(messages: number, deleted: number): void
}

export function createTotals(db: DatabaseSync): Totals {
  const columns = 'groups_made, groups_gone, messages_sent, messages_gone, messages_deleted'
  const last = '(SELECT max(hour) FROM tally)'
  const begin = db.prepare(
    `INSERT INTO tally (hour, ${columns}) SELECT ?1, ${columns} FROM tally WHERE hour = ${last} AND hour < ?1`,
  )
  const set = (assignments: string) => db.prepare(`UPDATE tally SET ${assignments} WHERE hour = ${last}`)
  /** The statement changes nothing when a new hour has begun. */
  const setWithin = (assignments: string) =>
    db.prepare(`UPDATE tally SET ${assignments} WHERE hour = ${last} AND hour >= ?`)
  const sql = {
    groupMade: setWithin('groups_made = groups_made + 1'),
    messageSent: setWithin('messages_sent = messages_sent + 1'),
    messageDeleted: set('messages_deleted = messages_deleted + 1'),
    messageRestored: set('messages_deleted = messages_deleted - 1'),
    groupGone: set(
      `groups_gone = groups_gone + 1, messages_gone = messages_gone + ?,
       messages_deleted = messages_deleted - ?`,
    ),
  }

  function count(statement: StatementSync, at: number): void {
    const hour = Math.floor(at / hourMs)
    if (statement.run(hour).changes) return
    begin.run(hour)
    statement.run(hour)
  }

  return {
    groupMade: (at) => count(sql.groupMade, at),
    messageSent: (at) => count(sql.messageSent, at),
    messageDeleted: () => void sql.messageDeleted.run(),
    messageRestored: () => void sql.messageRestored.run(),
    groupGone: (messages, deleted) => void sql.groupGone.run(messages, deleted),
  }
}

export function createStatsStore({ read }: Database, db: DatabaseSync, file: string): StatsStore {
  const stats = createStats(db, file)
  return { read: async (at) => read(() => stats(at)) }
}

const activeGroup = columns<ActiveGroup>({
  id: 'id',
  name: 'name',
  kind: 'kind',
  visibility: 'visibility',
  memberCount: 'member_count',
  messages: 'seq - deleted',
  deleted: 'deleted',
  lastAt: 'active_at',
})

/** Reads the figures from the tally and the file's size. */
function createStats(db: DatabaseSync, file: string): (at: number) => StoreStats {
  type Row = [groupsMade: number, groupsGone: number, sent: number, gone: number, deleted: number]
  const columns = 'groups_made, groups_gone, messages_sent, messages_gone, messages_deleted'
  const same = (row: Row) => row
  const until = query(db, `SELECT ${columns} FROM tally WHERE hour <= ? ORDER BY hour DESC LIMIT 1`, same)
  const active = query(
    db,
    `SELECT ${activeGroup.list} FROM groups WHERE heat > 0 ORDER BY heat DESC LIMIT 10`,
    activeGroup.of,
  )
  const files = query(db, 'SELECT files, bytes FROM file_totals', ([count, bytes]: [number, number]) => ({
    count,
    bytes,
  }))
  const reports = query(
    db,
    "SELECT count(*) FROM (SELECT 1 FROM reports WHERE status = 'open' LIMIT 1000)",
    firstNumber,
  )
  const erasures = query(
    db,
    'SELECT count(*) FROM (SELECT 1 FROM erasures WHERE user_id IS NOT NULL LIMIT 1000)',
    firstNumber,
  )
  const none: Row = [0, 0, 0, 0, 0]
  return (at) => {
    const [made, goneGroups, sent, gone, deleted] = until.get(Number.MAX_SAFE_INTEGER) ?? none
    const [madeBefore, , sentBefore] = until.get(Math.floor(at / hourMs) - 24) ?? none
    return {
      groups: made - goneGroups,
      messages: sent - gone,
      deleted,
      growth: { groups: made - madeBefore, messages: sent - sentBefore },
      files: files.get() ?? { count: 0, bytes: 0 },
      bytes: size(file) + size(`${file}-wal`),
      openReports: reports.get() ?? 0,
      erasures: erasures.get() ?? 0,
      active: active.all(),
    }
  }
}

const size = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0
