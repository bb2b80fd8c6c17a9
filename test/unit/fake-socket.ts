import type { SessionSocket } from '../../src/ws/session-socket.ts'

/** A socket that goes nowhere: what a session wrote to it, and how it was closed. */
export function fakeSocket() {
  const frames: Record<string, unknown>[] = []
  const closes: number[] = []
  let isReading = true
  const socket: SessionSocket = {
    get isOpen() {
      return closes.length === 0
    },
    wasSlow: false,
    write: () => undefined,
    writeSoon: (frame) => void frames.push(JSON.parse(payloadOf(frame))),
    drained: () => Promise.resolve(),
    pause: () => (isReading = false),
    resume: () => (isReading = true),
    close: (code) => void closes.push(code),
    terminate: () => undefined,
    beat: () => undefined,
  }
  return { socket, frames, closes, reading: () => isReading }
}

/** Of an unmasked text frame (RFC 6455 section 5.2) of less than 64 KiB. */
function payloadOf(frame: Buffer): string {
  return frame.subarray((frame[1] ?? 0) < 126 ? 2 : 4).toString()
}
