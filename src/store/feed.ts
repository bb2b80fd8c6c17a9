import type { Position } from '../domain/cursor.ts'

/**
 * Which groups' logs moved, for consumers that follow all groups: that something happened is told here, what it was is in the logs.
 * Each consumer has a name, and goes on from the cursor that it kept last, in each group from its position.
 */
export interface FeedStore {
  /**
   * Groups whose logs moved after the cursor, at most `limit` (1 to 1,000) at a time, in the order in which they moved; without a
   * cursor, from the beginning. A group that moved often is told once.
   *
   * - Who goes on from each answer's `next` misses no move, whoever writes meanwhile and however late a write can be seen: a group is
   *   told at least once after each move, within seconds.
   * - It may be told again though nothing moved. Who has read its logs up to `head` has nothing to do.
   * - A deleted group is left out, and with it what was not told yet: its logs are gone. Who keeps something of a group has to hear of
   *   its end elsewhere.
   * - It costs what moved, and not what there is.
   *
   * Throws malformed for what is no cursor of this feed.
   */
  read(after: string | null, limit: number): Promise<FeedPage>
  /** The cursor that this consumer kept last; null before it kept one. */
  load(consumer: string): Promise<string | null>
  /** To be called when all that was told up to the cursor is dealt with, and not before. */
  save(consumer: string, cursor: string): Promise<void>

  /** How far this consumer has dealt with the groups' logs, by group; those that it never dealt with are left out. At most 1,000 ids. */
  positions(consumer: string, groupIds: readonly string[]): Promise<Map<string, Position>>
  /** To be called when all up to there is dealt with. A position never goes back. A group's goes with the group. */
  reach(consumer: string, positions: ReadonlyMap<string, Position>): Promise<void>
  /** The consumer's cursor and positions are let go of: it begins anew. */
  forget(consumer: string): Promise<void>
}

export interface FeedPage {
  readonly moved: readonly Moved[]
  /** The cursor for the next read. */
  readonly next: string
  /** There was more than `limit`: the rest can be read at once. */
  readonly hasMore: boolean
}

export interface Moved {
  readonly groupId: string
  /** The group's logs reach so far, at least. */
  readonly head: Position
}
