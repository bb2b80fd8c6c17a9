import type { UserEvent } from '../domain/events.ts'

/** What is told to one user and not to a group, wherever on this instance they are connected. Nothing of it is kept. */
interface Listeners {
  /** The users whom somebody listens for. */
  readonly ids: Iterable<string>
  readonly size: number
  /** Whether somebody listens for the user. */
  has(userId: string): boolean
  /** Calls back with what is told to this user from now on. Returns the way to stop. */
  listen(userId: string, heard: (event: UserEvent) => void): () => void
  /** Tells the user, if anybody listens for them. */
  tell(userId: string, event: UserEvent): void
}

export interface Users extends Listeners {
  /** Those who listen for nothing but mentions, as a socket for one group does. They are not among the others. */
  readonly ofMentions: Listeners
}

export function createUsers(): Users {
  // A spread would read `size` and `ids` once for all.
  return Object.assign(createListeners(), { ofMentions: createListeners() })
}

function createListeners(): Listeners {
  const listeners = new Map<string, Set<(event: UserEvent) => void>>()
  return {
    get ids() {
      return listeners.keys()
    },
    get size() {
      return listeners.size
    },

    has: (userId) => listeners.has(userId),

    listen(userId, heard) {
      const own = listeners.get(userId) ?? new Set()
      listeners.set(userId, own.add(heard))
      return () => {
        own.delete(heard)
        // Somebody may have begun to listen anew since the last one left.
        if (!own.size && listeners.get(userId) === own) listeners.delete(userId)
      }
    },

    tell(userId, event) {
      for (const heard of listeners.get(userId) ?? []) heard(event)
    },
  }
}
