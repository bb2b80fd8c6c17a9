import type { Written } from './written.ts'

/** Messages that are older than their group keeps them. */
export interface RetentionStore {
  /**
   * Of the next `limit` groups after a group's id, in the order of ids, those that have something to clear at `at`. A group keeps
   * messages for `retentionDays`, or else for `days`; 0 is for ever. `next` goes on after them; null at the end.
   */
  due(page: RetentionQuery): Promise<RetentionPage>
  /**
   * Deals with at most `limit` of the group's oldest messages, as far as they were sent before `before` and no younger one comes before
   * them: what they said is gone for good, with all that is about them, and those that were not deleted are so then. Logs
   * `history_cleared`, if that deleted any. What they count for (unread, answers, `deleted`) is as after a deletion. Resolves to how many
   * it dealt with; fewer than `limit`: there are no more. To do it again, after whatever went wrong, goes on where it stopped.
   */
  clear(groupId: string, before: number, limit: number, at: number): Promise<Written<number>>
}

export interface RetentionQuery {
  readonly after: string | null
  readonly days: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly limit: number
}

export interface RetentionPage {
  readonly groups: readonly DueGroup[]
  readonly next: string | null
}

export interface DueGroup {
  readonly groupId: string
  /** Messages that were sent before are too old. */
  readonly before: number
}
