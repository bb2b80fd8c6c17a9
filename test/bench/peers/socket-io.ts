/** The same broadcaster on Socket.IO, by WebSocket only. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { newMessage } from './event.ts'
import { serveParent } from './peer.ts'

const http = createServer()
// Its pings are text frames, which the load generator would count: none come during a run.
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, pingInterval: 600_000 })

let seq = 0
io.on('connection', (socket) => {
  socket.on('message', ({ content }: { content: string }) => {
    io.emit('new_message', newMessage(content, ++seq))
  })
})
http.listen(0, '127.0.0.1', () => serveParent((http.address() as AddressInfo).port))
