import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { tokenOf } from '../support/api.ts'
import { startRest } from '../support/rest.ts'
import { openRaw, parseRaw, sendRaw } from './raw.ts'

const { call, service, close } = await startRest()
after(close)

const limit = 192 * 1024
const post = (raw: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  call('POST', '/groups', { as: 'alice', raw, headers })

/** A group whose JSON has exactly this many bytes. */
const ofLength = (bytes: number) => {
  const empty = JSON.stringify({ name: 'n', ignored: '' })
  return JSON.stringify({ name: 'n', ignored: 'x'.repeat(bytes - empty.length) })
}

/** The head of a POST to the groups, by hand. */
const head = async (...fields: string[]) =>
  [
    'POST /api/chat/groups HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${await tokenOf('alice')}`,
    'Content-Type: application/json',
    ...fields,
    '\r\n',
  ].join('\r\n')

test('what is not JSON is 400', async () => {
  for (const raw of [
    '{',
    '',
    '{"name":}',
    "{'name':'n'}",
    'undefined',
    '\ufeff{"name":"n"}',
    '{"name":"n"} x',
  ])
    assert.equal((await post(raw)).status, 400, raw)
})

test('what is not UTF-8 is 400', async () => {
  const bytes = (...values: number[]) =>
    Uint8Array.from([...Buffer.from('{"name":"'), ...values, ...Buffer.from('"}')])
  assert.equal((await post(bytes(0xc3, 0xa9))).status, 201)
  for (const values of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xc3], [0xf4, 0x90, 0x80, 0x80]])
    assert.equal((await post(bytes(...values))).status, 400, String(values))
})

test('what is not sent as JSON is 415', async () => {
  const ok = '{"name":"n"}'
  const table: [string, number][] = [
    ['application/json', 201],
    ['application/json; charset=utf-8', 201],
    ['Application/JSON;charset="UTF-8"', 201],
    ['application/json; charset=latin1', 415],
    ['application/json; charset=utf-16', 415],
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application/jsonp', 415],
    ['', 415],
  ]
  for (const [type, status] of table)
    assert.equal((await post(ok, { 'content-type': type })).status, status, type)
})

test('a compressed body is 415', async () => {
  for (const encoding of ['gzip', 'br', 'deflate', 'gzip, identity'])
    assert.equal(
      (await post(new Uint8Array(gzipSync('{"name":"n"}')), { 'content-encoding': encoding })).status,
      415,
    )
  assert.equal((await post('{"name":"n"}', { 'content-encoding': 'identity' })).status, 201)
})

test('a body at the limit is taken, a byte more is 413', async () => {
  assert.equal((await post(ofLength(limit))).status, 201)
  const { status, body, headers } = await post(ofLength(limit + 1))
  assert.deepEqual([status, body.code], [413, 'too_large'])
  assert.equal(headers.get('connection'), 'close')
})

test('a body whose length is only found out is held to the same limit', async () => {
  for (const [bytes, status] of [
    [limit, 201],
    [limit + 1, 413],
    [1024 * 1024 + 1, 413],
  ] as const) {
    const connection = await openRaw(service.url)
    connection.write(await head('Transfer-Encoding: chunked', 'Connection: close'))
    connection.write(`${bytes.toString(16)}\r\n${ofLength(bytes)}\r\n0\r\n\r\n`)
    assert.equal(parseRaw(await connection.ended).status, status, String(bytes))
  }
})

test('who sends without end gets an answer and an end', async () => {
  const connection = await openRaw(service.url)
  connection.write(await head('Transfer-Encoding: chunked'))
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
  const pour = () => {
    while (!connection.socket.destroyed && connection.socket.write(chunk));
  }
  connection.socket.on('drain', pour)
  pour()
  assert.equal(parseRaw(await connection.until((text) => text.includes('}'))).status, 413)
  await connection.ended
})

test('a client that asks first is told to go on, or why not', async () => {
  const body = '{"name":"asked first"}'
  const connection = await openRaw(service.url)
  connection.write(await head(`Content-Length: ${body.length}`, 'Expect: 100-continue', 'Connection: close'))
  await connection.until((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n')
  connection.write(body)
  assert.equal(parseRaw(await connection.ended).status, 201)

  const tooLarge = await sendRaw(
    service.url,
    await head(`Content-Length: ${limit + 1}`, 'Expect: 100-continue'),
  )
  assert.equal(tooLarge.status, 413)
  const other = await sendRaw(
    service.url,
    await head('Content-Length: 2', 'Expect: 200-ok', 'Connection: close'),
  )
  assert.deepEqual([other.status, other.body.code], [417, 'expectation_failed'])
})

test('a client that goes away in the middle harms nobody', async () => {
  for (const leave of ['destroy', 'resetAndDestroy', 'end'] as const) {
    const connection = await openRaw(service.url)
    connection.write(await head('Content-Length: 1000', `X-Correlation-ID: gone-${leave}`))
    connection.write('{"name":')
    await call('GET', '/groups', { as: 'alice' })
    connection.socket[leave]()
    await connection.ended
  }
  assert.equal((await call('GET', '/groups', { as: 'alice' })).status, 200)
  const gone = service.logged.filter((line) => line.includes('"gone-') && line.includes('"status":499'))
  assert.equal(gone.length, 3)
  assert.ok(!service.logged.some((line) => line.includes('request_failed')))
})

test('a body that nobody asked for is passed over', async () => {
  const connection = await openRaw(service.url)
  const get = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n'
  connection.write(`${get}Content-Length: 5\r\n\r\nabcde${get}Connection: close\r\n\r\n`)
  assert.equal((await connection.ended).match(/HTTP\/1\.1 200/g)?.length, 2)
})
