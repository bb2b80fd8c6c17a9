import type { Caller } from '../domain/caller.ts'
import type { Change } from '../domain/change.ts'
import { hasSubject, mayShutOutGuests, type Subjects, shutsOutGuests } from '../domain/changes.ts'
import type { Position } from '../domain/cursor.ts'
import type { EndReason } from '../domain/ending.ts'
import type { PassingEvent } from '../domain/events.ts'
import type { Encode } from './encode.ts'
import { createFeed, type FeedDeps } from './feed.ts'
import { inTurns } from './in-turns.ts'
import type { Listener } from './listener.ts'
import type { LogEntry } from './log.ts'
import type { PageTurns } from './page-turns.ts'
import type { Pages } from './pages.ts'
import type { Peers } from './peers.ts'
import { createPresence, type Presence } from './presence.ts'
import { type ReadNews, toldOf } from './read-news.ts'
import { replay } from './replay.ts'
import { type Place, Subscriber } from './subscriber.ts'
import { createTyping, type Typing } from './typing.ts'

/** One turn of the event loop tells so many subscribers that they were ended, because each costs a frame of its own. */
const endedPerTurn = 100

/** One group that somebody listens to on this instance: its feed, its presence, and the subscribers in it. */
export interface LiveGroup extends Place {
  readonly presence: Presence
  readonly typing: Typing
  /** Adds a subscriber, which hears nothing until it goes live. */
  subscribe(by: Caller, encode: Encode): Subscriber
  /** Members have read further. The others are told who may hear of that. */
  read(news: readonly ReadNews[], mayHear: (by: Caller) => boolean): void
  /** The users of all subscribers. A user with two connections is named twice. */
  userIds(): string[]
  /** True when the condition holds for at least one subscriber. */
  some(holds: (by: Caller) => boolean): boolean
  /** Ends what goes by time. */
  close(): void
  /** Tells what happened. Where what it is about is not known yet, who may not hear what comes after it hears nothing from now on. */
  change(change: Change, subjects: Subjects): void
  /** Ends the user's subscribers. */
  dismiss(userId: string, reason: EndReason): void
  /**
   * To be called before the group's memberships are read. The function that it returns is to be called with what was read: it ends
   * the subscribers that may not stay and trusts the others again. It leaves out a subscriber whose own check began later.
   */
  beginCheck(): (reason: EndReason, mayStay: (by: Caller) => boolean) => void
}

interface Deps extends Omit<FeedDeps, 'start' | 'onEntry'> {
  start: Position
  peers: Peers | undefined
  pages: Pages
  pageTurns: PageTurns
  /** Counts milliseconds and never goes back. */
  clock: () => number
  /** A listener may have lost access, so the group's access has to be checked. */
  onDoubt(): void
  /** The last subscriber has left. */
  onEmpty(): void
}

