import type { Caller } from '../domain/caller.ts'
import type { Position } from '../domain/cursor.ts'
import type { EndReason } from '../domain/ending.ts'
import type { DurableEvent, PassingEvent } from '../domain/events.ts'
import { createFeed, type Feed, type FeedDeps } from './feed.ts'
import { inTurns } from './in-turns.ts'
import type { Listener } from './listener.ts'
import type { Peers } from './peers.ts'
import { createPresence, type Presence } from './presence.ts'
import { Subscriber } from './subscriber.ts'
import { createTyping, type Typing } from './typing.ts'

/** Subscribers that are told in one turn of the event loop that they were ended: each costs a frame of its own. */
const endedPerTurn = 250

/** One group that somebody listens to on this instance: its feed, its presence, and the subscribers in it. */
export interface LiveGroup {
  readonly groupId: string
  readonly feed: Feed
  readonly presence: Presence
  readonly typing: Typing
  /** A subscriber, silent as yet. */
  subscribe(by: Caller): Subscriber
  /** The subscriber hears from the feed's position on; the others hear `user_joined`. */
  enter(subscriber: Subscriber): void
  /** The subscriber hears no more; the others may hear `user_left`. */
  leave(subscriber: Subscriber): void
  /** Ends the subscribers of those who may not stay: they hear no more from now on. */
  dismiss(reason: EndReason, mayStay: (by: Caller) => boolean): void
}

interface Deps extends Omit<FeedDeps, 'start' | 'onEvent'> {
  start: Position
  peers: Peers | undefined
  /** The last subscriber was left. */
  onEmpty(): void
}

export function createLiveGroup(deps: Deps): LiveGroup {
  const { groupId, peers } = deps
  /** Subscribers that are not live yet; the others are the feed's listeners. */
  const silent = new Set<Subscriber>()
  /** Users whose removal was just told: those of one turn are dismissed together. */
  const removed = new Set<string>()
  const feed = createFeed({ ...deps, onEvent: noticeRemoval })
  const presence = createPresence(groupId, peers?.counts(groupId) ?? new Map(), pass)
  const typing = createTyping(
    (events) => {
      dismissRemoved()
      feed.passToOthers(
        events.map(({ userId, content }) => ({
          type: 'typing',
          group_id: groupId,
          user_id: userId,
          ...(content && { content }),
        })),
      )
      feed.listeners.flush()
    },
    () => performance.now(),
  )

  function noticeRemoval(event: DurableEvent): void {
    // Who was removed hears of that, and nothing after it.
    if (event.type !== 'member_removed') return dismissRemoved()
    if (!removed.size) setImmediate(dismissRemoved)
    removed.add(event.user_id)
  }

  function dismissRemoved(): void {
    if (!removed.size) return
    const gone = new Set(removed)
    removed.clear()
    dismiss('access_revoked', (by) => by.admin || !gone.has(by.userId))
  }

  function pass(event: PassingEvent): void {
    dismissRemoved()
    feed.pass(event)
  }

  /** A connection of the user came or went. */
  function count(userId: string, change: 1 | -1): void {
    presence.add(userId, change)
    peers?.count(groupId, userId, presence.own.get(userId) ?? 0)
  }

  function dismiss(reason: EndReason, mayStay: (by: Caller) => boolean): void {
    // What led to this is heard first.
    feed.listeners.flush()
    const leaving: Listener[] = [...silent, ...feed.listeners].filter(({ by }) => !mayStay(by))
    if (!leaving.length) return
    const heard = leaving.filter((listener) => feed.listeners.leave(listener))
    for (const subscriber of silent) if (!mayStay(subscriber.by)) silent.delete(subscriber)
    for (const listener of leaving) listener.end(reason)
    for (const { by } of heard) count(by.userId, -1)
    inTurns(leaving, endedPerTurn, (listener) => listener.notifyEnd())
    closeIfEmpty()
  }

  function closeIfEmpty(): void {
    if (silent.size || feed.listeners.size) return
    presence.close()
    deps.onEmpty()
  }

  const group: LiveGroup = {
    groupId,
    feed,
    presence,
    typing,

    subscribe(by) {
      const subscriber = new Subscriber(group, by)
      silent.add(subscriber)
      return subscriber
    },

    enter(subscriber) {
      silent.delete(subscriber)
      // First the others hear of it, then the newcomer joins them.
      count(subscriber.by.userId, 1)
      feed.listeners.join(subscriber)
    },

    leave(subscriber) {
      silent.delete(subscriber)
      if (feed.listeners.leave(subscriber)) count(subscriber.by.userId, -1)
      closeIfEmpty()
    },

    dismiss,
  }
  return group
}
