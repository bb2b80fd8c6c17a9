import type { Window } from '../history.ts'
import { round, valuesOf } from '../numbers.ts'
import type { Sources } from '../sources.ts'
import { socketView } from './recent.ts'

const groupsShown = 20

export async function websocketOf({ sockets, metrics, store }: Sources, minute: Window) {
  const groups = [...sockets.groups()].sort((a, b) => b.connections - a.connections)
  const shown = groups.slice(0, groupsShown)
  const names = await store.names(shown.map(({ id }) => id))
  const usersByConnections = new Map<number, number>()
  for (const connections of sockets.users.values()) {
    const key = Math.min(connections, 5)
    usersByConnections.set(key, (usersByConnections.get(key) ?? 0) + 1)
  }
  const { totals } = metrics
  return {
    connections: sockets.connections,
    limit: sockets.limit,
    users: sockets.users.size,
    groups: groups.length,
    subscriptions: groups.reduce((sum, { connections }) => sum + connections, 0),
    by_group: shown.map(({ id, ...counts }, i) => ({ id, name: names[i] ?? null, ...counts })),
    /** How many users have so many connections; 5 is five or more. */
    by_user_count: [...usersByConnections]
      .sort(([a], [b]) => a - b)
      .map(([connections, users]) => ({ connections, users })),
    events_per_second: round(minute.events / minute.seconds),
    deliveries_per_second: round(minute.deliveries / minute.seconds),
    events: totals.events,
    deliveries: totals.deliveries,
    opened: totals.opened,
    sends: valuesOf(metrics.sends),
    acks: [...metrics.frames.all].reduce(
      (sum, [[type, outcome], { value }]) =>
        sum + (outcome === 'ok' && acknowledged.has(type ?? '') ? value : 0),
      0,
    ),
    resumes: { contiguous: 0, resync: 0, ...valuesOf(metrics.resumes) },
    slow_closes: totals.slowCloses,
    closes: valuesOf(metrics.closes),
    token_refusals: valuesOf(metrics.tokenRefusals),
    rate_limited: valuesOf(metrics.rateLimits),
    joins_and_leaves: metrics.recent.comings.list().map(socketView),
  }
}

/** Frames whose success is answered by an `ack`. */
export const acknowledged: ReadonlySet<string> = new Set([
  'message',
  'edit',
  'delete',
  'subscribe',
  'unsubscribe',
  'auth',
])
