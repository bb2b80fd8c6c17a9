/** At most so many users are told to be typing at the same time, because nobody can read more. */
const mostTold = 10
/** A typing that is not renewed is over after so many milliseconds. */
const lastsMs = 6_000

export type TypingState = 'start' | 'stop'

/**
 * Who types in one group. What one turn of the event loop brings is told together, and of a crowd only the first few are
 * told, until they stop or fall silent: so a thousand typers don't cost more than ten.
 */
export interface Typing {
  /** The user types or has stopped. No state means a start, as in the service that this one replaces. */
  set(userId: string, content: TypingState | undefined): void
}

export interface TypingEvent {
  userId: string
  content: TypingState | undefined
}

/** `now` counts milliseconds and never goes back. */
export function createTyping(emit: (events: TypingEvent[]) => void, now: () => number): Typing {
  /** Until when each user who was told to be typing is taken to do so. */
  const told = new Map<string, number>()
  /** The last state of each user in this turn. */
  let gathered = new Map<string, TypingEvent>()

  function isTold(userId: string, content: TypingState | undefined): boolean {
    const at = now()
    for (const [other, until] of told) if (until <= at) told.delete(other)
    if (content === 'stop') return told.delete(userId) || told.size < mostTold
    if (!told.has(userId) && told.size >= mostTold) return false
    told.set(userId, at + lastsMs)
    return true
  }

  function emitGathered(): void {
    const events = [...gathered.values()]
    gathered = new Map()
    emit(events)
  }

  return {
    set(userId, content) {
      if (!isTold(userId, content)) return
      if (!gathered.size) setImmediate(emitGathered)
      gathered.set(userId, { userId, content })
    },
  }
}
