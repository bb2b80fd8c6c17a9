import { every } from '../domain/every.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import type { Patience, SessionSocket } from './session-socket.ts'

/** What the heartbeat sees of a session. */
interface HeartbeatTarget {
  readonly socket: Pick<SessionSocket, 'beat' | 'close'>
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/**
 * One timer for all sockets: once a turn it closes the sockets whose token has ended and lets the others check their peers. A timer
 * for each socket would cost memory, and Node fires one that is set for more than 24 days at once. Returns the way to stop.
 */
export function startHeartbeat(
  targets: Iterable<HeartbeatTarget>,
  patience: Patience,
  now: () => number,
): () => void {
  return every(patience.turnMs, () => {
    const at = now()
    for (const { socket, expiresAt } of targets)
      if (at >= expiresAt) socket.close(closeCodes.tokenExpired, 'token expired')
      else socket.beat(patience)
  })
}
