import type { Subscription } from '../chat/live.ts'
import type { Position } from '../domain/cursor.ts'
import type { EndReason } from '../domain/ending.ts'
import { ChatError } from '../domain/errors.ts'
import type { GroupSummary } from '../domain/group.ts'
import { createRetryQueue } from '../hub/retry-queue.ts'

/** So many groups are remembered that the user came into, and as many that they lost. */
const mostMoves = 1_000
/** So many groups are remembered that only the client may subscribe to: those of the start, and as many again. */
const mostUnwanted = 20_000

/**
 * The groups that one socket for all groups listens to. Each group has one queue of intentions, and each intention begins when the one
 * before it has ended. So what the client asks for is done in its order, and news that a group is open to the user neither replaces a
 * subscription nor brings back one that the client ended.
 */
export interface Subscriptions {
  /** The subscriber by which the socket listens to the group, if it does. */
  subscriberOf(groupId: string): Subscription['subscriber'] | undefined
  /** Listens to these from the start. */
  begin(subscriptions: readonly Subscription[]): void
  /** The client wants the group, from a cursor on if it gives one. Throws what `Deps.subscribe` throws, and rate_limited. */
  subscribe(groupId: string, after?: string): Promise<void>
  /** The client does not want the group any more. */
  unsubscribe(groupId: string): Promise<void>
  /** The user is a member of the group, which may be old news. `rev`: the entry that made them one, where it is known. */
  opened(groupId: string, rev?: number): void
  /** A direct chat that the user had hidden is in their list again, of which the client is told in any case. */
  shown(groupId: string): void
  /** The user is not banned any more: if the socket lost the group, and the user may hear it, it listens again. */
  unbanned(groupId: string): void
  /** The user lost access to the group. Returns false when the socket did not listen to it. */
  revoked(groupId: string, reason: EndReason): boolean
  /** Ends all listening. */
  close(): void
}

interface Deps {
  /** Groups of the user that are not begun with: the client has to subscribe to them itself. */
  known: Iterable<string>
  most: number
  /** Throws not_found, banned, forbidden, malformed, unavailable. */
  subscribe(groupId: string, after?: string | Position): Promise<Subscription>
  /** The group, as one is told it who was made a member; null for who is none. Throws unavailable. */
  joined(groupId: string): Promise<GroupSummary | null>
  /** The client is to be told that the user was made a member, before it is told anything else of that group. */
  tellJoined(group: GroupSummary): void
  /** The socket is to listen from now on. What it heard of the group before has been sent already. */
  listen(subscription: Subscription, isNew: boolean): void
  /** A newly opened group could not be subscribed to. It is tried again until that succeeds. */
  onError(groupId: string, error: unknown): void
}

/** A group that the socket listens to, or that has intentions in its queue. */
interface Slot {
  readonly groupId: string
  subscriber: Subscription['subscriber'] | undefined
  /** The last intention in the queue, and how many there are, the one under way included. */
  last: Promise<unknown> | undefined
  intentions: number
  /** News came that the group is open while the socket was listening to it. */
  isOpenedSince: boolean
  /** The client knows what the log's changes up to here did to the user. */
  knownRev: number
  /** The client was told that the user is a member before word came of the entry that made them one. */
  isAhead: boolean
}

/** By which entry of the group's log the user was made a member, and whether the client was told. */
interface Join {
  readonly rev: number
  readonly isTold: boolean
}

