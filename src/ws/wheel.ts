import type { Line, Patience } from './line.ts'
import { closeCodes } from './protocol.ts'

/** What the wheel sees of a session. */
interface Spoke {
  readonly line: Pick<Line, 'beat' | 'close'>
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/**
 * One timer for all sockets: once a turn it closes those whose token ended, and lets the others feel for their peers.
 * (A timer per socket costs memory, and one for a year fires at once.) Returns the way to stop.
 */
export function startWheel(spokes: Iterable<Spoke>, patience: Patience, now: () => number): () => void {
  const timer = setInterval(() => {
    const at = now()
    for (const { line, expiresAt } of spokes)
      if (at >= expiresAt) line.close(closeCodes.tokenExpired, 'token expired')
      else line.beat(patience)
  }, patience.turnMs).unref()
  return () => clearInterval(timer)
}
