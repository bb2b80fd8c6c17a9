import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { tokenFor } from '../support/process.ts'
import { startService, type TestService } from '../support/service.ts'
import type { TestSocket } from '../support/socket.ts'

let service: TestService
before(async () => {
  service = await startService({ WS_MAX_BUFFER: '64 KiB' })
})
after(() => service[Symbol.asyncDispose]())

/** A TCP connection that asks for an upgrade, and leaves the rest to the test. */
async function rawUpgrade(path: string, { base } = service): Promise<Socket> {
  const { port, pathname } = new URL(base + path)
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => {}) // resets are what is tested
  await once(socket, 'connect')
  socket.write(
    `GET ${pathname}?token=${await tokenFor('bob')} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  )
  return socket
}

const answers = async (socket: TestSocket) =>
  assert.equal((await socket.ask({ type: 'ping' })).type, 'pong', 'the others go on')

test('200 clients that stop reading are closed one by one; the others hear everything, and memory stays bounded', {
  timeout: 120_000,
}, async () => {
  const names = Array.from({ length: 200 }, (_, i) => `stuck${i}`)
  const { path } = await service.group('alice', 'bob', ...names)
  const [sender, listener] = await Promise.all([service.socket('alice', path), service.socket('bob', path)])
  const stuck = await Promise.all(names.map((name) => service.socket(name, path)))
  for (const { ws } of stuck) ws.pause()
  const before = process.memoryUsage().arrayBuffers
  const content = 'x'.repeat(10_000)
  // 10 MB for each: more than the system itself buffers for a connection.
  const sent = 1_000
  await sender.next((frame) => frame.connection_count === 202)
  // Left over are alice and one of bob's. Who was closed has 5 s to read what was written before.
  const allGone = new Promise<void>((resolve) => {
    sender.ws.on('message', (data) => {
      if ((JSON.parse(String(data)) as { connection_count?: number }).connection_count === 2) resolve()
    })
  })
  let peak = 0
  for (let i = 0; i < sent; i++) {
    await sender.ask({ type: 'message', content })
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before)
  }
  await allGone
  await listener.next((frame) => (frame.message as { seq?: number } | undefined)?.seq === sent)
  const seqs = listener.frames.flatMap((frame) =>
    frame.type === 'new_message' ? [(frame.message as { seq: number }).seq] : [],
  )
  assert.deepEqual(
    seqs,
    Array.from({ length: sent }, (_, i) => i + 1),
  )
  // Shared buffers, and what the test's own clients hold: never 200 times what was sent.
  assert.ok(peak < 100 * 1_024 * 1_024, `${peak} bytes were held`)
  const codes = await Promise.all(
    stuck.map(async ({ ws, closed }) => {
      ws.resume()
      return (await closed).code
    }),
  )
  for (const code of codes) assert.ok(code === 4002 || code === 1006, `closed with ${code}`)
  await Promise.all([sender.close(), listener.close()])
})

describe('frames', () => {
  test('200,000 empty fragments end the socket, and nothing else', async () => {
    const { path } = await service.group('alice', 'bob')
    const other = await service.socket('alice', path)
    const socket = await rawUpgrade(path)
    const closed = once(socket, 'close')
    socket.resume()
    const first = Buffer.from([0x01, 0x80, 0, 0, 0, 0])
    const next = Buffer.from([0x00, 0x80, 0, 0, 0, 0])
    socket.write(Buffer.concat([first, ...Array.from({ length: 200_000 }, () => next)]))
    await closed
    await answers(other)
    await other.close()
  })

  test('a frame of the greatest size is read, one byte more closes with 1009', async () => {
    const { path } = await service.group('alice', 'bob')
    const socket = await service.socket('bob', path)
    socket.ws.send('x'.repeat(192 * 1_024))
    assert.equal((await socket.next('error')).code, 'malformed')
    socket.ws.send('x'.repeat(192 * 1_024 + 1))
    assert.equal((await socket.closed).code, 1009)
  })

  test('1,000 typings at once are told once, and the socket stays', async () => {
    const { path } = await service.group('alice', 'bob')
    const [one, two] = await Promise.all([service.socket('alice', path), service.socket('bob', path)])
    for (let i = 0; i < 1_000; i++) one.send({ type: 'typing' })
    await answers(one)
    await answers(two)
    assert.equal(two.frames.filter(({ type }) => type === 'typing').length, 1)
    await Promise.all([one.close(), two.close()])
  })
})

test('a connection that is reset while it is upgraded leaves nothing behind', async () => {
  const { path } = await service.group('alice', 'bob')
  const other = await service.socket('alice', path)
  for (let i = 0; i < 50; i++) {
    const socket = await rawUpgrade(path)
    // At once, in the middle of the token's check, or after the first frame.
    if (i % 3) await new Promise(setImmediate)
    if (i % 3 === 2) await once(socket, 'data')
    socket.resetAndDestroy()
  }
  await other.next((frame) => frame.type === 'user_left' && frame.connection_count === 1)
  await answers(other)
  await other.close()
})

test('a peer that answers no ping is cut off, one that does stays', async () => {
  await using impatient = await startService({ WS_PING_INTERVAL: '1s', WS_IDLE_TIMEOUT: '3s' })
  const alice = await impatient.api('alice')
  const { id } = await alice.createGroup('a group', ['bob'])
  const alive = await impatient.socket('alice', `/ws/${id}`)
  const pinged = once(alive.ws, 'ping')
  const silent = await rawUpgrade(`/ws/${id}`, impatient)
  const cutOff = once(silent, 'close')
  silent.resume()
  await alive.next('user_joined')
  await pinged
  await cutOff
  await alive.next('user_left')
  await answers(alive)
  await alive.close()
})
