import type { Caller } from '../domain/caller.ts'
import type { Position } from '../domain/cursor.ts'
import type { EndReason } from '../domain/ending.ts'
import { type Channel, type ChannelDeps, createChannel } from './channel.ts'
import type { Peers } from './peers.ts'
import { createPresence, type Presence } from './presence.ts'
import { Seat } from './seat.ts'

/** One group that somebody listens to on this instance: its channel, its presence, and the seats in it. */
export interface Room {
  readonly groupId: string
  readonly channel: Channel
  readonly presence: Presence
  /** A seat, silent as yet. */
  sit(by: Caller): Seat
  /** The seat hears from the channel's position on; the others hear `user_joined`. */
  enter(seat: Seat): void
  /** The seat hears no more; the others may hear `user_left`. */
  leave(seat: Seat): void
  /** Ends the seats of those who may not stay. */
  dismiss(reason: EndReason, mayStay: (by: Caller) => boolean): void
}

interface Deps extends Omit<ChannelDeps, 'start' | 'onTold'> {
  start: Position
  peers: Peers | undefined
  /** The last seat was left. */
  onEmpty(): void
}

export function createRoom(deps: Deps): Room {
  const { groupId, peers } = deps
  /** Seats that are not live yet; the others are the channel's listeners. */
  const silent = new Set<Seat>()
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
    presence.add(userId, change)
    peers?.tell(groupId, userId, presence.own.get(userId) ?? 0)
  }

  function dismiss(reason: EndReason, mayStay: (by: Caller) => boolean): void {
    // What led to this is heard first.
    channel.flush()
    for (const seat of [...silent, ...channel.listeners]) if (!mayStay(seat.by)) seat.end(reason)
  }

  const room: Room = {
    groupId,
    channel,
    presence,

    sit(by) {
      const seat = new Seat(room, by)
      silent.add(seat)
      return seat
    },

    enter(seat) {
      silent.delete(seat)
      // First the others hear of it, then the newcomer joins them.
      count(seat.by.userId, 1)
      channel.join(seat)
    },

    leave(seat) {
      if (!silent.delete(seat)) {
        channel.leave(seat)
        count(seat.by.userId, -1)
      }
      if (silent.size || channel.listeners.size) return
      presence.close()
      deps.onEmpty()
    },

    dismiss,
  }
  return room
}
