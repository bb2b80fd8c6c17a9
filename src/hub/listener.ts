import type { Caller } from '../domain/caller.ts'
import type { Position } from '../domain/cursor.ts'
import type { EndReason } from '../domain/ending.ts'
import type { Encode } from './encode.ts'
import type { ResyncReason } from './resume.ts'

/** One who listens to a group: a subscriber in its live group. */
export interface Listener {
  readonly by: Caller
  /** The words in which it is told. */
  readonly encode: Encode
  readonly checkedAfter: number
  /** It hears nothing from `position` on, until it is trusted or ended. */
  suspect(position: Position): void
  /** It may go on. */
  trust(): void
  /** Gathered events, framed for the wire. Must not throw and must not wait. */
  deliver(packet: Buffer): void
  /** Access is lost: the listener hears no more. */
  end(reason: EndReason): void
  /** Its reader is told that it was ended. */
  notifyEnd(): void
}

/** Who sits there: a client, perhaps in several groups at once. History can be replayed to it, at its own pace. */
export interface Reader {
  /** Still able to hear. */
  readonly isOpen: boolean
  /** Must not throw and must not wait. */
  deliver(packet: Buffer): void
  /** Resolves when what was delivered is on its way; rejects never. */
  drained(): Promise<void>
  /**
   * Begins the work when all that was queued before has ended: several replays together would fill the reader faster than
   * anybody can read. The work must not reject.
   */
  queueReplay(work: () => Promise<void>): void
  /** The reader may hear no more of this group. */
  revoked(groupId: string, reason: EndReason): void
  /** Something was missed that nothing can tell any more: what comes next goes on from `position`. */
  resync(groupId: string, position: Position, reason: ResyncReason): void
  /** What was missed can't be read. The reader is to come back with its cursor. */
  interrupted(groupId: string, error: unknown): void
}
