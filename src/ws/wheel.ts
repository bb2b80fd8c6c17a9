import type { Line } from './line.ts'
import { closeCodes } from './protocol.ts'
import type { Session } from './session.ts'

/** One connection as the wheel sees it. */
export interface Spoke {
  readonly session: Session
  readonly line: Line
  /** When anything last came from the peer, in milliseconds since 1970. */
  heardAt: number
  /** When it was last pinged. */
  pingedAt: number
  terminate(): void
}

/**
 * One timer for all sockets: once a second it closes those whose token ended, pings those that are due, and cuts off
 * those that are silent. (A timer per socket costs memory, and one for a year fires at once.)
 */
export interface Wheel {
  readonly spokes: ReadonlySet<Spoke>
  add(spoke: Spoke): void
  remove(spoke: Spoke): void
  stop(): void
}

interface Deps {
  now: () => number
  pingIntervalMs: number
  idleTimeoutMs: number
  turnMs?: number
}

export function createWheel({ now, pingIntervalMs, idleTimeoutMs, turnMs = 1_000 }: Deps): Wheel {
  const spokes = new Set<Spoke>()

  function turn(): void {
    const at = now()
    for (const spoke of spokes) {
      if (at >= spoke.session.expiresAt) spoke.session.close(closeCodes.tokenExpired, 'token expired')
      else if (at - spoke.heardAt >= idleTimeoutMs) {
        spoke.session.close(closeCodes.idle, 'silent for too long')
        spoke.terminate()
      } else if (at - Math.max(spoke.pingedAt, spoke.heardAt) >= pingIntervalMs) {
        spoke.pingedAt = at
        spoke.line.ping()
      }
    }
  }

  const timer = setInterval(turn, turnMs).unref()
  return {
    spokes,
    add: (spoke) => spokes.add(spoke),
    remove: (spoke) => spokes.delete(spoke),
    stop: () => clearInterval(timer),
  }
}
