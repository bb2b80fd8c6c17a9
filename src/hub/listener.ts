import type { EndReason } from '../domain/ending.ts'

/** One who listens to a group: a socket's seat in it. */
export interface Listener {
  readonly userId: string
  /** Gathered events, framed for the wire. Must not throw and must not wait. */
  deliver(packet: Buffer): void
  /** The listener may hear no more of the group, and is to leave. */
  end(reason: EndReason): void
}

/** A listener that history can be replayed to, at its own pace. */
export interface Reader extends Listener {
  /** Resolves when what was delivered is on its way; rejects never. */
  drained(): Promise<void>
  readonly closed: boolean
}
