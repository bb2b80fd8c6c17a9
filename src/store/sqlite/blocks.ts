import type { DatabaseSync } from 'node:sqlite'
import type { Block } from '../../domain/block.ts'
import { ChatError } from '../../domain/errors.ts'
import { limits } from '../../domain/limits.ts'
import type { BlockStore } from '../blocks.ts'
import { columns, firstNumber, firstText, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

const block = columns<Block>({ userId: 'blocked_id', createdAt: 'created_at' })

const oneOf = (db: DatabaseSync) =>
  query(db, `SELECT ${block.list} FROM blocks WHERE user_id = ? AND blocked_id = ?`, block.of)

/** Tells whether the other of a direct chat has blocked the user. */
export function createBlockedInChat(db: DatabaseSync): (groupId: string, userId: string) => boolean {
  const blocked = query(
    db,
    `SELECT count(*) FROM members JOIN blocks ON blocks.user_id = members.user_id AND blocks.blocked_id = ?2
     WHERE members.group_id = ?1`,
    firstNumber,
  )
  return (groupId, userId) => (blocked.get(groupId, userId) ?? 0) > 0
}

export function createBlockWrites(db: DatabaseSync) {
  const sql = {
    one: oneOf(db),
    count: query(db, 'SELECT count(*) FROM blocks WHERE user_id = ?', firstNumber),
    insert: db.prepare('INSERT INTO blocks (user_id, blocked_id, created_at) VALUES (?, ?, ?)'),
    remove: db.prepare('DELETE FROM blocks WHERE user_id = ? AND blocked_id = ?'),
  }
  return {
    'blocks.put'(userId: string, blockedId: string, at: number): Block {
      const there = sql.one.get(userId, blockedId)
      if (there) return there
      if ((sql.count.get(userId) ?? 0) >= limits.blocks)
        throw new ChatError('limit_reached', `You may block at most ${limits.blocks} users.`)
      sql.insert.run(userId, blockedId, at)
      return { userId: blockedId, createdAt: at }
    },

    'blocks.remove': (userId: string, blockedId: string): void => void sql.remove.run(userId, blockedId),
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createBlockWrites>>
}

export function createBlockStore({ db, database: { read, write } }: StoreDeps): BlockStore {
  const list = query(
    db,
    `SELECT ${block.list} FROM blocks WHERE user_id = ? ORDER BY created_at, blocked_id`,
    block.of,
  )
  const among = query(
    db,
    'SELECT user_id FROM blocks WHERE blocked_id = ? AND user_id IN (SELECT value FROM json_each(?))',
    firstText,
  )
  return {
    put: (userId, blockedId, at) => write('blocks.put', userId, blockedId, at),
    remove: (userId, blockedId) => write('blocks.remove', userId, blockedId),
    list: async (userId) => read(() => list.all(userId)),
    among: async (blockedId, userIds) =>
      read(() => new Set(userIds.length ? among.all(blockedId, JSON.stringify(userIds)) : [])),
  }
}
