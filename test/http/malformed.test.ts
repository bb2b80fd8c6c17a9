import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { tokenOf } from '../support/api.ts'
import { startRest } from '../support/rest.ts'
import { openRaw, sendRaw } from './raw.ts'

const { service, close } = await startRest()
after(close)

const get = (...fields: string[]) =>
  ['GET /livez HTTP/1.1', ...fields, 'Connection: close', '\r\n'].join('\r\n')
const host = 'Host: localhost'

const table: [why: string, request: string, status: number, code: string][] = [
  ['no HTTP at all', 'hello\r\n\r\n', 400, 'malformed'],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'malformed'],
  ['a length and chunks', get(host, 'Content-Length: 3', 'Transfer-Encoding: chunked'), 400, 'malformed'],
  ['chunks and a length', get(host, 'Transfer-Encoding: chunked', 'Content-Length: 3'), 400, 'malformed'],
  ['two lengths', get(host, 'Content-Length: 3', 'Content-Length: 4'), 400, 'malformed'],
  ['the same length twice', get(host, 'Content-Length: 3', 'Content-Length: 3'), 400, 'malformed'],
  ['no length', get(host, 'Content-Length: x'), 400, 'malformed'],
  ['a negative length', get(host, 'Content-Length: -1'), 400, 'malformed'],
  ['a folded header', get(host, 'X-A: b', ' c'), 400, 'malformed'],
  ['a space before the colon', get(host, 'X-A : b'), 400, 'malformed'],
  ['a NUL in a header', get(host, 'X-A: \0'), 400, 'malformed'],
  ['a bare LF', get(host, 'X-A: b\nX-B: c'), 400, 'malformed'],
  ['no Host', get(), 400, 'malformed'],
  ['two Hosts', get(host, 'Host: elsewhere'), 400, 'malformed'],
  ['an unknown version', 'GET / HTTP/3.0\r\n\r\n', 400, 'malformed'],
  ['a header too long', get(host, `X-A: ${'a'.repeat(17_000)}`), 431, 'headers_too_large'],
  ['a URL too long', `GET /${'a'.repeat(17_000)} HTTP/1.1\r\n\r\n`, 431, 'headers_too_large'],
  [
    '1,200 headers',
    get(host, ...Array.from({ length: 1_200 }, (_, i) => `h${i}: 1`)),
    431,
    'headers_too_large',
  ],
  ['101 headers', get(host, ...Array.from({ length: 99 }, (_, i) => `h${i}: 1`)), 431, 'headers_too_large'],
]

for (const [why, request, status, code] of table)
  test(`${why}: ${status}`, async () => {
    const answer = await sendRaw(service.url, request)
    assert.deepEqual([answer.status, answer.body.code, answer.body.status], [status, code, status])
    assert.equal(answer.headers.get('content-type'), 'application/problem+json')
    assert.equal(answer.headers.get('x-correlation-id'), answer.body.correlation_id)
    assert.equal(answer.headers.get('connection'), 'close')
  })

test('100 headers are fine', async () => {
  const request = get(host, ...Array.from({ length: 98 }, (_, i) => `h${i}: 1`))
  assert.equal((await sendRaw(service.url, request)).status, 200)
})

test('chunks that are none are 400', async () => {
  const head = `POST /api/chat/groups HTTP/1.1\r\n${host}\r\nAuthorization: Bearer ${await tokenOf('alice')}`
  const answer = await sendRaw(
    service.url,
    `${head}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
  )
  assert.deepEqual([answer.status, answer.body.code], [400, 'malformed'])
})

test('an absolute URL is as good as its path', async () => {
  for (const [url, name] of [
    ['http://elsewhere/livez?x', undefined],
    ['http://elsewhere', 'chat-api'],
  ]) {
    const request = `GET ${url} HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`
    const answer = await sendRaw(service.url, request)
    assert.deepEqual([answer.status, answer.body.name], [200, name])
  }
})

test('requests sent at once are answered one after the other', async () => {
  const connection = await openRaw(service.url)
  const one = (path: string, close = '') => `GET ${path} HTTP/1.1\r\n${host}\r\n${close}\r\n`
  connection.write(one('/livez') + one('/nothing') + one('/readyz', 'Connection: close\r\n'))
  const statuses = [...(await connection.ended).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
  assert.deepEqual(statuses, ['200', '404', '200'])
})

test('an upgrade to anything but WebSocket is served as if it were not offered', async () => {
  const answer = await sendRaw(service.url, get(host, 'Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings'))
  assert.equal(answer.status, 200)
})

test('a reset in the middle of a header harms nobody', async () => {
  for (let i = 0; i < 20; i++) {
    const connection = await openRaw(service.url)
    connection.write('GET /livez HTTP/1.1\r\nHos')
    connection.socket.resetAndDestroy()
    await connection.ended
  }
  assert.equal((await sendRaw(service.url, get(host))).status, 200)
})

test('nothing of the above was a failure of ours', async () => {
  assert.deepEqual(
    service.logged.filter((line) => line.includes('"level":"error"')),
    [],
  )
})
