import type { PassingEvent } from '../domain/events.ts'

/** In a group with more connections than this, comings and goings are told together. */
const crowd = 200
/** What is told together is told at most so often, in milliseconds; after a quiet time the first event comes sooner. */
const everyMs = 2_000
const soonMs = 100
/** A count that changed without a coming or going is told after so many milliseconds. */
const countMs = 1_000
/** Most users that one event names as joined, or as left. */
const mostNamed = 20

/** Who is connected to one group, counted over all instances. */
export interface Online {
  /** All open connections of the group. */
  readonly connections: number
  /** Users who have at least one connection. */
  readonly users: number
  /** Open connections of this user. */
  connectionsOf(userId: string): number
  /** Those who are connected, at most so many, each with the number of connections. */
  first(most: number): [userId: string, connections: number][]
}

/**
 * A user joins with the first connection and leaves with the last; a second tab does neither, and only the count is told. In a
 * crowd what happens within two seconds is one `presence` event of bounded size, so that a thousand people who come at once are
 * not a million frames.
 */
export interface Presence extends Online {
  /** Open connections on this instance, by user. */
  readonly own: ReadonlyMap<string, number>
  /** A connection came or went on this instance. */
  add(userId: string, change: 1 | -1): void
  /** So many connections of the user came or went on the other instances. */
  addElsewhere(userId: string, change: number): void
  close(): void
}

export function createPresence(
  groupId: string,
  /** Connections by user that are there already, on other instances. */
  present: ReadonlyMap<string, number>,
  emit: (event: PassingEvent) => void,
  /** Counts milliseconds and never goes back. */
  now: () => number,
): Presence {
  const own = new Map<string, number>()
  const elsewhere = new Map(present)
  let connections = [...present.values()].reduce((sum, count) => sum + count, 0)
  let users = present.size
  /** Users who came or went since the last event, each with whether they were present then. */
  const unannounced = new Map<string, boolean>()
  let countTold = connections
  /** When what was gathered was told last. */
  let toldAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined

  function announceGathered(): void {
    if (announce()) toldAt = now()
  }

  /** Returns false when there was nothing to tell. */
  function announce(): boolean {
    clearTimeout(timer)
    timer = undefined
    const joined: string[] = []
    const left: string[] = []
    for (const [userId, was] of unannounced) {
      const is = isPresent(userId)
      if (is && !was) joined.push(userId)
      if (was && !is) left.push(userId)
    }
    unannounced.clear()
    if (!joined.length && !left.length && connections === countTold) return false
    countTold = connections
    const about = { groupId, connectionCount: connections }
    const isNamed = joined.length > 0 || left.length > 0
    if (isNamed && connections <= crowd && joined.length <= mostNamed && left.length <= mostNamed) {
      for (const userId of joined) emit({ type: 'user_joined', userId, ...about })
      for (const userId of left) emit({ type: 'user_left', userId, ...about })
      return true
    }
    emit({
      type: 'presence',
      ...about,
      joined: joined.slice(0, mostNamed),
      left: left.slice(0, mostNamed),
      joinedCount: joined.length,
      leftCount: left.length,
    })
    return true
  }

  const announceIn = (ms: number): void => {
    timer = setTimeout(announceGathered, Math.max(ms, toldAt + everyMs - now())).unref()
  }

  const isPresent = (userId: string) => own.has(userId) || elsewhere.has(userId)

  function add(counts: Map<string, number>, userId: string, change: number): void {
    const was = isPresent(userId)
    const before = counts.get(userId) ?? 0
    const after = Math.max(0, before + change)
    connections += after - before
    if (after) counts.set(userId, after)
    else counts.delete(userId)
    const is = isPresent(userId)
    // What a crowd has waiting is told in its time, also when the group is a crowd no longer: at the threshold this happens often.
    const isGathering = unannounced.size > 0
    if (was !== is) {
      users += is ? 1 : -1
      if (!unannounced.has(userId)) unannounced.set(userId, was)
      if (isGathering) return
      if (connections <= crowd) return void announce()
      // A count may be waiting already, but not for longer than a coming may.
      clearTimeout(timer)
      announceIn(soonMs)
    } else if (!timer) announceIn(connections > crowd ? soonMs : countMs)
  }

  return {
    get connections() {
      return connections
    },
    get users() {
      return users
    },
    connectionsOf: (userId) => (own.get(userId) ?? 0) + (elsewhere.get(userId) ?? 0),

    first(most) {
      const found: [string, number][] = []
      for (const [userId, count] of own) {
        if (found.length === most) return found
        found.push([userId, count + (elsewhere.get(userId) ?? 0)])
      }
      for (const [userId, count] of elsewhere) {
        if (found.length === most) return found
        if (!own.has(userId)) found.push([userId, count])
      }
      return found
    },

    own,
    add: (userId, change) => add(own, userId, change),
    addElsewhere: (userId, change) => add(elsewhere, userId, change),

    close() {
      clearTimeout(timer)
    },
  }
}
