import type { Subscription } from '../chat/live.ts'
import type { EndReason } from '../domain/ending.ts'
import { ChatError } from '../domain/errors.ts'
import { createRetryQueue } from '../hub/retry-queue.ts'

/** Groups that are remembered as the client's to subscribe to: those it has at the start, and as many again. */
const mostUnwanted = 20_000

/**
 * What one socket for all groups listens to. For each group there is one queue of intentions, each begun when the one
 * before it has ended: what the client asks for is done in the order asked, and word that a group is open to the user
 * never replaces a subscription, nor brings back what the client unsubscribed.
 */
export interface Subscriptions {
  has(groupId: string): boolean
  /** What it listens to from the start. */
  begin(subscriptions: readonly Subscription[]): void
  /** The client wants the group, from a cursor on if it gives one. Throws what `Deps.subscribe` throws, and rate_limited. */
  subscribe(groupId: string, after?: string): Promise<void>
  /** The client does not want the group any more. */
  unsubscribe(groupId: string): Promise<void>
  /** The group is open to the user, perhaps since long ago. */
  opened(groupId: string): void
  /** The user lost the group. False: the socket did not listen to it. */
  revoked(groupId: string, reason: EndReason): boolean
  /** Listens to nothing any more. */
  close(): void
}

interface Deps {
  /** Groups that the user has already and that are not begun with: they are the client's to subscribe to. */
  known: Iterable<string>
  most: number
  /** Throws not_found, forbidden, malformed, unavailable. */
  subscribe(groupId: string, after?: string): Promise<Subscription>
  /** The socket listens from now on; whatever it heard of the group before has been flushed. */
  listen(subscription: Subscription, isNew: boolean): void
  /** A group that opened itself could not be subscribed to. It is tried again until it can. */
  onError(groupId: string, error: unknown): void
}

/** A group that is listened to, or that something is intended with. */
interface Slot {
  readonly groupId: string
  subscriber: Subscription['subscriber'] | undefined
  /** The last intention that was begun or waits, and how many there are. */
  last: Promise<unknown> | undefined
  intentions: number
  /** It was said to be open while it was listened to. */
  isOpenedSince: boolean
}

export function createSubscriptions(deps: Deps): Subscriptions {
  const slots = new Map<string, Slot>()
  /** Only the client may begin with these; the oldest come first. */
  const unwanted = new Set(deps.known)
  /** Places that are listened to, or being opened. */
  let taken = 0
  let isClosed = false
  const openings = createRetryQueue(open, (error, groupId) => deps.onError(groupId, error))

  function slotOf(groupId: string): Slot {
    let slot = slots.get(groupId)
    if (!slot) {
      slot = { groupId, subscriber: undefined, last: undefined, intentions: 0, isOpenedSince: false }
      slots.set(groupId, slot)
    }
    return slot
  }

  /** Begins the work when all that was intended with the group before has ended. */
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
    if (!subscriber) return false
    taken--
    subscriber.leave()
    return true
  }

  /** In a place that was taken for it. */
  function place(slot: Slot, subscription: Subscription, isNew: boolean): void {
    drop(slot)
    unwanted.delete(slot.groupId)
    slot.isOpenedSince = false
    slot.subscriber = subscription.subscriber
    deps.listen(subscription, isNew)
  }

  async function fill(slot: Slot, after?: string): Promise<void> {
    taken++
    try {
      const subscription = await deps.subscribe(slot.groupId, after)
      if (isClosed) subscription.stop()
      else place(slot, subscription, true)
    } catch (error) {
      taken--
      throw error
    }
  }

  function open(groupId: string): Promise<void> {
    return queue(groupId, async (slot) => {
      if (isClosed || slot.subscriber || unwanted.has(groupId) || taken >= deps.most) return
      try {
        await fill(slot)
      } catch (error) {
        if (!isGone(error)) throw error
      }
    })
  }

  return {
    has: (groupId) => slots.get(groupId)?.subscriber !== undefined,

    begin(subscriptions) {
      taken += subscriptions.length
      for (const subscription of subscriptions) place(slotOf(subscription.group.id), subscription, false)
    },

    subscribe: (groupId, after) =>
      queue(groupId, async (slot) => {
        // Nothing new is asked for: what is being told, perhaps from an earlier cursor on, goes on.
        if (slot.subscriber && after === undefined) return
        if (!slot.subscriber && taken >= deps.most)
          throw new ChatError('rate_limited', `At most ${deps.most} groups on one socket.`)
        try {
          await fill(slot, after)
        } catch (error) {
          // It is not the user's: should it become so, that is news, whatever was wanted before. Otherwise the client has to
          // ask again; to begin without its cursor before it does would leave a gap.
          if (isGone(error)) unwanted.delete(groupId)
          else if (!slot.subscriber) leaveToClient(groupId)
          throw error
        }
      }),

    unsubscribe: (groupId) =>
      queue(groupId, async (slot) => {
        leaveToClient(groupId)
        drop(slot)
      }),

    opened(groupId) {
      const slot = slots.get(groupId)
      if (slot?.subscriber) slot.isOpenedSince = true
      // While something is under way with the group, what comes of that is not known yet.
      if (slot?.intentions || !(slot?.subscriber || unwanted.has(groupId))) openings.add(groupId)
    },

    revoked(groupId, reason) {
      const slot = slots.get(groupId)
      if (!slot || !drop(slot)) return false
      // Somebody may have let the user in again while it was decided that access is lost.
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

/** The group is gone, or not open to the user. */
const isGone = (error: unknown): boolean =>
  error instanceof ChatError && (error.code === 'not_found' || error.code === 'forbidden')
