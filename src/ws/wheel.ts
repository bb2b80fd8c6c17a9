import { closeCodes } from './protocol.ts'
import type { Session } from './session.ts'

/**
 * One timer for all sockets: once a second it closes those whose token ended, pings those that are due, and cuts off
 * those that are silent. (A timer per socket costs memory, and one for a year fires at once.)
 */
export interface Wheel {
  readonly sessions: Iterable<Session>
  add(session: Session): void
  remove(session: Session): void
  stop(): void
}

/** What a turn found, and did. */
interface Spoke {
  /** Of all bytes from the peer: when there are more, it is alive. */
  bytesHeard: number
  /** When anything last came from the peer, in milliseconds since 1970. */
  heardAt: number
  /** When it was last pinged. */
  pingedAt: number
}

interface Deps {
  now: () => number
  pingIntervalMs: number
  idleTimeoutMs: number
  turnMs?: number
}

export function createWheel({ now, pingIntervalMs, idleTimeoutMs, turnMs = 1_000 }: Deps): Wheel {
  const spokes = new Map<Session, Spoke>()

  function turn(): void {
    const at = now()
    for (const [session, spoke] of spokes) {
      const { line } = session
      if (line.bytesHeard !== spoke.bytesHeard) {
        spoke.bytesHeard = line.bytesHeard
        spoke.heardAt = at
      }
      if (at >= session.expiresAt) line.close(closeCodes.tokenExpired, 'token expired')
      else if (at - spoke.heardAt >= idleTimeoutMs) {
        line.close(closeCodes.idle, 'silent for too long')
        line.cut()
      } else if (at - Math.max(spoke.pingedAt, spoke.heardAt) >= pingIntervalMs) {
        spoke.pingedAt = at
        line.ping()
      }
    }
  }

  const timer = setInterval(turn, turnMs).unref()
  return {
    get sessions() {
      return spokes.keys()
    },
    add: (session) =>
      spokes.set(session, { bytesHeard: session.line.bytesHeard, heardAt: now(), pingedAt: 0 }),
    remove: (session) => spokes.delete(session),
    stop: () => clearInterval(timer),
  }
}
