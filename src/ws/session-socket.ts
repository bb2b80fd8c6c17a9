export interface Patience {
  /** Milliseconds between two beats. */
  readonly turnMs: number
  /** Milliseconds of silence after which a peer is pinged, and pinged again. */
  readonly pingIntervalMs: number
  /** Milliseconds of silence after which a peer is cut off. */
  readonly idleTimeoutMs: number
}

/** A socket as its session sees it, whatever library is behind it. */
export interface SessionSocket {
  readonly isOpen: boolean
  /** The socket was closed because its peer read too slowly. */
  readonly wasSlow: boolean
  /** Sends whole frames; drops them when the socket is not open. Closes a socket that reads too slowly. */
  write(frames: Buffer): void
  /** Sends at the end of this turn of the event loop, in one write with all else that the turn brings. */
  writeSoon(frames: Buffer): void
  /** Resolves when so little is unsent that more may be written, or when the socket is gone. */
  drained(): Promise<void>
  /** Reads no more until `resume`. */
  pause(): void
  resume(): void
  close(code: number, reason: string): void
  /** Ends the connection without a word. */
  terminate(): void
  /** To be called once a turn: checks whether the peer is silent or slow. */
  beat(patience: Patience): void
}

/** Handles what comes on a socket. */
export interface SocketHandler {
  /** One text message of the peer. */
  receive(text: string): void
  /** The peer broke the protocol, or the connection broke; `end` follows. */
  fail(error: Error): void
  /** The socket is closed. */
  end(code: number): void
}
