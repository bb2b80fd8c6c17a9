import type { DatabaseSync } from 'node:sqlite'
import type { AuditEntry, Deed } from '../../domain/audit.ts'
import { ChatError } from '../../domain/errors.ts'
import type { AuditPage, AuditQuery, AuditStore } from '../audit.ts'
import { type Columns, columns, type Declared, json, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

/** The group's column has a name of its own, because an entry does not go with its group. */
const declared: Declared<Deed> = {
  at: 'at',
  action: 'action',
  by: 'by_user',
  userId: 'user_id',
  groupId: 'in_group',
  messageId: 'message_id',
  detail: ['detail', json],
}
export const deed: Columns<Deed> = columns(declared)
const entry = columns<Deed & { id: number }>({ ...declared, id: 'n' })

/** Records a deed beside what it did; null is none. Only inside a transaction. */
export type Audit = (deed: Deed | null) => void

export function createAudit(db: DatabaseSync): Audit {
  const insert = db.prepare(`INSERT INTO audit ${deed.insert}`)
  return (done) => void (done && insert.run(...deed.values(done)))
}

export function createAuditWrites(db: DatabaseSync, { audit }: { audit: Audit }) {
  const trim = db.prepare(
    'DELETE FROM audit WHERE n IN (SELECT n FROM audit WHERE at < ? ORDER BY at LIMIT ?)',
  )
  return {
    'audit.add': (done: Deed): void => audit(done),
    'audit.trim': (before: number, limit: number): number => Number(trim.run(before, limit).changes),
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createAuditWrites>>
}

export function createAuditStore({ db, database: { read, write } }: StoreDeps): AuditStore {
  const page = (where: string) =>
    `SELECT n FROM audit WHERE ${where} AND (at, n) < (?1, ?2) ORDER BY at DESC, n DESC LIMIT ?3`
  /** Each part of the union is read by an index of its own, and no further than the page goes. */
  const pages = (...wheres: string[]) =>
    query(
      db,
      `SELECT ${entry.list} FROM audit
       WHERE n IN (${wheres.map((where) => `SELECT n FROM (${page(where)})`).join(' UNION ')})
       ORDER BY at DESC, n DESC LIMIT ?3`,
      (row): AuditEntry => {
        const { id, ...found } = entry.of(row)
        return { id: String(id), ...found }
      },
    )
  const sql = {
    all: pages('TRUE'),
    ofGroup: pages('in_group = ?4'),
    ofUser: pages('by_user = ?4', 'user_id = ?4'),
    ofBoth: pages('in_group = ?5 AND by_user = ?4', 'in_group = ?5 AND user_id = ?4'),
  }

  function find({ groupId, userId, limit, before }: AuditQuery): AuditEntry[] {
    const [at, n] = before === undefined ? [Number.MAX_SAFE_INTEGER, 0] : placeOf(before)
    if (userId === undefined)
      return groupId === undefined ? sql.all.all(at, n, limit) : sql.ofGroup.all(at, n, limit, groupId)
    if (groupId === undefined) return sql.ofUser.all(at, n, limit, userId)
    return sql.ofBoth.all(at, n, limit, userId, groupId)
  }

  return {
    add: (done) => write('audit.add', done),
    async list(asked): Promise<AuditPage> {
      const found = read(() => find({ ...asked, limit: asked.limit + 1 }))
      const entries = found.slice(0, asked.limit)
      const last = found.length > asked.limit ? entries.at(-1) : undefined
      return { entries, next: last ? `${last.at}-${last.id}` : null }
    },
    trim: (before, limit) => write('audit.trim', before, limit),
  }
}

function placeOf(before: string): [at: number, n: number] {
  const [, at, n] = /^(\d{1,15})-(\d{1,15})$/.exec(before) ?? []
  if (at === undefined || n === undefined)
    throw new ChatError('malformed', 'before: send the next of the page before.')
  return [Number(at), Number(n)]
}
