import type { DatabaseSync } from 'node:sqlite'
import type {
  AccountSession,
  EndedSession,
  Rotation,
  SessionEndReason,
} from '../../domain/account-session.ts'
import { ChatError } from '../../domain/errors.ts'
import { keptEndedMs, type SessionStore } from '../sessions.ts'
import { createAccountReads } from './accounts.ts'
import { columns, type Declared, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

export const declaredSession: Declared<AccountSession> = {
  id: 'id',
  userId: 'user_id',
  count: 'count',
  hash: 'hash',
  nextHash: 'next_hash',
  createdAt: 'created_at',
  refreshedAt: 'refreshed_at',
  expiresAt: 'expires_at',
}
const session = columns(declaredSession)

const ended = columns<EndedSession>({ id: 'id', userId: 'user_id', why: 'why', endedAt: 'ended_at' })

/** Each login removes so many sessions that nobody needs to know of any more, which is more than it makes. */
const removedAtOnce = 10

const createReads = (db: DatabaseSync) => ({
  one: query(
    db,
    `SELECT ${session.list} FROM sessions WHERE id = ? AND ended_at IS NULL AND expires_at > ?`,
    session.of,
  ),
  ended: query(
    db,
    `SELECT ${ended.list} FROM sessions WHERE (ended_at, id) > (?, ?) ORDER BY ended_at, id LIMIT ?`,
    ended.of,
  ),
})

export function createSessionWrites(db: DatabaseSync) {
  const accounts = createAccountReads(db)
  const id = ([value]: [string]) => value
  const sql = {
    insert: db.prepare(`INSERT INTO sessions ${session.insert} ON CONFLICT DO NOTHING`),
    remove: db.prepare('DELETE FROM sessions WHERE id = ?'),
    keep: db.prepare('UPDATE sessions SET known_until = expires_at WHERE id = ?'),
    crowded: query(
      db,
      `SELECT id FROM sessions WHERE user_id = ? AND ended_at IS NULL
       ORDER BY refreshed_at DESC, id LIMIT -1 OFFSET ?`,
      id,
    ),
    lasting: query(db, 'SELECT id FROM sessions WHERE user_id = ? AND ended_at IS NULL', id),
    again: db.prepare(
      `UPDATE sessions SET next_hash = ?, refreshed_at = ?, expires_at = ?, known_until = ?
       WHERE id = ? AND count = ? AND hash = ? AND ended_at IS NULL AND expires_at > ?`,
    ),
    advance: db.prepare(
      `UPDATE sessions SET count = ?, hash = next_hash, next_hash = ?, refreshed_at = ?, expires_at = ?, known_until = ?
       WHERE id = ? AND count = ? AND next_hash = ? AND ended_at IS NULL AND expires_at > ?`,
    ),
    end: query(
      db,
      `UPDATE sessions SET ended_at = ?, why = ?, known_until = ? WHERE id = ? AND ended_at IS NULL RETURNING ${ended.list}`,
      ended.of,
    ),
    removeKnown: db.prepare(
      `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE known_until <= ? LIMIT ${removedAtOnce})`,
    ),
  }
  const end = (id: string, why: SessionEndReason, at: number): EndedSession | null =>
    sql.end.get(at, why, at + keptEndedMs, id)
  const endEach = (ids: readonly string[], why: SessionEndReason, at: number): EndedSession[] =>
    ids.map((each) => end(each, why, at)).filter((each) => each !== null)

  return {
    'sessions.create'(made: AccountSession, passwordVer: number, most: number): EndedSession[] | null {
      sql.removeKnown.run(made.createdAt)
      if (sql.insert.run(...session.values(made)).changes === 0)
        throw new ChatError('conflict', 'There is a session with this id already.')
      const account = accounts.one.get(made.userId)
      if (!account || account.disabled || account.passwordVer !== passwordVer) {
        sql.remove.run(made.id)
        return null
      }
      sql.keep.run(made.id)
      return endEach(sql.crowded.all(made.userId, most), 'crowded', made.createdAt)
    },

    'sessions.rotate'(
      id: string,
      { count, hash, nextHash }: Rotation,
      at: number,
      expiresAt: number,
    ): boolean {
      const again = sql.again.run(nextHash, at, expiresAt, expiresAt, id, count, hash, at)
      if (again.changes > 0) return true
      return sql.advance.run(count, nextHash, at, expiresAt, expiresAt, id, count - 1, hash, at).changes > 0
    },

    'sessions.end': end,

    'sessions.endAll': (
      userId: string,
      why: SessionEndReason,
      at: number,
      except: string | undefined,
    ): EndedSession[] =>
      endEach(
        sql.lasting.all(userId).filter((each) => each !== except),
        why,
        at,
      ),
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createSessionWrites>>
}

export function createSessionStore({ db, database: { read, write } }: StoreDeps): SessionStore {
  const reads = createReads(db)
  return {
    create: (made, passwordVer, most) => write('sessions.create', made, passwordVer, most),
    read: async (id, at) => read(() => reads.one.get(id, at)),
    rotate: (id, shown, at, expiresAt) => write('sessions.rotate', id, shown, at, expiresAt),
    end: (id, why, at) => write('sessions.end', id, why, at),
    endAll: (userId, why, at, except) => write('sessions.endAll', userId, why, at, except),
    listEnded: async ({ endedAt, id }, limit) => read(() => reads.ended.all(endedAt, id, limit)),
  }
}
