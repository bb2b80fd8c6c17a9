import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { createFrameCounter, type FrameCounter, maskedFrame } from './load-frames.ts'

/** How a server is spoken to: plain frames, or Socket.IO's packets in them. */
export type Wire = 'chat' | 'socket.io'

/** One WebSocket client, as lean as can be: what it hears is counted, never read. */
export interface LoadSocket {
  readonly socket: Socket
  /** What it heard since it was opened, the greeting too. */
  readonly heard: FrameCounter
}

/** What is read lies here only until it is counted: one buffer serves all sockets. */
const shared = Buffer.allocUnsafe(256 * 1024)

/** Resolves when the server has greeted. `onHeard` is called after each read. */
export function openLoadSocket(
  port: number,
  path: string,
  wire: Wire,
  onHeard: (heard: FrameCounter) => void = () => {},
): Promise<LoadSocket> {
  const heard = createFrameCounter()
  return new Promise((resolve, reject) => {
    let head = ''
    let isUp = false
    const socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: shared,
        callback(length, bytes) {
          const chunk = bytes as Buffer
          if (isUp) heard.feed(chunk, length)
          else greet(chunk.subarray(0, length))
          onHeard(heard)
          return true
        },
      },
    })

    function greet(chunk: Buffer): void {
      const before = head.length
      head += chunk.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      if (!head.startsWith('HTTP/1.1 101')) return reject(new Error(`${path}: ${head}`))
      isUp = true
      if (wire === 'socket.io') socket.write(maskedFrame('40'))
      const rest = chunk.subarray(end + 4 - before)
      heard.feed(rest, rest.length)
      resolve({ socket, heard })
    }

    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`${path}: closed`)))
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    )
  })
}

/** A message of `characters` as one frame on its way to the server. */
export function messageFrame(wire: Wire, characters: number): Buffer {
  const message = { type: 'message', content: 'x'.repeat(characters) }
  return maskedFrame(wire === 'chat' ? JSON.stringify(message) : `42${JSON.stringify(['message', message])}`)
}
