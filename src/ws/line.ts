import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { closeCodes } from './protocol.ts'

/** Unsent bytes up to which a replay goes on. */
const comfortable = 64 * 1024

/**
 * What a session sees of its socket. Writes ready-made frames straight to the TCP socket, beside `ws`, which reads, answers
 * pings and closes. Allowed because without compression and Blobs `ws` keeps no queue of its own: each of its frames is
 * written at once and whole.
 *
 * A class, because there is one for each socket: what closures would cost each is shared here.
 */
export class Line {
  private readonly ws: WebSocket
  private readonly socket: Socket
  private readonly maxBuffer: number
  /** It was closed for reading too slowly. */
  wasSlow = false

  /** `maxBuffer`: unsent bytes beyond which the socket is closed. */
  constructor(ws: WebSocket, socket: Socket, maxBuffer: number) {
    this.ws = ws
    this.socket = socket
    this.maxBuffer = maxBuffer
  }

  get open(): boolean {
    return this.ws.readyState === WebSocket.OPEN && this.socket.writable
  }

  /** Bytes that came from the peer so far. */
  get bytesHeard(): number {
    return this.socket.bytesRead
  }

  /** Sends whole frames; drops them when the socket is not open. Closes a socket that reads too slowly. */
  write(frames: Buffer): void {
    if (!this.open) return
    this.socket.write(frames)
    if (this.socket.writableLength <= this.maxBuffer) return
    this.wasSlow = true
    this.close(closeCodes.tooSlow, 'reading too slowly')
  }

  /** Resolves when little enough is unsent to go on, or the socket is gone. */
  drained(): Promise<void> {
    const { socket } = this
    if (socket.writableLength <= comfortable || !this.open) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        socket.off('drain', done)
        socket.off('close', done)
        resolve()
      }
      socket.on('drain', done)
      socket.on('close', done)
    })
  }

  /** What was written goes first. A peer that doesn't answer is cut off after a while. */
  close(code: number, reason: string): void {
    if (this.ws.readyState === WebSocket.OPEN) this.ws.close(code, reason)
  }

  /** At once, without a close frame. */
  cut(): void {
    this.ws.terminate()
  }

  ping(): void {
    if (this.open) this.ws.ping()
  }

  /** Stops reading, so that the peer has to wait. */
  pause(): void {
    this.ws.pause()
  }

  resume(): void {
    this.ws.resume()
  }
}
