/** The usual broadcaster on `ws`: parse, stringify once, send to each. VERIFY_TOKENS=1: checks each client's token. */
import { createSecretKey } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { jwtVerify } from 'jose'
import { WebSocketServer } from 'ws'
import { secret } from '../../support/process.ts'
import { newMessage } from './event.ts'
import { serveParent } from './peer.ts'

const key = createSecretKey(secret, 'utf8').toCryptoKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])

async function isWelcome(url: string | undefined): Promise<boolean> {
  try {
    const token = new URL(url ?? '', 'http://localhost').searchParams.get('token') ?? ''
    await jwtVerify(token, key, { algorithms: ['HS256'] })
    return true
  } catch {
    return false
  }
}

const server = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  perMessageDeflate: false,
  ...(process.env.VERIFY_TOKENS && {
    verifyClient: ({ req }, answer) => isWelcome(req.url).then((welcome) => answer(welcome)),
  }),
})

let seq = 0
server.on('connection', (socket) => {
  socket.on('message', (data) => {
    const { content } = JSON.parse(String(data)) as { content: string }
    const text = JSON.stringify(newMessage(content, ++seq))
    for (const client of server.clients) client.send(text)
  })
  socket.send('{"type":"connected"}')
})
server.on('listening', () => serveParent((server.address() as AddressInfo).port))
