/** What sockets cost alone: for each message in, one write of one pre-made frame to each. Reads no frame. */
import { createHash } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { textFrame } from '../../../src/ws/frame.ts'
import { createFrameCounter } from '../load-frames.ts'
import { newMessage } from './event.ts'
import { serveParent } from './peer.ts'

const frame = textFrame(JSON.stringify(newMessage('x'.repeat(100), 1)))
const clients = new Set<Socket>()

const server = createServer({ noDelay: true }, (socket) => {
  let told = 0
  let head = ''
  const heard = createFrameCounter({ masked: true })
  socket.on('data', (chunk) => {
    if (clients.has(socket)) {
      heard.feed(chunk, chunk.length)
      for (; told < heard.count; told++) for (const client of clients) client.write(frame)
      return
    }
    head += chunk.toString('latin1')
    const key = /sec-websocket-key: (\S+)\r\n/i.exec(head)?.[1]
    if (!head.endsWith('\r\n\r\n') || key === undefined) return
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    clients.add(socket)
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => clients.delete(socket))
})
server.listen(0, '127.0.0.1', () => serveParent((server.address() as { port: number }).port))
