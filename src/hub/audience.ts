import type { Caller } from '../domain/caller.ts'
import type { Cursor } from '../domain/cursor.ts'
import type { GroupEvent } from '../domain/events.ts'
import type { Encode } from './encode.ts'
import { createFanout, type Fanout } from './fanout.ts'
import type { Listener } from './listener.ts'

/** An event that concerns one user. */
export interface Told {
  readonly event: GroupEvent
  readonly userId: string
  /** The others hear of it too. */
  readonly isShared: boolean
  /** The reader that caused it, if there is one here. */
  readonly from: object | undefined
}

/** All who listen to a group. They are grouped by the words of their API, so that an event is framed once for each API. */
export interface Audience extends Iterable<Listener> {
  readonly size: number
  /** The event goes out at the end of this turn, to those who listen now. Returns the bytes of the longest frame. */
  emit(event: GroupEvent, at?: Cursor): number
  /** The same for events that are no news to the users who caused them: their own connections don't hear of theirs. */
  emitToOthers(events: readonly (GroupEvent & { userId: string })[]): void
  /**
   * Events that concern a user each: their own connections hear of it, unless they know by themselves, and the others who may hear of
   * others.
   */
  emitOf(told: readonly Told[], mayHearOfOthers: (by: Caller) => boolean): void
  /** Sends what was gathered now, before the end of the turn. */
  flush(): void
  /** The listener hears what is emitted from now on. */
  join(listener: Listener): void
  /** The listener gets at once what was emitted before, and nothing after that. Returns false when it was not here. */
  leave(listener: Listener): boolean
}

/** `onPacket` hears of each packet: how many events it gathers, and how many listeners it is for. */
export function createAudience(onPacket?: (events: number, listeners: number) => void): Audience {
  const fanouts = new Map<Encode, Fanout>()

  function fanoutOf({ encode }: Listener): Fanout {
    const fanout = fanouts.get(encode) ?? createFanout(onPacket)
    fanouts.set(encode, fanout)
    return fanout
  }

  return {
    get size() {
      let size = 0
      for (const fanout of fanouts.values()) size += fanout.size
      return size
    },

    *[Symbol.iterator]() {
      for (const fanout of fanouts.values()) yield* fanout
    },

    emit(event, at) {
      let longest = 0
      for (const [encode, fanout] of fanouts) {
        const frame = fanout.size ? encode(event, at) : null
        if (!frame) continue
        fanout.write(frame)
        longest = Math.max(longest, frame.length)
      }
      return longest
    },

    emitToOthers(events) {
      for (const [encode, fanout] of fanouts) {
        if (!fanout.size) continue
        const frames = events.map((event) => encode(event) ?? Buffer.alloc(0))
        const others = (userId: string) =>
          Buffer.concat(frames.filter((_, index) => events[index]?.userId !== userId))
        const users = new Set(events.map(({ userId }) => userId))
        const packets = new Map([...users].map((userId) => [userId, others(userId)]))
        fanout.write(Buffer.concat(frames), ({ by }) => packets.get(by.userId))
      }
    },

    emitOf(told, mayHearOfOthers) {
      const own = new Map(told.map((each) => [each.userId, each]))
      for (const [encode, fanout] of fanouts) {
        if (!fanout.size) continue
        const frames = new Map(told.map((each) => [each, encode(each.event) ?? Buffer.alloc(0)]))
        const packet = (of: readonly Told[]) => Buffer.concat(of.flatMap((each) => frames.get(each) ?? []))
        const shared = told.filter(({ isShared }) => isShared)
        fanout.write(packet(shared), (listener) => {
          const mine = own.get(listener.by.userId)
          const hears = mayHearOfOthers(listener.by)
          if (!mine && hears) return undefined
          const others = hears ? shared.filter((each) => each !== mine) : []
          return packet(mine && listener.hearsOfOwn(mine.from) ? [...others, mine] : others)
        })
      }
    },

    flush() {
      for (const fanout of fanouts.values()) fanout.flush()
    },

    join: (listener) => fanoutOf(listener).join(listener),

    leave(listener) {
      const fanout = fanouts.get(listener.encode)
      if (!fanout?.leave(listener)) return false
      if (!fanout.size) fanouts.delete(listener.encode)
      return true
    },
  }
}