export function createLiveGroup(deps: Deps): LiveGroup {
  const { groupId, peers } = deps
  /** Subscribers that are not live yet; the others are the feed's listeners. */
  const silent = new Set<Listener>()
  /** Silent subscribers that were live before: they still count as present, and only wait for a check. */
  const counted = new Set<Listener>()
  let checks = 0
  /** Users whose removal was told in this turn. They are dismissed together at its end. */
  const removed = new Set<string>()
  /** It was told in this turn that guests may not hear the group. */
  let isShut = false
  const feed = createFeed({ ...deps, onEntry: notice })
  const presence = createPresence(groupId, peers?.counts(groupId) ?? new Map(), pass, deps.clock)
  const typing = createTyping({
    emit(events) {
      suspectRemoved()
      feed.passToOthers(events.map((event) => ({ type: 'typing', groupId, ...event })))
      feed.listeners.flush()
    },
    share: ({ userId, state }) => peers?.typing(groupId, userId, state),
    clock: deps.clock,
  })

  function notice(entry: LogEntry): void {
    const { event } = entry
    if (event?.type === 'new_message') typing.sent(event.message.senderId)
    noticeRemoval(entry)
  }

  function noticeRemoval({ loses, event }: LogEntry): void {
    const shuts = event !== null && shutsOutGuests(event)
    // A removed user still hears of the removal itself, and of nothing after it.
    if (loses === null && !shuts) return suspectRemoved()
    if (!removed.size && !isShut) setImmediate(suspectRemoved)
    if (loses !== null) removed.add(loses)
    isShut ||= shuts
  }

  const isDoubtful = ({ by, mayBeGuest }: Listener): boolean =>
    !by.admin && (removed.has(by.userId) || (isShut && mayBeGuest))

  /**
   * The removal may be old news: the user may be a member again, and this subscriber may have been let in since. So the store is
   * asked, and until it has answered the user's subscribers hear nothing.
   */
  function suspectRemoved(): void {
    if (!removed.size && !isShut) return
    feed.listeners.flush()
    const { position } = feed
    const doubtful = everybody().filter(isDoubtful)
    for (const listener of doubtful) {
      if (feed.listeners.leave(listener)) {
        silent.add(listener)
        counted.add(listener)
      }
      listener.suspect(position)
    }
    // Whoever was removed may have no listener yet, but one that is just being let in.
    const isDoubt = removed.size > 0 || doubtful.length > 0
    removed.clear()
    isShut = false
    if (isDoubt) deps.onDoubt()
  }

  const everybody = (): Listener[] => [...silent, ...feed.listeners]

  function pass(event: PassingEvent): void {
    suspectRemoved()
    feed.pass(event)
  }

  /** A connection of the user came or went. */
  function count(userId: string, change: 1 | -1): void {
    presence.add(userId, change)
    peers?.count(groupId, userId, presence.own.get(userId) ?? 0)
  }

  function dismiss(reason: EndReason, leaving: readonly Listener[]): void {
    // Listeners hear first of the event that led to this.
    feed.listeners.flush()
    const gone = leaving.filter((listener) => feed.listeners.leave(listener) || counted.has(listener))
    for (const listener of leaving) {
      silent.delete(listener)
      counted.delete(listener)
      typing.set(listener.by.userId, listener, 'stop')
      listener.end(reason)
    }
    for (const { by } of gone) count(by.userId, -1)
    inTurns(leaving, endedPerTurn, (listener) => listener.notifyEnd())
    closeIfEmpty()
  }

  function closeIfEmpty(): void {
    if (silent.size || feed.listeners.size) return
    group.close()
    deps.onEmpty()
  }

  const group: LiveGroup = {
    groupId,
    feed,
    presence,
    typing,

    subscribe(by, encode) {
      const subscriber = new Subscriber(group, by, encode)
      silent.add(subscriber)
      return subscriber
    },

    enter(subscriber) {
      silent.delete(subscriber)
      // First the others hear of it, then the newcomer joins them.
      if (!counted.delete(subscriber)) count(subscriber.by.userId, 1)
      feed.listeners.join(subscriber)
    },

    type: (subscriber, state) => typing.set(subscriber.by.userId, subscriber, state),

    leave(subscriber) {
      typing.set(subscriber.by.userId, subscriber, 'stop')
      silent.delete(subscriber)
      const wasLive = feed.listeners.leave(subscriber)
      if (counted.delete(subscriber) || wasLive) count(subscriber.by.userId, -1)
      closeIfEmpty()
    },

    read(news, mayHear) {
      suspectRemoved()
      feed.listeners.emitOf(
        news.map((each) => toldOf(groupId, each)),
        mayHear,
      )
      feed.listeners.flush()
    },

    userIds: () => everybody().map(({ by }) => by.userId),

    some: (holds) => everybody().some(({ by }) => holds(by)),

    close() {
      presence.close()
      typing.close()
    },

    change(change, subjects) {
      // What it is about has to be read first, and messages that were sent after it may be told meanwhile.
      if (mayShutOutGuests(change) && !hasSubject(change, subjects)) {
        isShut = true
        suspectRemoved()
      }
      feed.change(change, subjects)
    },

    dismiss(userId, reason) {
      const leaving = everybody().filter(({ by }) => by.userId === userId)
      if (leaving.length) dismiss(reason, leaving)
    },

    get checks() {
      return checks
    },

    beginCheck() {
      const check = ++checks
      return (reason, mayStay) => {
        const checked = everybody().filter((listener) => listener.checkedAfter < check)
        const leaving = checked.filter(({ by }) => !mayStay(by))
        if (leaving.length) dismiss(reason, leaving)
        for (const listener of checked) listener.trust()
      }
    },

    replay: (subscriber, from) =>
      replay(deps, subscriber, from).catch((error: unknown) => subscriber.interrupt(error)),
  }
  return group
}
