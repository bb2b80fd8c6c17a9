import type { Log } from './log.ts'
import type { Metrics, SocketEvent } from './metrics.ts'

/** Passes the events on to the metrics, and logs a line when a socket is gone, as for each request that was answered. */
export function withSocketLog(
  { socket, frame, rateLimited }: Metrics,
  log: Log,
): Pick<Metrics, 'socket' | 'frame' | 'rateLimited'> {
  return {
    frame,
    rateLimited,
    socket(event) {
      socket(event)
      logSocketEvent(log, event)
    },
  }
}

function logSocketEvent(log: Log, { event, userId, groupId, correlationId, detail }: SocketEvent): void {
  // A client that came will leave, and that has a line. A resume is no trouble, and a socket for all groups may have a thousand at once.
  const level = event === 'slow' ? 'warn' : event === 'resumed' || event === 'joined' ? 'debug' : 'info'
  const fields = { user_id: userId, group_id: groupId, detail, correlation_id: correlationId }
  log[level](`socket_${event}`, fields)
}
