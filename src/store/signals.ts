/**
 * Carries short-lived words between the instances that share a store: who is connected, who types. Nothing is
 * kept: what comes too late or is lost is gone. A store that one process has to itself has no signals.
 */
export interface Signals {
  /** Plain JSON values. Never throws and never waits: what can't be sent in time is dropped. */
  send(signal: object): void
  /**
   * The handler hears what all instances send, also this one, and what one instance sends in its order. At most one handler.
   */
  listen(handler: (signal: Record<string, unknown>) => void): void
}
