import type { PassingEvent } from '../domain/events.ts'

/** In a group with more connections than this, comings and goings are gathered. */
const crowd = 50
const gatherMs = 500

/**
 * Who is connected to one group, counted over all instances. A user joins with the first connection and leaves with the
 * last; a second tab does neither. In a crowd, what happens within half a second is told in one `presence` event, so that
 * a thousand people who come at once are not a million frames.
 */
export interface Presence {
  /** All open connections of the group. */
  readonly connections: number
  /** Open connections by user. */
  readonly users: ReadonlyMap<string, number>
  add(userId: string, connections: number): void
  close(): void
}

export function createPresence(
  groupId: string,
  /** Who is there already, on other instances. */
  present: ReadonlyMap<string, number>,
  tell: (event: PassingEvent) => void,
): Presence {
  const users = new Map(present)
  let connections = [...present.values()].reduce((sum, count) => sum + count, 0)
  /** Users whose state changed since it was last told, with what was told. */
  const untold = new Map<string, boolean>()
  let timer: NodeJS.Timeout | undefined

  function tellUntold(): void {
    timer = undefined
    const joined: string[] = []
    const left: string[] = []
    for (const [userId, was] of untold) {
      const is = users.has(userId)
      if (is && !was) joined.push(userId)
      if (was && !is) left.push(userId)
    }
    untold.clear()
    const now = { group_id: groupId, connection_count: connections }
    if (joined.length + left.length > 1) tell({ type: 'presence', joined, left, ...now })
    else {
      for (const userId of joined) tell({ type: 'user_joined', user_id: userId, ...now })
      for (const userId of left) tell({ type: 'user_left', user_id: userId, ...now })
    }
  }

  return {
    get connections() {
      return connections
    },
    users,

    add(userId, count) {
      const before = users.get(userId) ?? 0
      const after = Math.max(0, before + count)
      connections += after - before
      if (after) users.set(userId, after)
      else users.delete(userId)
      if (before > 0 === after > 0) return
      if (!untold.has(userId)) untold.set(userId, before > 0)
      if (connections <= crowd && !timer) tellUntold()
      else timer ??= setTimeout(tellUntold, gatherMs).unref()
    },

    close() {
      clearTimeout(timer)
    },
  }
}
