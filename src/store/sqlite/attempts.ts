import type { DatabaseSync } from 'node:sqlite'
import { type Budget, missingMs } from '../../domain/budget.ts'
import type { AttemptStore } from '../attempts.ts'
import { firstNumber, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

/** Each attempt removes so many that count no more, which is more than it makes. */
const removedAtOnce = 20

const createReads = (db: DatabaseSync) => ({
  last: query(db, 'SELECT at FROM attempts WHERE key = ? ORDER BY at DESC LIMIT ?', firstNumber),
  remembered: query(db, 'SELECT 1 FROM remembered WHERE key = ? AND until > ?', firstNumber),
})

export function createAttemptWrites(db: DatabaseSync) {
  const { last } = createReads(db)
  const sql = {
    insert: db.prepare('INSERT OR IGNORE INTO attempts (key, at, until) VALUES (?, ?, ?)'),
    refund: db.prepare('DELETE FROM attempts WHERE key = ? AND at = ?'),
    remember: db.prepare(
      `INSERT INTO remembered (key, until) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET until = max(until, excluded.until)`,
    ),
    removeOld: ['attempts', 'remembered'].map((table) =>
      db.prepare(
        `DELETE FROM ${table} WHERE key IN (SELECT key FROM ${table} WHERE until <= ?1 LIMIT ${removedAtOnce}) AND until <= ?1`,
      ),
    ),
  }
  return {
    'attempts.take'(budgets: readonly Budget[], at: number): number {
      for (const statement of sql.removeOld) statement.run(at)
      const missing = budgets.map((budget) =>
        missingMs(budget, last.all(budget.key, budget.most).reverse(), at),
      )
      const most = Math.max(0, ...missing)
      if (most === 0) for (const { key, windowMs } of budgets) sql.insert.run(key, at, at + windowMs)
      return most
    },

    'attempts.refund'(keys: readonly string[], at: number): void {
      for (const key of keys) sql.refund.run(key, at)
    },

    'attempts.remember': (key: string, until: number): void => void sql.remember.run(key, until),
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createAttemptWrites>>
}

export function createAttemptStore({ db, database: { read, write } }: StoreDeps): AttemptStore {
  const { remembered } = createReads(db)
  return {
    take: (budgets, at) => write('attempts.take', budgets, at),
    refund: (keys, at) => write('attempts.refund', keys, at),
    remember: (key, until) => write('attempts.remember', key, until),
    isRemembered: async (key, at) => read(() => remembered.get(key, at) !== null),
  }
}
