import type { PassingEvent } from '../domain/events.ts'

/** In a group with more connections than this, comings and goings are gathered. */
const crowd = 50
/** So long: a millisecond for each connection, so that one group's presence is about a thousand frames a second at most. */
const gatherMs = (connections: number) => Math.min(5_000, Math.max(500, connections))

/**
 * Who is connected to one group, counted over all instances. A user joins with the first connection and leaves with the
 * last; a second tab does neither. In a crowd, what happens within half a second or more is told in one `presence` event, so
 * that a thousand people who come at once are not a million frames.
 */
export interface Presence {
  /** All open connections of the group. */
  readonly connections: number
  /** Users with one at least. */
  readonly users: number
  /** Open connections on this instance, by user. */
  readonly own: ReadonlyMap<string, number>
  /** A connection came or went on this instance. */
  add(userId: string, change: 1 | -1): void
  /** So many came or went on the other instances. */
  addElsewhere(userId: string, change: number): void
  close(): void
}

export function createPresence(
  groupId: string,
  /** Connections by user that are there already, on other instances. */
  present: ReadonlyMap<string, number>,
  emit: (event: PassingEvent) => void,
): Presence {
  const own = new Map<string, number>()
  const elsewhere = new Map(present)
  let connections = [...present.values()].reduce((sum, count) => sum + count, 0)
  /** Users whose state changed since it was last told, with what was told. */
  const unannounced = new Map<string, boolean>()
  let timer: NodeJS.Timeout | undefined

  function announce(): void {
    timer = undefined
    const joined: string[] = []
    const left: string[] = []
    for (const [userId, was] of unannounced) {
      const is = isPresent(userId)
      if (is && !was) joined.push(userId)
      if (was && !is) left.push(userId)
    }
    unannounced.clear()
    const now = { group_id: groupId, connection_count: connections }
    if (joined.length + left.length > 1) emit({ type: 'presence', joined, left, ...now })
    else {
      for (const userId of joined) emit({ type: 'user_joined', user_id: userId, ...now })
      for (const userId of left) emit({ type: 'user_left', user_id: userId, ...now })
    }
  }

  const isPresent = (userId: string) => own.has(userId) || elsewhere.has(userId)

  function add(counts: Map<string, number>, userId: string, change: number): void {
    const was = isPresent(userId)
    const before = counts.get(userId) ?? 0
    const after = Math.max(0, before + change)
    connections += after - before
    if (after) counts.set(userId, after)
    else counts.delete(userId)
    if (was === isPresent(userId)) return
    if (!unannounced.has(userId)) unannounced.set(userId, was)
    if (connections <= crowd && !timer) announce()
    else timer ??= setTimeout(announce, gatherMs(connections)).unref()
  }

  return {
    get connections() {
      return connections
    },
    get users() {
      let users = own.size
      for (const userId of elsewhere.keys()) if (!own.has(userId)) users++
      return users
    },
    own,
    add: (userId, change) => add(own, userId, change),
    addElsewhere: (userId, change) => add(elsewhere, userId, change),

    close() {
      clearTimeout(timer)
    },
  }
}
