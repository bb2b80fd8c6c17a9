import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { closeCodes } from '../protocol/close-codes.ts'
import { endInTurn } from './endings.ts'
import type { Patience, SessionSocket, SocketHandler } from './session-socket.ts'

/** A replay goes on while no more than so many bytes are unsent. */
const comfortable = 64 * 1024
/** For a moment so many times `maxBuffer` may be unsent. */
const burst = 8

/**
 * A WebSocket of the server. It writes ready-made frames straight to the TCP socket, beside `ws`, which reads, answers pings and
 * closes. This is safe because `ws` keeps no queue of its own without compression and Blobs: it writes each of its frames at once
 * and whole.
 *
 * It extends the socket of `ws` and keeps the state of its peer itself, because a client that is only connected should cost little
 * more than a bare socket.
 */
export class ClientSocket extends WebSocket implements SessionSocket {
  wasSlow = false
  private handler: SocketHandler | undefined = undefined
  private tcp: Socket | undefined = undefined
  private maxBuffer = 0
  /** For so many beats more than `maxBuffer` has been unsent. */
  private fullBeats = 0
  private bytesHeard = 0
  private silentMs = 0
  private pingedMs = 0

  /** To be called first, with the socket of the upgrade. `maxBuffer`: unsent bytes beyond which the socket is closed. */
  attach(tcp: Socket, maxBuffer: number): void {
    this.tcp = tcp
    this.maxBuffer = maxBuffer
    endInTurn(tcp)
    this.markHeard()
  }

  /** Hands what comes from now on to the handler. */
  serve(handler: SocketHandler): void {
    this.handler = handler
  }

  /** Hands the events of `ws` straight to the handler, because a list of listeners would cost a socket more than all else here. */
  override emit(event: string, ...args: unknown[]): boolean {
    switch (event) {
      case 'message':
        this.markHeard()
        if (args[1] === true) this.close(closeCodes.policy, 'text frames only')
        else this.handler?.receive(String(args[0]))
        return true
      case 'ping':
        this.markHeard()
        this.answer(args[0] as Buffer)
        return true
      case 'error':
        this.handler?.fail(args[0] as Error)
        return true
      case 'pong':
        this.markHeard()
        break
      case 'close':
        this.handler?.end(args[0] as number)
    }
    return super.emit(event, ...args)
  }

  private markHeard(): void {
    this.bytesHeard = this.tcp?.bytesRead ?? 0
    this.silentMs = 0
    this.pingedMs = 0
  }

  /** Answers a ping in place of `ws`, whose pongs do not count against our limit. */
  private answer(ping: Buffer): void {
    if (!this.isOpen) return
    this.pong(ping)
    this.watchBuffer()
  }

  get isOpen(): boolean {
    return this.readyState === WebSocket.OPEN && this.tcp?.writable === true
  }

  write(frames: Buffer): void {
    if (this.readyState !== WebSocket.OPEN || this.tcp?.destroyed) return
    // `write` answers true while less than 64 KiB is unsent, and our limit is no less.
    if (this.tcp?.write(frames) === false) this.watchBuffer()
  }

  /** Writes at the end of this turn, in one write with all else that the turn brings, because answers often come in crowds. */
  writeSoon(frames: Buffer): void {
    const { tcp } = this
    if (!tcp || this.readyState !== WebSocket.OPEN) return
    if (tcp.writableCorked === 0) {
      tcp.cork()
      setImmediate(uncork, tcp)
    }
    this.write(frames)
  }

  /**
   * What is written at once, after an outage for example, may be more than the limit. A peer is slow when it has not taken it a beat
   * later, or when a multiple of the limit is unsent.
   */
  private watchBuffer(): void {
    const unsent = this.tcp?.writableLength ?? 0
    if (unsent <= this.maxBuffer) return
    if (unsent > burst * this.maxBuffer) this.closeSlow()
    else this.fullBeats ||= 1
  }

  private closeSlow(): void {
    if (!this.isOpen) return
    this.wasSlow = true
    this.close(closeCodes.tooSlow, 'reading too slowly')
  }

  drained(): Promise<void> {
    const { tcp } = this
    if (!tcp || tcp.writableLength <= comfortable || !this.isOpen) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        tcp.off('drain', done)
        tcp.off('close', done)
        resolve()
      }
      tcp.on('drain', done)
      tcp.on('close', done)
    })
  }

  /**
   * Pings a peer that is silent, and cuts it off when it has been silent for too long. Silence is counted in turns and not by the
   * clock, so that a machine that slept does not cut off its clients.
   */
  beat({ turnMs, pingIntervalMs, idleTimeoutMs }: Patience): void {
    if (this.fullBeats) {
      if ((this.tcp?.writableLength ?? 0) <= this.maxBuffer) this.fullBeats = 0
      else if (++this.fullBeats > 2) this.closeSlow()
    }
    this.silentMs += turnMs
    if (this.silentMs < pingIntervalMs) return
    // A peer that sends parts of a long message is not silent. It is checked only now: to ask all sockets each time costs too much.
    if (this.tcp?.bytesRead !== this.bytesHeard) this.markHeard()
    else if (this.silentMs >= idleTimeoutMs) {
      this.close(closeCodes.idle, 'silent for too long')
      this.terminate()
    } else if (this.silentMs - this.pingedMs >= pingIntervalMs) {
      this.pingedMs = this.silentMs
      if (this.isOpen) this.ping()
    }
  }
}

const uncork = (tcp: Socket) => tcp.uncork()
