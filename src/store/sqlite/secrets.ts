import type { DatabaseSync } from 'node:sqlite'
import type { SecretStore } from '../secrets.ts'
import { firstText, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

export function createSecretWrites(db: DatabaseSync) {
  const add = db.prepare('INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)')
  const find = query(db, 'SELECT value FROM meta WHERE key = ?', firstText)
  return {
    'secrets.read'(name: string, fresh: string): string {
      const key = `secret:${name}`
      add.run(key, fresh)
      return find.get(key) ?? fresh
    },
  }
}

export const createSecretStore = ({
  write,
}: Database<ReturnType<typeof createSecretWrites>>): SecretStore => ({
  read: (name, fresh) => write('secrets.read', name, fresh),
})
