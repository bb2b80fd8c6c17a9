import type { DatabaseSync } from 'node:sqlite'
import type { Account } from '../../domain/account.ts'
import { ChatError } from '../../domain/errors.ts'
import type { AccountStore } from '../accounts.ts'
import { columns, flag, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

export const account = columns<Account>({
  id: 'id',
  passwordHash: 'password_hash',
  passwordVer: 'password_ver',
  disabled: ['disabled', flag],
  createdAt: 'created_at',
  updatedAt: 'updated_at',
})

export const createAccountReads = (db: DatabaseSync) => ({
  one: query(db, `SELECT ${account.list} FROM accounts WHERE id = ?`, account.of),
  page: query(db, `SELECT ${account.list} FROM accounts WHERE id > ? ORDER BY id LIMIT ?`, account.of),
})

export function createAccountWrites(db: DatabaseSync) {
  const reads = createAccountReads(db)
  const sql = {
    insert: db.prepare(`INSERT INTO accounts ${account.insert} ON CONFLICT DO NOTHING`),
    password: db.prepare(
      'UPDATE accounts SET password_hash = ?, password_ver = password_ver + 1, updated_at = ? WHERE id = ?',
    ),
    renew: db.prepare('UPDATE accounts SET password_hash = ? WHERE id = ? AND password_hash = ?'),
    disable: db.prepare('UPDATE accounts SET disabled = ?, updated_at = ? WHERE id = ?'),
    remove: db.prepare('DELETE FROM accounts WHERE id = ?'),
  }
  return {
    'accounts.create'(made: Account): void {
      if (sql.insert.run(...account.values(made)).changes === 0)
        throw new ChatError('conflict', 'There is an account with this id already.')
    },

    'accounts.setPassword'(id: string, passwordHash: string, at: number): Account | null {
      sql.password.run(passwordHash, at, id)
      return reads.one.get(id)
    },

    'accounts.renewHash': (id: string, from: string, to: string): void => void sql.renew.run(to, id, from),

    'accounts.setDisabled'(id: string, disabled: boolean, at: number): Account | null {
      sql.disable.run(Number(disabled), at, id)
      return reads.one.get(id)
    },

    'accounts.remove': (id: string): boolean => sql.remove.run(id).changes > 0,
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createAccountWrites>>
}

export function createAccountStore({ db, database: { read, write } }: StoreDeps): AccountStore {
  const reads = createAccountReads(db)
  return {
    create: (made) => write('accounts.create', made),
    read: async (id) => read(() => reads.one.get(id)),
    list: async (after, limit) => read(() => reads.page.all(after ?? '', limit)),
    setPassword: (id, passwordHash, at) => write('accounts.setPassword', id, passwordHash, at),
    renewHash: (id, from, to) => write('accounts.renewHash', id, from, to),
    setDisabled: (id, disabled, at) => write('accounts.setDisabled', id, disabled, at),
    remove: (id) => write('accounts.remove', id),
  }
}
