/** A server whose lines send back what they hear, as the conformance suite expects. Tells its parent its port. */
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import { ClientSocket } from '../../src/ws/client-socket.ts'

class EchoLine extends ClientSocket {
  override emit(event: string, ...args: unknown[]): boolean {
    if (event !== 'message') return super.emit(event, ...args)
    this.send(args[0] as Buffer, { binary: args[1] === true })
    return true
  }
}

const server = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  perMessageDeflate: false,
  autoPong: false,
  maxPayload: 2 ** 25,
  WebSocket: EchoLine,
})
await once(server, 'listening')
server.on('connection', (line: EchoLine, { socket }: { socket: Socket }) => line.attach(socket, 2 ** 26))
process.send?.((server.address() as AddressInfo).port)
process.on('disconnect', () => process.exit())
