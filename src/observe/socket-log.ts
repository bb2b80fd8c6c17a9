import type { Log } from './log.ts'
import type { Metrics, SocketEvent } from './metrics.ts'

/** The same counts, and a line in the log when a socket is gone, as for each request that was answered. */
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
  // One who comes will leave. A socket for all groups may resume a thousand at once, and all is well with them.
  const level = event === 'slow' ? 'warn' : event === 'resumed' || event === 'joined' ? 'debug' : 'info'
  const fields = { user_id: userId, group_id: groupId, detail, correlation_id: correlationId }
  log[level](`socket_${event}`, fields)
}
