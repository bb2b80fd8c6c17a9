import { ChatError } from './errors.ts'
import { limits } from './limits.ts'

/** Whether a message is pinned in its group. */
export interface Pinned {
  /** When it was pinned, in milliseconds since 1970; null while it is not. */
  readonly pinnedAt: number | null
  /** The `rev` of the last change of its pin; 0 when there was none. */
  readonly pinRev: number
}

export const neverPinned: Pinned = { pinnedAt: null, pinRev: 0 }

/** Throws limit_reached when a group that has so many pins can't take another. */
export function requireRoomForPin(pins: number): void {
  if (pins >= limits.pins)
    throw new ChatError('limit_reached', `A group can have ${limits.pins} pinned messages: unpin one first.`)
}
