import type { Change } from './change.ts'
import type { DurableEvent } from './events.ts'
import { limits } from './limits.ts'

/** How several entries, about one message or one matter, are told as one. */
export interface Folding {
  /** Makes one event of several, of which `last` is the last. */
  merge(events: readonly DurableEvent[], last: DurableEvent): DurableEvent
  /** The event for a reader that was away; null when a later entry tells the same. */
  replayed(change: Change, event: DurableEvent): DurableEvent | null
}

export const foldingReactions: Folding = {
  merge(events, last) {
    if (last.type !== 'reactions') return last
    const changed = events.flatMap((event) => (event.type === 'reactions' ? (event.changed ?? []) : []))
    const { changed: _, ...told } = last
    // The state says it all, and a crowd's changes would be a burden for every listener.
    return changed.length > limits.reactionChanges ? told : { ...told, changed }
  },
  replayed(change, event) {
    if (event.type !== 'reactions') return event
    const { changed: _, ...told } = event
    return told.reactions.rev > change.rev ? null : told
  },
}

/** The last of them says what those before it said. */
export const foldingIntoLast: Folding = { merge: (_, last) => last, replayed: (_, event) => event }