export function createSubscriptions(deps: Deps): Subscriptions {
  const slots = new Map<string, Slot>()
  /** Groups that only the client may subscribe to; the oldest come first. */
  const unwanted = new Set(deps.known)
  /** Groups that the user was made a member of while the socket was there; the oldest come first. */
  const joins = new Map<string, Join>()
  /** Groups that the socket heard until the user lost access; the oldest come first. */
  const lost = new Set<string>()
  /** Up to where the socket has heard the direct chats that the user hides; the oldest come first. It goes on from there. */
  const hiddenAt = new Map<string, Position>()
  /** How many groups the socket listens to or is about to, for the limit. */
  let taken = 0
  let isClosed = false
  const openings = createRetryQueue(open, (error, groupId) => deps.onError(groupId, error))

  function slotOf(groupId: string): Slot {
    let slot = slots.get(groupId)
    if (!slot) {
      slot = {
        groupId,
        subscriber: undefined,
        last: undefined,
        intentions: 0,
        isOpenedSince: false,
        knownRev: -1,
        isAhead: false,
      }
      slots.set(groupId, slot)
    }
    return slot
  }

  /** Begins the work when the group's intentions before it have ended. */
  async function queue(groupId: string, work: (slot: Slot) => Promise<void>): Promise<void> {
    const slot = slotOf(groupId)
    slot.intentions++
    const result = slot.last ? slot.last.then(() => work(slot)) : work(slot)
    slot.last = result.catch(() => undefined)
    try {
      await result
    } finally {
      if (--slot.intentions === 0) slot.last = undefined
      forgetIfIdle(slot)
    }
  }

  function forgetIfIdle(slot: Slot): void {
    if (!slot.subscriber && !slot.intentions) slots.delete(slot.groupId)
  }

  function leaveToClient(groupId: string): void {
    unwanted.delete(groupId)
    unwanted.add(groupId)
    if (unwanted.size > mostUnwanted) unwanted.delete(unwanted.values().next().value as string)
  }

  function drop(slot: Slot): boolean {
    const { subscriber } = slot
    slot.subscriber = undefined
    slot.isAhead = false
    if (!subscriber) return false
    taken--
    subscriber.leave()
    return true
  }

  /** Puts the subscription into the slot. It was counted in `taken` before. */
  function place(slot: Slot, subscription: Subscription, isNew: boolean): void {
    const { isAhead } = slot
    drop(slot)
    slot.isAhead = isAhead
    unwanted.delete(slot.groupId)
    lost.delete(slot.groupId)
    hiddenAt.delete(slot.groupId)
    slot.isOpenedSince = false
    slot.knownRev = Math.max(slot.knownRev, subscription.rev)
    slot.subscriber = subscription.subscriber
    deps.listen(subscription, isNew)
  }

  /** `isUnasked`: the client is told first how the user came into the group. */
  async function fill(slot: Slot, after?: string | Position, isUnasked = false): Promise<void> {
    taken++
    try {
      const subscription = await deps.subscribe(slot.groupId, after)
      try {
        if (isUnasked && !subscription.isGuest) await tellJoined(slot)
      } catch (error) {
        subscription.stop()
        throw error
      }
      if (isClosed) subscription.stop()
      else place(slot, subscription, true)
    } catch (error) {
      taken--
      throw error
    }
  }

  async function tellJoined(slot: Slot): Promise<void> {
    const { groupId } = slot
    const before = joins.get(groupId)
    const group = await deps.joined(groupId)
    const join = joins.get(groupId)
    // A later entry that came meanwhile is told by itself; a first one is what is being told.
    if (join && (!before || join === before)) joins.set(groupId, { ...join, isTold: true })
    slot.isAhead = !join
    if (group && !isClosed) deps.tellJoined(group)
  }

  const isNews = (groupId: string): boolean => joins.get(groupId)?.isTold === false

  function open(groupId: string): Promise<void> {
    return queue(groupId, async (slot) => {
      if (isClosed) return
      const isLeftOut = slot.subscriber || unwanted.has(groupId) || taken >= deps.most
      try {
        if (!isLeftOut) await fill(slot, hiddenAt.get(groupId), true)
        else if (isNews(groupId)) await tellJoined(slot)
      } catch (error) {
        if (!isGone(error)) throw error
      }
    })
  }

  return {
    subscriberOf: (groupId) => slots.get(groupId)?.subscriber,

    begin(subscriptions) {
      taken += subscriptions.length
      for (const subscription of subscriptions) place(slotOf(subscription.group.id), subscription, false)
    },

    subscribe: (groupId, after) =>
      queue(groupId, async (slot) => {
        // The client asks for nothing new: the present subscription goes on, perhaps with a replay from an earlier cursor.
        if (slot.subscriber && after === undefined) return
        if (!slot.subscriber && taken >= deps.most)
          throw new ChatError('rate_limited', `At most ${deps.most} groups on one socket.`)
        try {
          await fill(slot, after)
        } catch (error) {
          // The group is not open to the user. If it becomes so later, that is news, whatever the client wanted before. After any
          // other error the client has to ask again: to subscribe without its cursor before it does would leave a gap.
          if (isGone(error)) unwanted.delete(groupId)
          else if (!slot.subscriber) leaveToClient(groupId)
          throw error
        }
      }),

    unsubscribe: (groupId) =>
      queue(groupId, async (slot) => {
        lost.delete(groupId)
        leaveToClient(groupId)
        drop(slot)
      }),

    opened(groupId, rev) {
      const slot = slots.get(groupId)
      if (slot?.subscriber) slot.isOpenedSince = true
      const knownRev = Math.max(slot?.knownRev ?? -1, joins.get(groupId)?.rev ?? -1)
      if (rev !== undefined && rev > knownRev) {
        joins.set(groupId, { rev, isTold: slot?.isAhead === true })
        forgetOldest(joins)
        if (slot) slot.isAhead = false
      }
      // While an intention is under way, its outcome is not known, so the group is looked at again after it.
      if (slot?.intentions || isNews(groupId) || !(slot?.subscriber || unwanted.has(groupId)))
        openings.add(groupId)
    },

    shown(groupId) {
      unwanted.delete(groupId)
      joins.set(groupId, { rev: joins.get(groupId)?.rev ?? -1, isTold: false })
      forgetOldest(joins)
      openings.add(groupId)
    },

    unbanned(groupId) {
      const slot = slots.get(groupId)
      if (slot?.subscriber) slot.isOpenedSince = true
      else if (lost.has(groupId)) openings.add(groupId)
    },

    revoked(groupId, reason) {
      const slot = slots.get(groupId)
      const endedAt = slot?.subscriber?.endedAt
      if (!slot || !drop(slot)) return false
      if (reason === 'hidden' && endedAt) {
        hiddenAt.set(groupId, endedAt)
        forgetOldest(hiddenAt)
      }
      if (reason === 'access_revoked') {
        lost.add(groupId)
        forgetOldest(lost)
      }
      // The user may have been let in again while the loss of access was being decided on.
      if (reason === 'access_revoked' && slot.isOpenedSince) openings.add(groupId)
      forgetIfIdle(slot)
      return true
    },

    close() {
      isClosed = true
      openings.close()
      for (const slot of slots.values()) drop(slot)
    },
  }
}

function forgetOldest(moves: Map<string, unknown> | Set<string>): void {
  if (moves.size > mostMoves) moves.delete(moves.keys().next().value as string)
}

/** True when the error says that the group is gone or not open to the user. */
const isGone = (error: unknown): boolean =>
  error instanceof ChatError && ['not_found', 'forbidden', 'banned'].includes(error.code)
