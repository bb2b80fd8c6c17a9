import type { Caller } from '../domain/caller.ts'
import type { Position } from '../domain/cursor.ts'
import type { EndReason } from '../domain/ending.ts'
import { createFeed, type Feed, type FeedDeps } from './feed.ts'
import type { Peers } from './peers.ts'
import { createPresence, type Presence } from './presence.ts'
import { Subscriber } from './subscriber.ts'

/** One group that somebody listens to on this instance: its feed, its presence, and the subscribers in it. */
export interface LiveGroup {
  readonly groupId: string
  readonly feed: Feed
  readonly presence: Presence
  /** A subscriber, silent as yet. */
  subscribe(by: Caller): Subscriber
  /** The subscriber hears from the feed's position on; the others hear `user_joined`. */
  enter(subscriber: Subscriber): void
  /** The subscriber hears no more; the others may hear `user_left`. */
  leave(subscriber: Subscriber): void
  /** Ends the subscribers of those who may not stay. */
  dismiss(reason: EndReason, mayStay: (by: Caller) => boolean): void
}

interface Deps extends Omit<FeedDeps, 'start' | 'onEmitted'> {
  start: Position
  peers: Peers | undefined
  /** The last subscriber was left. */
  onEmpty(): void
}

export function createLiveGroup(deps: Deps): LiveGroup {
  const { groupId, peers } = deps
  /** Subscribers that are not live yet; the others are the feed's listeners. */
  const silent = new Set<Subscriber>()
  const feed = createFeed({
    ...deps,
    onEmitted(event) {
      if (event.type === 'member_removed')
        dismiss('access_revoked', (by) => by.admin || by.userId !== event.user_id)
    },
  })
  const presence = createPresence(groupId, peers?.counts(groupId) ?? new Map(), (event) => feed.pass(event))

  /** A connection of the user came or went. */
  function count(userId: string, change: 1 | -1): void {
    presence.add(userId, change)
    peers?.count(groupId, userId, presence.own.get(userId) ?? 0)
  }

  function dismiss(reason: EndReason, mayStay: (by: Caller) => boolean): void {
    // What led to this is heard first.
    feed.flush()
    for (const subscriber of [...silent, ...feed.listeners])
      if (!mayStay(subscriber.by)) subscriber.end(reason)
  }

  const group: LiveGroup = {
    groupId,
    feed,
    presence,

    subscribe(by) {
      const subscriber = new Subscriber(group, by)
      silent.add(subscriber)
      return subscriber
    },

    enter(subscriber) {
      silent.delete(subscriber)
      // First the others hear of it, then the newcomer joins them.
      count(subscriber.by.userId, 1)
      feed.join(subscriber)
    },

    leave(subscriber) {
      if (!silent.delete(subscriber)) {
        feed.leave(subscriber)
        count(subscriber.by.userId, -1)
      }
      if (silent.size || feed.listeners.size) return
      presence.close()
      deps.onEmpty()
    },

    dismiss,
  }
  return group
}
