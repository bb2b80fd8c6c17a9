import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { closeCodes } from './protocol.ts'

/** What a session sees of its socket. */
export interface Line {
  readonly open: boolean
  /** Sends whole frames; drops them when the socket is not open. Closes a socket that reads too slowly. */
  write(frames: Buffer): void
  /** Resolves when little enough is unsent to go on, or the socket is gone. */
  drained(): Promise<void>
  /** What was written goes first. A peer that doesn't answer is cut off after a while. */
  close(code: number, reason: string): void
  ping(): void
  /** Stops reading, so that the peer has to wait. */
  pause(): void
  resume(): void
}

/** Unsent bytes up to which a replay goes on. */
const comfortable = 64 * 1024

/**
 * Writes ready-made frames straight to the TCP socket, beside `ws`, which reads, answers pings and closes. Allowed because
 * without compression and Blobs `ws` keeps no queue of its own: each of its frames is written at once and whole.
 */
export function createLine(
  ws: WebSocket,
  socket: Socket,
  limits: { maxBuffer: number; onSlow(): void },
): Line {
  const isOpen = () => ws.readyState === WebSocket.OPEN && socket.writable

  function close(code: number, reason: string): void {
    if (ws.readyState === WebSocket.OPEN) ws.close(code, reason)
  }

  return {
    get open() {
      return isOpen()
    },

    write(frames) {
      if (!isOpen()) return
      socket.write(frames)
      if (socket.writableLength <= limits.maxBuffer) return
      limits.onSlow()
      close(closeCodes.tooSlow, 'reading too slowly')
    },

    drained() {
      if (socket.writableLength <= comfortable || !isOpen()) return Promise.resolve()
      return new Promise((resolve) => {
        const done = () => {
          socket.off('drain', done)
          socket.off('close', done)
          resolve()
        }
        socket.on('drain', done)
        socket.on('close', done)
      })
    },

    close,
    ping: () => isOpen() && ws.ping(),
    pause: () => ws.pause(),
    resume: () => ws.resume(),
  }
}
