import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { ClientSocket } from '../../src/ws/client-socket.ts'
import { textFrame } from '../../src/ws/frame.ts'
import { maskedFrame } from '../bench/load-frames.ts'
import { eventually } from '../support/eventually.ts'

/** A server's line to a client of `ws`, which refuses whatever RFC 6455 forbids; with the options of the gateway. */
async function connect(maxBuffer: number) {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: false,
    autoPong: false,
    WebSocket: ClientSocket,
  })
  await once(server, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const heard: string[] = []
  client.on('message', (data) => heard.push(String(data)))
  client.on('ping', (data) => heard.push(`ping ${data}`))
  const closed = once(client, 'close') as Promise<[number, Buffer]>
  const [line, request] = (await once(server, 'connection')) as [ClientSocket, { socket: Socket }]
  await once(client, 'open')
  line.attach(request.socket, maxBuffer)
  return { line, tcp: request.socket, client, heard, closed, [Symbol.dispose]: () => void server.close() }
}

test("frames written beside ws's own pings and close arrive whole and in order, however the peer reads", async () => {
  using at = await connect(2 ** 30)
  const expected: string[] = []
  at.client.pause()
  for (let i = 0; i < 2_000; i++) {
    // Of each size of header, several in one write, not in ASCII only.
    const texts = [`${i} ü€😀`, 'y'.repeat(125 + (i % 3)), ...(i % 100 ? [] : ['z'.repeat(65_535 + (i % 3))])]
    at.line.write(Buffer.concat(texts.map(textFrame)))
    expected.push(...texts)
    if (i % 7 === 0) {
      at.line.ping(`${i}`)
      expected.push(`ping ${i}`)
    }
    if (i === 1_000) at.client.resume()
    if (i % 500 === 0) await new Promise(setImmediate)
  }
  await at.line.drained()
  at.line.close(1012, 'restart')
  at.line.write(textFrame('too late'))
  const [code, reason] = await at.closed
  assert.deepEqual([code, String(reason)], [1012, 'restart'])
  assert.deepEqual(at.heard, expected)
})

test('a peer that reads too slowly is closed with 4002 after what was written, and gets no more', async () => {
  using at = await connect(100_000)
  at.client.pause()
  const frame = textFrame('x'.repeat(50_000))
  let written = 0
  for (; at.line.isOpen; written++) at.line.write(frame)
  assert.equal(at.line.wasSlow, true)
  at.line.write(frame)
  at.client.resume()
  const [code] = await at.closed
  assert.equal(code, 4002)
  assert.equal(at.heard.length, written)
})

test('a silent peer is pinged at each interval, one that answers stays, one that does not is cut off', async () => {
  using at = await connect(100_000)
  const patience = { turnMs: 1_000, pingIntervalMs: 3_000, idleTimeoutMs: 7_000 }
  const turns = (count: number) => {
    for (let i = 0; i < count; i++) at.line.beat(patience)
  }
  for (let i = 0; i < 3; i++) {
    const pong = once(at.line, 'pong')
    turns(3)
    await pong
    assert.equal(at.heard.length, i + 1)
  }
  at.client.pause()
  turns(6)
  assert.equal(at.line.isOpen, true)
  turns(1)
  assert.equal(at.line.isOpen, false)
  at.client.resume()
  const [code] = await at.closed
  assert.ok(code === 4003 || code === 1006, `closed with ${code}`)
  assert.ok(at.heard.length <= 5)
})

test('who sends a long message bit by bit is not silent', async () => {
  using at = await connect(100_000)
  const patience = { turnMs: 1_000, pingIntervalMs: 3_000, idleTimeoutMs: 7_000 }
  at.client.pause()
  const { _socket: socket } = at.client as unknown as { _socket: Socket }
  const start = maskedFrame('x'.repeat(60))
  for (const byte of start.subarray(0, 10)) {
    const before = at.tcp.bytesRead
    socket.write(Buffer.from([byte]))
    await eventually('the byte is read', () => at.tcp.bytesRead > before)
    for (let i = 0; i < 3; i++) at.line.beat(patience)
    assert.equal(at.line.isOpen, true)
  }
  at.line.terminate()
})
