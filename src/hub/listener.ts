import type { Caller } from '../domain/caller.ts'
import type { Position } from '../domain/cursor.ts'
import type { EndReason } from '../domain/ending.ts'
import type { Encode } from './encode.ts'
import type { ResyncReason } from './resume.ts'

/** One who listens to a group: a subscriber in its live group. */
export interface Listener {
  readonly by: Caller
  /** The API's words in which this listener is told events. */
  readonly encode: Encode
  readonly checkedAfter: number
  /** The listener is no member, or was none for a while: it may hear the group only as long as guests may. */
  readonly mayBeGuest: boolean
  /** The listener's access is in doubt: it hears nothing after `position` until it is trusted or ended. */
  suspect(position: Position): void
  /** The doubt is settled: the listener may go on. */
  trust(): void
  /** Gathered events, framed for the wire. Must not throw and must not wait. */
  deliver(packet: Buffer): void
  /** False when what its own user did, by the reader `from` if it was one, is no news to it, or is told to it in another way. */
  hearsOfOwn(from: object | undefined): boolean
  /** Access is lost: the listener hears no more. */
  end(reason: EndReason): void
  /** Tells the reader that its listening was ended. */
  notifyEnd(): void
}

/** A client that reads, perhaps in several groups at once. History is replayed to it at its own pace. */
export interface Reader {
  /** The reader is still able to take events. */
  readonly isOpen: boolean
  /** Set for a reader that hears by itself of what its own user did, in whatever group. */
  readonly hearsOfUser?: true
  /** Must not throw and must not wait. */
  deliver(packet: Buffer): void
  /** Resolves when what was delivered is on its way; rejects never. */
  drained(): Promise<void>
  /**
   * Begins the work when all that was queued before has ended: several replays together would fill the reader faster than
   * anybody can read. The work must not reject.
   */
  queueReplay(work: () => Promise<void>): void
  /** The reader lost its access to this group. */
  revoked(groupId: string, reason: EndReason): void
  /** The reader missed something that cannot be told any more. What comes next goes on from `position`. */
  resync(groupId: string, position: Position, reason: ResyncReason): void
  /** What the reader missed cannot be read now. It is to come back with its cursor. */
  interrupted(groupId: string, error: unknown): void
}
