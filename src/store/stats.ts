export interface StatsStore {
  /**
   * What there is, for operators; `at` is now. Costs the same whatever the store holds: it is kept with every write, or
   * by the store's own bookkeeping, and never counted.
   */
  read(at: number): Promise<StoreStats>
}

export interface StoreStats {
  groups: number
  /** Deleted ones too. */
  messages: number
  deleted: number
  /** Made in the last 24 hours, to the hour, whether or not they still exist. */
  growth: { groups: number; messages: number }
  /** On the disk, indexes included; null when the store can't tell. */
  bytes: number | null
  /**
   * The ten groups with most activity, most first: each message counts, half as much with every week that has passed
   * since. `messages` leaves out deleted ones; `lastAt` is when the last one was sent, in milliseconds since 1970.
   */
  active: { id: string; name: string; messages: number; deleted: number; lastAt: number }[]
}
