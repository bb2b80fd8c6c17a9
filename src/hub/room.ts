import type { Caller } from '../domain/caller.ts'
import type { Position } from '../domain/cursor.ts'
import type { EndReason } from '../domain/ending.ts'
import { type Channel, type ChannelDeps, createChannel } from './channel.ts'
import type { Listener } from './listener.ts'
import type { Peers } from './peers.ts'
import { createPresence, type Presence } from './presence.ts'

/** One group that somebody listens to on this instance: its channel, its presence, and the seats in it. */
export interface Room {
  readonly channel: Channel
  /** Over all instances. */
  readonly presence: Presence
  /** Open connections on this instance, by user. */
  readonly own: ReadonlyMap<string, number>
  sit(by: Caller): Seat
  /** Ends the seats of those who may not stay. */
  dismiss(reason: EndReason, mayStay: (by: Caller) => boolean): void
}

/** A place in a group's live path, silent until it goes live. */
export interface Seat {
  readonly channel: Channel
  /** Who hears; told at once if access was lost since the seat was taken. */
  attach(listener: Listener): void
  /** Live from the channel's position on; the others hear `user_joined`. */
  live(): void
  /** Hears no more; the others may hear `user_left`. May be called at any time, also twice. */
  leave(): void
}

interface Deps extends Omit<ChannelDeps, 'start' | 'onTold'> {
  start: Position
  peers: Peers | undefined
  /** The last seat was left. */
  onEmpty(): void
}

export function createRoom(deps: Deps): Room {
  const { groupId, peers } = deps
  const seats = new Set<OwnSeat>()
  const own = new Map<string, number>()
  const channel = createChannel({
    ...deps,
    onTold(event) {
      if (event.type === 'member_removed')
        dismiss('access_revoked', (by) => by.admin || by.userId !== event.user_id)
    },
  })
  const presence = createPresence(groupId, peers?.counts(groupId) ?? new Map(), (event) =>
    channel.pass(event),
  )

  /** A connection of the user came or went. */
  function count(userId: string, change: 1 | -1): void {
    const now = (own.get(userId) ?? 0) + change
    if (now) own.set(userId, now)
    else own.delete(userId)
    presence.add(userId, change)
    peers?.tell(groupId, userId, now)
  }

  function dismiss(reason: EndReason, mayStay: (by: Caller) => boolean): void {
    // What led to this is heard first.
    channel.flush()
    for (const seat of [...seats]) if (!mayStay(seat.by)) seat.end(reason)
  }

  const inside: Inside = {
    channel,
    seats,
    count,
    leave() {
      if (seats.size) return
      presence.close()
      deps.onEmpty()
    },
  }

  function sit(by: Caller): Seat {
    const seat = new OwnSeat(inside, by)
    seats.add(seat)
    return seat
  }

  return { channel, presence, own, sit, dismiss }
}

/** What a seat needs of its room. */
interface Inside {
  readonly channel: Channel
  readonly seats: Set<OwnSeat>
  count(userId: string, change: 1 | -1): void
  /** After a seat was left: it may have been the last. */
  leave(): void
}

/** A class, because there is one for each socket and group: what closures would cost each is shared here. */
class OwnSeat implements Seat {
  readonly by: Caller
  private readonly room: Inside
  private listener: Listener | undefined
  private ended: EndReason | undefined
  private isLive = false

  constructor(room: Inside, by: Caller) {
    this.room = room
    this.by = by
  }

  get channel(): Channel {
    return this.room.channel
  }

  attach(listener: Listener): void {
    this.listener = listener
    if (this.ended) listener.end(this.ended)
  }

  end(reason: EndReason): void {
    this.ended = reason
    this.listener?.end(reason)
  }

  live(): void {
    const { channel, seats, count } = this.room
    if (!this.listener || this.ended || this.isLive || !seats.has(this)) return
    this.isLive = true
    // First the others hear of it, then the newcomer joins them.
    count(this.by.userId, 1)
    channel.join(this.listener)
  }

  leave(): void {
    const { channel, seats, count, leave } = this.room
    if (!seats.delete(this)) return
    if (this.isLive && this.listener) {
      channel.leave(this.listener)
      count(this.by.userId, -1)
    }
    leave()
  }
}
