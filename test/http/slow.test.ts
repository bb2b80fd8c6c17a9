import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { Type } from 'typebox'
import { json } from '../../src/http/body.ts'
import { jsonReply } from '../../src/http/reply.ts'
import { publicRoute } from '../../src/http/route.ts'
import { get, serve } from './serve.ts'

/** Comes in on a connection of its own with the beginning of a request, then trickles as long as it may. */
function trickle(url: string, begin: string, drop: string): Promise<void> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {}) // cut off is what it should be
  socket.resume()
  socket.write(begin)
  const timer = setInterval(() => socket.write(drop), 20)
  return new Promise((resolve) => {
    socket.on('close', () => {
      clearInterval(timer)
      resolve()
    })
  })
}

test('200 headers and 200 bodies that never end, and 50 answers that nobody reads, are cut off; the others are served', async () => {
  const patience = { headersMs: 2_000, bodyMs: 3_000, stallMs: 3_000 }
  const big = Buffer.alloc(8 * 1024 * 1024)
  const unread: Promise<void>[] = []
  await using service = await serve(
    [
      get('/health', async () => jsonReply(200, {})),
      // Told by our end of the connection: who does not read does not notice either.
      get('/big', async ({ request }) => {
        unread.push(new Promise((resolve) => request.socket.once('close', () => resolve())))
        return { status: 200, type: 'application/octet-stream', body: big }
      }),
      publicRoute({
        method: 'POST',
        path: '/body',
        name: 'body',
        about: '',
        answers: {},
        errors: [],
        body: json(Type.Object({})),
        handle: () => jsonReply(200, {}),
      }),
    ],
    patience,
  )
  const { hostname, port } = new URL(service.url)
  const post =
    'POST /body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n'
  const readers: Socket[] = []
  const attacks: Promise<void>[] = []
  for (let i = 0; i < 200; i++) {
    attacks.push(trickle(service.url, 'GET /health HTTP/1.1\r\nHost: x\r\n', 'X-More: 1\r\n'))
    attacks.push(trickle(service.url, post, ' '))
  }
  for (let i = 0; i < 50; i++) {
    const reader = connect(Number(port), hostname)
    reader.on('error', () => {})
    reader.pause()
    reader.write('GET /big HTTP/1.1\r\nHost: x\r\n\r\n')
    readers.push(reader)
  }

  let over = false
  const cutOff = Promise.all(attacks).then(() => {
    over = true
  })
  let served = 0
  for (; !over || unread.length < 50; served++)
    assert.equal((await fetch(`${service.url}/health`)).status, 200)
  await Promise.all([cutOff, ...unread])
  assert.ok(served > 0)
  for (const reader of readers) reader.destroy()
})
