/** Bare node:http that answers every request with a page of 50 messages, by JSON.stringify, from memory. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { newMessage } from './event.ts'
import { serveParent } from './peer.ts'

const messages = Array.from({ length: 50 }, (_, i) => newMessage('x'.repeat(100), 50 - i).message)
const page = { messages, total: 50, page: 1, page_size: 50, has_more: false, cursor: '0123456789ab.50.0' }

const server = createServer((_request, response) => {
  const body = JSON.stringify(page)
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
})
server.listen(0, '127.0.0.1', () => serveParent((server.address() as AddressInfo).port))
