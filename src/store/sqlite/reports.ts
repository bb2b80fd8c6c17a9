import type { DatabaseSync } from 'node:sqlite'
import { decision as decisionDeed } from '../../domain/audit.ts'
import type { Caller } from '../../domain/caller.ts'
import { ChatError, notFound } from '../../domain/errors.ts'
import { type NewReport, openReport, type Report, type ReportDecision } from '../../domain/report.ts'
import type { ReportQuery, ReportStore } from '../reports.ts'
import type { Audit } from './audit.ts'
import { columns, type Declared, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

export const declaredReport: Declared<Report> = {
  id: 'id',
  messageId: 'message_id',
  groupId: 'group_id',
  senderId: 'sender_id',
  reporterId: 'reporter_id',
  reason: 'reason',
  createdAt: 'created_at',
  status: 'status',
  note: 'note',
  decidedBy: 'decided_by',
  decidedAt: 'decided_at',
}
const report = columns(declaredReport)

export function createReportWrites(db: DatabaseSync, { audit }: { audit: Audit }) {
  const sql = {
    one: query(db, `SELECT ${report.list} FROM reports WHERE id = ?`, report.of),
    group: db.prepare('SELECT 1 FROM groups WHERE id = ?'),
    insert: db.prepare(`INSERT INTO reports ${report.insert}`),
    decide: db.prepare(
      'UPDATE reports SET status = ?, note = ?, decided_by = ?, decided_at = ? WHERE id = ?',
    ),
    told: db.prepare('UPDATE reports SET is_told = 1 WHERE id IN (SELECT value FROM json_each(?))'),
  }
  return {
    'reports.add'(given: NewReport): { report: Report; isNew: boolean } {
      const there = sql.one.get(given.id)
      if (there) return { report: there, isNew: false }
      if (!sql.group.get(given.groupId)) throw notFound('group')
      const made = openReport(given)
      sql.insert.run(...report.values(made))
      return { report: made, isNew: true }
    },

    'reports.decide'(id: string, { status, note = '' }: ReportDecision, by: Caller, at: number): Report {
      const before = sql.one.get(id)
      if (!before) throw notFound('report')
      sql.decide.run(status, note, by.userId, at, id)
      audit(decisionDeed(before, status, by, at))
      return { ...before, status, note, decidedBy: by.userId, decidedAt: at }
    },

    'reports.told': (ids: readonly string[]): void => void sql.told.run(JSON.stringify(ids)),
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createReportWrites>>
}

export function createReportStore({ db, database: { read, write } }: StoreDeps): ReportStore {
  const living = 'EXISTS (SELECT 1 FROM groups WHERE id = group_id)'
  const page = (where: string) =>
    query(
      db,
      `SELECT ${report.list} FROM reports WHERE ${where} (created_at, id) < (?1, ?2) AND ${living}
       ORDER BY created_at DESC, id DESC LIMIT ?3`,
      report.of,
    )
  const sql = {
    one: query(db, `SELECT ${report.list} FROM reports WHERE id = ? AND ${living}`, report.of),
    all: page(''),
    ofStatus: page('status = ?4 AND'),
    untold: query(
      db,
      `SELECT ${report.list} FROM reports WHERE is_told = 0 AND ${living} ORDER BY created_at, id LIMIT ?`,
      report.of,
    ),
  }
  function find({ status, before }: ReportQuery, limit: number): Report[] {
    const [at, id] = before === undefined ? [Number.MAX_SAFE_INTEGER, ''] : placeOf(before)
    return status === undefined ? sql.all.all(at, id, limit) : sql.ofStatus.all(at, id, limit, status)
  }

  return {
    add: (given) => write('reports.add', given),
    read: async (id) => read(() => sql.one.get(id)),
    async list(asked) {
      const found = read(() => find(asked, asked.limit + 1))
      const reports = found.slice(0, asked.limit)
      const last = found.length > asked.limit ? reports.at(-1) : undefined
      return { reports, next: last ? `${last.createdAt}-${last.id}` : null }
    },
    decide: (id, decision, by, at) => write('reports.decide', id, decision, by, at),
    untold: async (limit) => read(() => sql.untold.all(limit)),
    told: (ids) => write('reports.told', ids),
  }
}

function placeOf(before: string): [at: number, id: string] {
  const [, at, id] = /^(\d{1,15})-([0-9a-f]{24})$/.exec(before) ?? []
  if (at === undefined || id === undefined)
    throw new ChatError('malformed', 'before: send the next of the page before.')
  return [Number(at), id]
}
