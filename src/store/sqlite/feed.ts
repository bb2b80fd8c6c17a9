import type { DatabaseSync } from 'node:sqlite'
import { ChatError } from '../../domain/errors.ts'
import type { FeedPage, FeedStore, Moved } from '../feed.ts'
import { firstNumber, firstText, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

/**
 * The moves of all groups' logs, numbered in the order in which they are committed: a group's row has the number of its last. Only
 * the writer numbers, so what has a lower number is never seen later. Only inside a transaction.
 */
export interface Moves {
  /** The number of a move. */
  next(): number
  /** To be called when a group goes: its number may be the highest, and must never be given again. */
  keepLast(): void
}

const lastMove = 'moves'

export function createMoves(db: DatabaseSync): Moves {
  const kept = query(db, 'SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?', firstNumber)
  const highest = query(db, 'SELECT coalesce(max(moved), 0) FROM groups WHERE moved > 0', firstNumber)
  const keep = db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)')
  let last = Math.max(kept.get(lastMove) ?? 0, highest.get() ?? 0)
  return {
    // One that is undone leaves a gap, which means nothing.
    next: () => ++last,
    keepLast: () => void keep.run(lastMove, `${last}`),
  }
}

export type FeedReads = ReturnType<typeof createFeedReads>

export function createFeedReads(db: DatabaseSync) {
  const moved = query(
    db,
    'SELECT id, seq, rev, moved FROM groups WHERE moved > ? AND moved > 0 ORDER BY moved LIMIT ?',
    ([groupId, seq, rev, number]: [string, number, number, number]): Moved & { number: number } => ({
      groupId,
      head: { seq, rev },
      number,
    }),
  )
  const cursor = query(db, 'SELECT value FROM meta WHERE key = ?', firstText)
  return {
    after: (number: number, limit: number) => moved.all(number, limit),
    cursor: (consumer: string): string | null => cursor.get(recordOf(consumer)),
  }
}

export function createFeedWrites(db: DatabaseSync) {
  const save = db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)')
  return {
    'feed.save': (consumer: string, cursor: string): void => void save.run(recordOf(consumer), cursor),
  }
}

interface StoreDeps {
  database: Database<ReturnType<typeof createFeedWrites>>
  reads: FeedReads
}

export function createFeedStore({ database, reads }: StoreDeps): FeedStore {
  const { read, write } = database
  return {
    async read(after, limit): Promise<FeedPage> {
      const from = numberOf(after)
      const found = read(() => reads.after(from, limit))
      return {
        moved: found.map(({ groupId, head }) => ({ groupId, head })),
        next: `${found.at(-1)?.number ?? from}`,
        hasMore: found.length === limit,
      }
    },
    load: async (consumer) => read(() => reads.cursor(consumer)),
    save: (consumer, cursor) => write('feed.save', consumer, cursor),
  }
}

const recordOf = (consumer: string): string => `feed:${consumer}`

function numberOf(cursor: string | null): number {
  if (cursor === null) return 0
  if (!/^\d{1,15}$/.test(cursor)) throw new ChatError('malformed', 'This is no cursor of the feed.')
  return Number(cursor)
}
