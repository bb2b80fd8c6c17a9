import type { Subscription } from '../chat/live.ts'
import type { EndReason } from '../domain/ending.ts'
import { ChatError } from '../domain/errors.ts'

/** An opening that failed because the store is away is tried again after so many milliseconds. */
const retryMs = 1_000

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
  onError(groupId: string, error: unknown): void
}

interface Slot {
  readonly groupId: string
  subscriber: Subscription['subscriber'] | undefined
  /** False when the client unsubscribed, or was to subscribe by itself. */
  isWanted: boolean
  /** The last intention that was begun or waits, and how many there are. */
  last: Promise<unknown>
  waiting: number
  isOpening: boolean
  /** It was said to be open since the last opening began, or while it was listened to. */
  isOpenedSince: boolean
}

export function createSubscriptions(deps: Deps): Subscriptions {
  const slots = new Map<string, Slot>()
  let listening = 0
  let isClosed = false
  for (const groupId of deps.known) slots.set(groupId, newSlot(groupId, false))

  function slotOf(groupId: string): Slot {
    const slot = slots.get(groupId) ?? newSlot(groupId, true)
    slots.set(groupId, slot)
    return slot
  }

  function queue<T>(slot: Slot, work: () => Promise<T>): Promise<T> {
    slot.waiting++
    const result = slot.last.then(work).finally(() => {
      slot.waiting--
      forgetIfIdle(slot)
    })
    slot.last = result.catch(() => undefined)
    return result
  }

  /** What remains is listened to, under way, or not to be opened. */
  function forgetIfIdle(slot: Slot): void {
    if (!slot.subscriber && !slot.waiting && slot.isWanted) slots.delete(slot.groupId)
  }

  function drop(slot: Slot): boolean {
    const { subscriber } = slot
    slot.subscriber = undefined
    if (!subscriber) return false
    listening--
    subscriber.leave()
    return true
  }

  function place(slot: Slot, subscription: Subscription, isNew = true): void {
    drop(slot)
    listening++
    slot.isWanted = true
    slot.subscriber = subscription.subscriber
    deps.listen(subscription, isNew)
  }

  async function open(slot: Slot): Promise<void> {
    slot.isOpening = true
    slot.isOpenedSince = false
    try {
      await queue(slot, async () => {
        if (isClosed || !slot.isWanted || slot.subscriber || listening >= deps.most) return
        const subscription = await deps.subscribe(slot.groupId)
        if (isClosed) subscription.stop()
        else place(slot, subscription)
      })
    } catch (error) {
      if (!isGone(error)) retry(slot.groupId, error)
    }
    slot.isOpening = false
    if (slot.isOpenedSince && !slot.subscriber) opened(slot.groupId)
  }

  function retry(groupId: string, error: unknown): void {
    deps.onError(groupId, error)
    setTimeout(opened, retryMs, groupId).unref()
  }

  function opened(groupId: string): void {
    if (isClosed) return
    const slot = slotOf(groupId)
    if (!slot.isWanted) return
    slot.isOpenedSince = true
    if (!slot.subscriber && !slot.isOpening) void open(slot)
  }

  return {
    has: (groupId) => slots.get(groupId)?.subscriber !== undefined,

    begin(subscriptions) {
      for (const subscription of subscriptions) place(slotOf(subscription.group.id), subscription, false)
    },

    subscribe(groupId, after) {
      const slot = slotOf(groupId)
      return queue(slot, async () => {
        // Nothing new is asked for: what is being told, perhaps from an earlier cursor on, goes on.
        if (slot.subscriber && after === undefined) return
        if (!slot.subscriber && listening >= deps.most)
          throw new ChatError('rate_limited', `At most ${deps.most} groups on one socket.`)
        const subscription = await deps.subscribe(groupId, after).catch((error: unknown) => {
          // It is not the user's: should it become so, that is news, whatever was wanted before.
          if (isGone(error) && !slot.subscriber) slot.isWanted = true
          throw error
        })
        if (isClosed) subscription.stop()
        else place(slot, subscription)
      })
    },

    async unsubscribe(groupId) {
      const slot = slots.get(groupId)
      if (!slot) return
      await queue(slot, async () => {
        slot.isWanted = false
        drop(slot)
      })
    },

    opened,

    revoked(groupId, reason) {
      const slot = slots.get(groupId)
      if (!slot || !drop(slot)) return false
      // Somebody may have let the user in again while it was decided that access is lost.
      if (reason === 'access_revoked' && slot.isOpenedSince) opened(groupId)
      else forgetIfIdle(slot)
      return true
    },

    close() {
      isClosed = true
      for (const slot of slots.values()) drop(slot)
    },
  }
}

const newSlot = (groupId: string, isWanted: boolean): Slot => ({
  groupId,
  subscriber: undefined,
  isWanted,
  last: Promise.resolve(),
  waiting: 0,
  isOpening: false,
  isOpenedSince: false,
})

/** The group is gone, or was never open to the user. */
const isGone = (error: unknown): boolean =>
  error instanceof ChatError && (error.code === 'not_found' || error.code === 'forbidden')
