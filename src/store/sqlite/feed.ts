import type { DatabaseSync } from 'node:sqlite'
import type { Position } from '../../domain/cursor.ts'
import { ChatError } from '../../domain/errors.ts'
import type { FeedPage, FeedStore, Moved } from '../feed.ts'
import { columns, firstNumber, firstText, query } from './engine/columns.ts'
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

interface Consumed extends Position {
  consumer: string
  groupId: string
}

export const consumed = columns<Consumed>({
  consumer: 'consumer',
  groupId: 'group_id',
  seq: 'seq',
  rev: 'rev',
})

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
  const positions = query(
    db,
    `SELECT ${consumed.list} FROM consumed WHERE consumer = ? AND group_id IN (SELECT value FROM json_each(?))`,
    consumed.of,
  )
  return {
    after: (number: number, limit: number) => moved.all(number, limit),
    cursor: (consumer: string): string | null => cursor.get(recordOf(consumer)),
    positions: (consumer: string, groupIds: readonly string[]) =>
      positions.all(consumer, JSON.stringify(groupIds)),
  }
}

export function createFeedWrites(db: DatabaseSync) {
  const save = db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)')
  const reach = db.prepare(
    `INSERT INTO consumed (${consumed.list})
     SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM groups WHERE id = ?2)
     ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq), rev = max(rev, excluded.rev)`,
  )
  const forgetCursor = db.prepare('DELETE FROM meta WHERE key = ?')
  const forgetPositions = db.prepare('DELETE FROM consumed WHERE consumer = ?')
  return {
    'feed.save': (consumer: string, cursor: string): void => void save.run(recordOf(consumer), cursor),

    'feed.reach'(consumer: string, positions: ReadonlyMap<string, Position>): void {
      for (const [groupId, { seq, rev }] of positions)
        reach.run(...consumed.values({ consumer, groupId, seq, rev }))
    },

    'feed.forget'(consumer: string): void {
      forgetCursor.run(recordOf(consumer))
      forgetPositions.run(consumer)
    },
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

    async positions(consumer, groupIds) {
      const found = read(() => reads.positions(consumer, groupIds))
      return new Map(found.map(({ groupId, seq, rev }) => [groupId, { seq, rev }]))
    },
    reach: (consumer, positions) => write('feed.reach', consumer, positions),
    forget: (consumer) => write('feed.forget', consumer),
  }
}

const recordOf = (consumer: string): string => `feed:${consumer}`

function numberOf(cursor: string | null): number {
  if (cursor === null) return 0
  if (!/^\d{1,15}$/.test(cursor)) throw new ChatError('malformed', 'This is no cursor of the feed.')
  return Number(cursor)
}
