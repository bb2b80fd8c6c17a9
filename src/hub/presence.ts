import type { PassingEvent } from '../domain/events.ts'

/** In a group with more connections than this, comings and goings are told together. */
const crowd = 200
/** A crowd is told at most so often, in milliseconds; after a quiet time the first event comes sooner. */
const everyMs = 2_000
const soonMs = 100
/** A count that changed without a coming or going is told after so many milliseconds. */
const countMs = 1_000
/** Most users that one event names as joined, or as left. */
const mostNamed = 20

/**
 * Who is connected to one group, counted over all instances. A user joins with the first connection and leaves with the
 * last; a second tab does neither, and only the count is told. In a crowd what happens within two seconds is one
 * `presence` event of bounded size, so that a thousand people who come at once are not a million frames.
 */
export interface Presence {
  /** All open connections of the group. */
  readonly connections: number
  /** Users who have at least one connection. */
  readonly users: number
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
  now: () => number = () => performance.now(),
): Presence {
  const own = new Map<string, number>()
  const elsewhere = new Map(present)
  let connections = [...present.values()].reduce((sum, count) => sum + count, 0)
  /** Users who came or went since the last event, each with whether they were present then. */
  const unannounced = new Map<string, boolean>()
  let countTold = connections
  let toldAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined

  function announce(): void {
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
    if (!joined.length && !left.length && connections === countTold) return
    countTold = connections
    const about = { groupId, connectionCount: connections }
    const [came, went] = [joined[0], left[0]]
    if (connections <= crowd && joined.length + left.length === 1) {
      if (came !== undefined) emit({ type: 'user_joined', userId: came, ...about })
      if (went !== undefined) emit({ type: 'user_left', userId: went, ...about })
      return
    }
    toldAt = now()
    emit({
      type: 'presence',
      ...about,
      joined: joined.slice(0, mostNamed),
      left: left.slice(0, mostNamed),
      joinedCount: joined.length,
      leftCount: left.length,
    })
  }

  const isPresent = (userId: string) => own.has(userId) || elsewhere.has(userId)

  function add(counts: Map<string, number>, userId: string, change: number): void {
    const was = isPresent(userId)
    const before = counts.get(userId) ?? 0
    const after = Math.max(0, before + change)
    connections += after - before
    if (after) counts.set(userId, after)
    else counts.delete(userId)
    const isMoved = was !== isPresent(userId)
    if (isMoved && !unannounced.has(userId)) unannounced.set(userId, was)
    if (connections > crowd)
      timer ??= setTimeout(announce, Math.max(soonMs, toldAt + everyMs - now())).unref()
    else if (isMoved) announce()
    else timer ??= setTimeout(announce, countMs).unref()
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
