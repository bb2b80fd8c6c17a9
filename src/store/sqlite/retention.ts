import type { DatabaseSync } from 'node:sqlite'
import type { Change } from '../../domain/change.ts'
import { keptSince } from '../../domain/retention.ts'
import type { DueGroup, RetentionStore } from '../retention.ts'
import type { Written } from '../written.ts'
import type { LogChange } from './changes.ts'
import { firstNumber, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'
import type { HeadCache } from './head-cache.ts'
import type { Remove } from './removals.ts'

type OldRow = [id: string, seq: number, createdAt: number, isDeleted: 0 | 1]

interface WriteDeps {
  logChange: LogChange
  remove: Remove
}

export function createRetentionWrites(db: DatabaseSync, { logChange, remove }: WriteDeps) {
  const sql = {
    cleared: query(db, 'SELECT cleared_seq FROM groups WHERE id = ?', firstNumber),
    next: query(
      db,
      'SELECT id, seq, created_at, is_deleted FROM messages WHERE group_id = ? AND seq > ? ORDER BY seq LIMIT ?',
      ([id, seq, createdAt, isDeleted]: OldRow) => ({ id, seq, createdAt, isDeleted: isDeleted === 1 }),
    ),
    raise: db.prepare('UPDATE groups SET cleared_seq = ? WHERE id = ?'),
  }
  return {
    'retention.clear'(groupId: string, before: number, limit: number, at: number): Written<number> {
      const cleared = sql.cleared.get(groupId)
      if (cleared === null) return { value: 0, changes: [] }
      const found = sql.next.all(groupId, cleared, limit)
      const young = found.findIndex(({ createdAt }) => createdAt >= before)
      const old = young === -1 ? found : found.slice(0, young)
      const last = old.at(-1)
      if (!last) return { value: 0, changes: [] }
      const deletes = old.filter((message) => remove(message, at)).length
      sql.raise.run(last.seq, groupId)
      const changes: Change[] = []
      if (deletes) {
        const data = { after_seq: cleared, up_to_seq: last.seq }
        changes.push(logChange(groupId, { type: 'history_cleared', at, deletes, data }))
      }
      return { value: old.length, changes }
    },
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createRetentionWrites>>
  heads: HeadCache
}

type Row = [groupId: string, retentionDays: number | null, sentAt: number | null]

export function createRetentionStore({ db, database: { read, write }, heads }: StoreDeps): RetentionStore {
  const some = query(
    db,
    `SELECT id, retention_days, (
       SELECT created_at FROM messages WHERE group_id = some.id AND seq > some.cleared_seq ORDER BY seq LIMIT 1
     ) FROM (SELECT * FROM groups WHERE id > ? ORDER BY id LIMIT ?) AS some`,
    ([groupId, retentionDays, sentAt]: Row) => ({ groupId, retentionDays, sentAt }),
  )
  return {
    async due({ after, days, at, limit }) {
      const found = read(() => some.all(after ?? '', limit))
      const groups = found.flatMap(({ groupId, retentionDays, sentAt }): DueGroup[] => {
        const before = keptSince(retentionDays, days, at)
        return before !== null && sentAt !== null && sentAt < before ? [{ groupId, before }] : []
      })
      return { groups, next: found.length < limit ? null : (found.at(-1)?.groupId ?? null) }
    },

    async clear(groupId, before, limit, at) {
      const written = await write('retention.clear', groupId, before, limit, at)
      for (const change of written.changes) heads.raise(groupId, change)
      return written
    },
  }
}
