import type { GroupSummary } from '../domain/group.ts'

export interface StatsStore {
  /**
   * Figures of what the store holds, for operators; `at` is now. Costs the same however much that is: the figures are
   * kept with every write, or by the database itself, and nothing is counted.
   */
  read(at: number): Promise<StoreStats>
}

export interface StoreStats {
  groups: number
  /** All messages, also deleted ones. */
  messages: number
  deleted: number
  /** Reports of messages that nobody has closed; no more than a thousand are counted. */
  openReports: number
  /** Erasures of users that have begun and are not over; no more than a thousand are counted. */
  erasures: number
  /** What was made in the last 24 hours, to the hour, whether or not it still exists. */
  growth: { groups: number; messages: number }
  /** Those of which the bytes are there, also of deleted messages. */
  files: { count: number; bytes: number }
  /** The size on the disk, indexes included; null when the store can't tell. */
  bytes: number | null
  /**
   * The ten groups with most activity, most first: each message counts, half as much with every week that has passed
   * since. `messages` leaves out deleted ones; `lastAt` is when the last one was sent, in milliseconds since 1970.
   */
  active: ActiveGroup[]
}

export interface ActiveGroup
  extends Pick<GroupSummary, 'id' | 'name' | 'kind' | 'visibility' | 'memberCount'> {
  messages: number
  deleted: number
  lastAt: number
}
