import type { DatabaseSync } from 'node:sqlite'
import type { Avatar, AvatarOwner, AvatarType } from '../../domain/avatar.ts'
import type { AvatarStore } from '../avatars.ts'
import { query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

/** `group_id` and `user_id`, of which one is empty. */
const ownerOf = (owner: AvatarOwner): [groupId: string, userId: string] =>
  'userId' in owner ? ['', owner.userId] : [owner.groupId, '']

export function createAvatarWrites(db: DatabaseSync) {
  const sql = {
    put: db.prepare(
      'INSERT OR IGNORE INTO avatars (group_id, user_id, sha256, type, bytes) VALUES (?, ?, ?, ?, ?)',
    ),
    drop: db.prepare('DELETE FROM avatars WHERE group_id = ? AND user_id = ? AND sha256 = ?'),
  }
  return {
    'avatars.put': (owner: AvatarOwner, { sha256, type, bytes }: Avatar): void =>
      void sql.put.run(...ownerOf(owner), sha256, type, bytes),
    'avatars.drop': (owner: AvatarOwner, sha256: string): void =>
      void sql.drop.run(...ownerOf(owner), sha256),
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createAvatarWrites>>
}

export function createAvatarStore({ db, database: { read, write } }: StoreDeps): AvatarStore {
  const one = query(
    db,
    'SELECT sha256, type, bytes FROM avatars WHERE sha256 = ? LIMIT 1',
    ([sha256, type, bytes]: [string, AvatarType, Uint8Array]): Avatar => ({ sha256, type, bytes }),
  )
  return {
    put: (owner, avatar) => write('avatars.put', owner, avatar),
    drop: (owner, sha256) => write('avatars.drop', owner, sha256),
    read: async (sha256) => read(() => one.get(sha256)),
  }
}
