import type { DatabaseSync } from 'node:sqlite'
import type { Letter, LetterCounts, LetterEntry } from '../../domain/letter.ts'
import type { LetterStore } from '../letters.ts'
import { columns, firstText, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

type LetterRow = Omit<Letter, 'entry'> & {
  log: LetterEntry['log'] | null
  seq: number | null
  rev: number | null
}

export const letter = columns<LetterRow>({
  id: 'id',
  groupId: 'group_id',
  type: 'type',
  log: 'log',
  seq: 'seq',
  rev: 'rev',
  at: 'at',
  nth: 'nth',
  attempts: 'attempts',
  since: 'since',
  failure: 'failure',
  dueAt: 'due_at',
})

const rowOf = ({ entry, ...rest }: Letter): LetterRow => ({
  ...rest,
  log: entry?.log ?? null,
  seq: entry?.seq ?? null,
  rev: entry?.rev ?? null,
})

export function letterOf(row: unknown[]): Letter {
  const { log, seq, rev, ...rest } = letter.of(row)
  return { ...rest, entry: log === null ? null : { log, seq: seq ?? 0, rev: rev ?? 0 } }
}

/** So many letters that nobody named change in one step. */
const perStep = 500

const given = 'id IN (SELECT value FROM json_each(?))'

/** Only inside a transaction. */
export function createPutLetter(db: DatabaseSync): (letter: Letter) => void {
  const put = db.prepare(`INSERT OR REPLACE INTO letters ${letter.insert}`)
  return (each) => void put.run(...letter.values(rowOf(each)))
}

export function createLetterWrites(db: DatabaseSync) {
  const put = createPutLetter(db)
  const sql = {
    remove: db.prepare(`DELETE FROM letters WHERE ${given}`),
    postpone: db.prepare('UPDATE letters SET due_at = ?2 WHERE group_id = ?1 AND due_at < ?2'),
    retry: db.prepare(`UPDATE letters SET due_at = ?, attempts = 0, since = NULL WHERE ${given}`),
    retryAll: db.prepare('UPDATE letters SET due_at = ?, attempts = 0, since = NULL'),
    drop: db.prepare(`DELETE FROM letters WHERE due_at IS NULL AND ${given}`),
    dropSome: db.prepare(
      `DELETE FROM letters WHERE id IN (SELECT id FROM letters WHERE due_at IS NULL AND at < ? LIMIT ${perStep})`,
    ),
  }
  const count = ({ changes }: { changes: number | bigint }) => Number(changes)
  return {
    'letters.put': (letters: readonly Letter[]): void => letters.forEach(put),
    'letters.remove': (ids: readonly string[]): void => void sql.remove.run(JSON.stringify(ids)),
    'letters.postpone': (groupId: string, until: number): void => void sql.postpone.run(groupId, until),
    'letters.retry': (ids: readonly string[] | null, at: number): number =>
      count(ids ? sql.retry.run(at, JSON.stringify(ids)) : sql.retryAll.run(at)),
    'letters.drop': (ids: readonly string[]): number => count(sql.drop.run(JSON.stringify(ids))),
    /** Some of them, and how many; as many as a step takes: there may be more. */
    'letters.dropSome': (before: number): number => count(sql.dropSome.run(before)),
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createLetterWrites>>
}

export function createLetterStore({ db, database: { read, write } }: StoreDeps): LetterStore {
  const select = `SELECT ${letter.list} FROM letters`
  const latest = 'ORDER BY at DESC, nth DESC LIMIT ?'
  const sql = {
    due: query(db, 'SELECT group_id FROM letters WHERE due_at <= ? ORDER BY due_at, at LIMIT ?', firstText),
    waiting: query(
      db,
      `${select} WHERE group_id = ? AND due_at IS NOT NULL ORDER BY at, nth LIMIT ?`,
      letterOf,
    ),
    list: {
      all: query(db, `${select} ${latest}`, letterOf),
      waiting: query(db, `${select} WHERE due_at IS NOT NULL ${latest}`, letterOf),
      dead: query(db, `${select} WHERE due_at IS NULL ${latest}`, letterOf),
    },
    count: query(
      db,
      'SELECT count(due_at), count(*) - count(due_at) FROM letters',
      ([waiting, dead]: [number, number]): LetterCounts => ({ waiting, dead }),
    ),
  }

  async function dropBefore(before: number): Promise<number> {
    for (let total = 0; ; ) {
      const dropped = await write('letters.dropSome', before)
      total += dropped
      if (dropped < perStep) return total
    }
  }

  return {
    put: (letters) => write('letters.put', letters),
    remove: (ids) => write('letters.remove', ids),
    postpone: (groupId, until) => write('letters.postpone', groupId, until),
    dueGroups: async (by, limit) => [...new Set(read(() => sql.due.all(by, limit)))],
    listWaiting: async (groupId, limit) => read(() => sql.waiting.all(groupId, limit)),
    list: async (state, limit) => read(() => sql.list[state].all(limit)),
    count: async () => read(() => sql.count.get()) ?? { waiting: 0, dead: 0 },
    retry: (ids, at) => write('letters.retry', ids, at),
    drop: (ids) => (ids ? write('letters.drop', ids) : dropBefore(Number.MAX_SAFE_INTEGER)),
    trim: dropBefore,
  }
}
