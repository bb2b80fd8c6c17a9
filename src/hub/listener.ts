import type { Caller } from '../domain/caller.ts'
import type { EndReason } from '../domain/ending.ts'

/** One who listens to a group: a subscriber in its live group. */
export interface Listener {
  readonly by: Caller
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
  /** The reader may hear no more of this group. */
  revoked(groupId: string, reason: EndReason): void
}
