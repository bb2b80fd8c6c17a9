export interface Patience {
  /** Milliseconds between two beats. */
  readonly turnMs: number
  /** Milliseconds of silence after which a peer is pinged, and pinged again. */
  readonly pingIntervalMs: number
  /** Milliseconds of silence after which it is given up. */
  readonly idleTimeoutMs: number
}

/** A socket as its session sees it, whatever library it is of. */
export interface SessionSocket {
  readonly isOpen: boolean
  /** It was closed for reading too slowly. */
  readonly wasSlow: boolean
  /** Sends whole frames; drops them when the socket is not open. Closes a socket that reads too slowly. */
  write(frames: Buffer): void
  /** The same at the end of this turn, in one write with all else that it brings. */
  writeSoon(frames: Buffer): void
  /** Resolves when little enough is unsent to go on, or the socket is gone. */
  drained(): Promise<void>
  /** Reads no more until `resume`. */
  pause(): void
  resume(): void
  close(code: number, reason: string): void
  /** Ends the connection without a word. */
  terminate(): void
  /** To be called once a turn: looks for a peer that is silent, or slow. */
  beat(patience: Patience): void
}

/** Who is served by a socket. */
export interface SocketHandler {
  /** One text message of the peer. */
  receive(text: string): void
  /** The peer broke the protocol, or the connection broke; `end` follows. */
  fail(error: Error): void
  /** The socket is closed. */
  end(code: number): void
}
