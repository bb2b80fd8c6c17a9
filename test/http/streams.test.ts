import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { ChatError } from '../../src/domain/errors.ts'
import { stream } from '../../src/http/body.ts'
import type { Reply } from '../../src/http/reply.ts'
import { publicRoute } from '../../src/http/route.ts'
import { eventually } from '../support/eventually.ts'
import { openRaw } from './raw.ts'
import { get, serve } from './serve.ts'

const KiB = 1024
const MiB = 1024 * KiB

const bytesReply = (body: NonNullable<Reply['body']>, length?: number): Reply => ({
  status: 200,
  type: 'application/octet-stream',
  body,
  ...(length !== undefined && { length }),
})

/** Gives zeros for as long as it is read, and says how much it gave. */
function endless() {
  const source = Object.assign(
    new Readable({
      read() {
        source.given += 64 * KiB
        this.push(Buffer.alloc(64 * KiB))
      },
    }),
    { given: 0 },
  )
  return source
}

/** A stream that gives what it is told to. */
const told = () => new Readable({ read() {} })

const ask = (path: string, version = '1.1') => `GET ${path} HTTP/${version}\r\nHost: x\r\n\r\n`

describe('a streamed answer', () => {
  test('comes whole, with its length or in chunks, from a stream or an iterable', async () => {
    const bytes = randomBytes(MiB)
    async function* lines() {
      yield '{"a":"ü"}\n'
      yield Buffer.from('{"b":1}\n')
    }
    await using service = await serve([
      get('/known', async () => bytesReply(Readable.from([bytes], { objectMode: false }), bytes.length)),
      get('/unknown', async () => bytesReply(Readable.from([bytes], { objectMode: false }))),
      get('/lines', async () => bytesReply(lines())),
      get('/empty', async () => bytesReply(Readable.from([]))),
      get('/nothing', async () => bytesReply(Readable.from([]), 0)),
    ])
    const fetched = async (path: string) => {
      const { headers, ...response } = await fetch(service.url + path).then(async (answer) => ({
        headers: answer.headers,
        bytes: Buffer.from(await answer.arrayBuffer()),
      }))
      return [headers.get('content-length'), headers.get('transfer-encoding'), response.bytes] as const
    }
    const known = await fetched('/known')
    assert.deepEqual(known.slice(0, 2), [String(MiB), null])
    assert.ok(known[2].equals(bytes))
    const unknown = await fetched('/unknown')
    assert.deepEqual(unknown.slice(0, 2), [null, 'chunked'])
    assert.ok(unknown[2].equals(bytes))
    assert.equal((await fetched('/lines'))[2].toString(), '{"a":"ü"}\n{"b":1}\n')
    assert.deepEqual(await fetched('/empty'), [null, 'chunked', Buffer.alloc(0)])
    assert.deepEqual(await fetched('/nothing'), ['0', null, Buffer.alloc(0)])
    assert.ok(service.logged('request').every(({ status, level }) => status === 200 && level === 'info'))
  })

  test('has the headers of any other, and leaves the connection as it was', async () => {
    const stops = told()
    await using service = await serve([get('/file', async () => bytesReply(stops, 2))])
    const connection = await openRaw(service.url)
    connection.write(ask('/file') + ask('/nowhere'))
    stops.push('hi')
    stops.push(null)
    const text = await connection.until((all) => all.includes('404'))
    assert.match(text, /^HTTP\/1\.1 200 OK\r\n/)
    assert.match(text, /\r\n\r\nhiHTTP\/1\.1 404/)
    for (const header of ['X-Content-Type-Options: nosniff', 'X-Correlation-ID: ', 'Cache-Control: no-store'])
      assert.ok(text.includes(header), header)
    connection.socket.destroy()
  })

  test('is made no faster than it is read, and ends when the client leaves: 499', async () => {
    const source = endless()
    await using service = await serve([get('/endless', async () => bytesReply(source))])
    const connection = await openRaw(service.url)
    connection.socket.pause()
    connection.write(ask('/endless'))
    let [last, looks] = [0, 0]
    await eventually('no more is made', () => {
      looks = source.given > 0 && source.given === last ? looks + 1 : 0
      last = source.given
      return looks === 10
    })
    assert.ok(source.given < 16 * MiB, `${source.given} bytes were made`)
    assert.equal(service.logged('request').length, 0, 'it is not over')
    connection.socket.destroy()
    await eventually('it is destroyed', () => source.destroyed)
    await eventually('it is logged', () => service.logged('request').length === 1)
    assert.equal(service.logged('request')[0]?.status, 499)
    assert.deepEqual(service.logged('request_failed'), [])
  })

  test('of an iterable ends too when the client leaves, and when it waits for its first bytes', async () => {
    let isOver = false
    async function* endlessly() {
      try {
        for (;;) yield Buffer.alloc(64 * KiB)
      } finally {
        isOver = true
      }
    }
    const waiting = told()
    await using service = await serve([
      get('/iterable', async () => bytesReply(endlessly())),
      get('/waiting', async () => bytesReply(waiting)),
    ])
    const reader = await openRaw(service.url)
    reader.write(ask('/iterable'))
    await reader.until((text) => text.length > MiB)
    reader.socket.destroy()
    await eventually('it is over', () => isOver)
    const waiter = await openRaw(service.url)
    waiter.write(ask('/waiting'))
    await eventually('it is read', () => waiting.readableFlowing === true)
    waiter.socket.destroy()
    await eventually('it is destroyed', () => waiting.destroyed)
    await eventually('both are logged', () => service.logged('request').length === 2)
  })

  test('is not read at all for who has gone, nor for HEAD, which tells the length', async () => {
    const [entered, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const [late, asked] = [endless(), endless()]
    asked._destroy = (_error, done) => done(new Error('it could not be closed'))
    await using service = await serve([
      get('/late', async () => {
        entered.resolve()
        await release.promise
        return bytesReply(late)
      }),
      get('/file', async () => bytesReply(asked, 5_000)),
      get('/next', async () => bytesReply(Readable.from([]))),
    ])
    const connection = await openRaw(service.url)
    connection.write(ask('/late'))
    await entered.promise
    connection.socket.resetAndDestroy()
    // By the time that this is answered the reset was seen.
    await fetch(`${service.url}/next`)
    release.resolve()
    await eventually('it is destroyed', () => late.destroyed)
    assert.equal(late.given, 0)

    const answer = await fetch(`${service.url}/file`, { method: 'HEAD' })
    assert.deepEqual([answer.status, answer.headers.get('content-length')], [200, '5000'])
    assert.deepEqual([asked.destroyed, asked.given], [true, 0])
  })

  test('is logged when it is over, and what the client took is no part of how long it took', async () => {
    const source = told()
    await using service = await serve([
      publicRoute({
        method: 'POST',
        path: '/echo',
        name: 'echo',
        about: '',
        body: stream(),
        answers: {},
        errors: [],
        async handle({ body }) {
          service.pass(2_000)
          for await (const chunk of body.content) source.push(chunk)
          service.pass(30)
          return bytesReply(source)
        },
      }),
    ])
    const connection = await openRaw(service.url)
    connection.write('POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\necho')
    await connection.until((text) => text.includes('echo'))
    assert.deepEqual(service.logged('request'), [])
    service.pass(5_000)
    source.push(null)
    await connection.ended
    await eventually('it is logged', () => service.logged('request').length === 1)
    const [line] = service.logged('request')
    assert.deepEqual(
      [line?.status, line?.receive_ms, line?.duration_ms, line?.send_ms, line?.slow_request],
      [200, 2_000, 30, 5_000, false],
    )
    assert.equal(service.finished[0]?.durationMs, 30)
  })
})

describe('a streamed answer that fails', () => {
  test('before its first bytes is answered as any other failure', async () => {
    await using service = await serve([
      get('/broken', async () => {
        const source = told()
        setImmediate(() => source.destroy(new Error('ENOENT: /var/data')))
        return bytesReply(source, 10)
      }),
      get('/away', async () =>
        bytesReply(
          // biome-ignore lint/correctness/useYield: it fails first
          (async function* () {
            throw new ChatError('unavailable', 'Away.')
          })(),
        ),
      ),
      get('/closed', async () => bytesReply(told().destroy())),
      get('/short', async () => bytesReply(Readable.from([]), 10)),
    ])
    for (const [path, status] of [
      ['/broken', 500],
      ['/away', 503],
      ['/closed', 500],
      ['/short', 500],
    ] as const) {
      const answer = await fetch(service.url + path)
      const problem = (await answer.json()) as Record<string, unknown>
      assert.deepEqual([answer.status, problem.status], [status, status], path)
      assert.equal(answer.headers.get('content-type'), 'application/problem+json')
    }
    assert.match(JSON.stringify(service.logged('request_failed')[0]?.error), /ENOENT/)
  })

  test('half-way cuts the connection, so that nobody takes a part for all, and is logged', async () => {
    const failing = () => {
      const source = told()
      source.push('part')
      setImmediate(() => source.destroy(new Error('the disk is broken')))
      return source
    }
    const tooLong = () => Readable.from([Buffer.from('part'), Buffer.from('part')], { objectMode: false })
    await using service = await serve([
      get('/length', async () => bytesReply(failing(), 100)),
      get('/chunks', async () => bytesReply(failing())),
      get('/short', async () => bytesReply(tooLong(), 100)),
      get('/long', async () => bytesReply(tooLong(), 6)),
    ])
    for (const path of ['/length', '/chunks', '/short', '/long'])
      await assert.rejects(
        fetch(service.url + path).then((answer) => answer.text()),
        path,
      )
    await eventually('all are logged', () => service.logged('request').length === 4)
    assert.deepEqual(
      service.logged('request').map(({ status, code, level }) => [status, code, level]),
      Array(4).fill([500, 'internal', 'error']),
    )
    assert.equal(service.logged('request_failed').length, 4)
    assert.match(JSON.stringify(service.logged('request_failed')), /the disk is broken/)
  })

  test('half-way resets a client of HTTP/1.0, to whom an end is the end of the body', async () => {
    const sources = [told(), told()]
    await using service = await serve([
      get('/broken', async () => bytesReply(sources[0] ?? assert.fail())),
      get('/whole', async () => bytesReply(sources[1] ?? assert.fail())),
    ])
    const { hostname, port } = new URL(service.url)
    const read = (path: string, onData: () => void) => {
      const socket = connect(Number(port), hostname)
      socket.on('data', onData)
      socket.write(ask(path, '1.0'))
      return new Promise((resolve) => {
        socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code))
        socket.on('close', () => resolve('a clean end'))
      })
    }
    for (const source of sources) source.push('part')
    assert.equal(await read('/broken', () => sources[0]?.destroy(new Error('broken'))), 'ECONNRESET')
    assert.equal(await read('/whole', () => sources[1]?.push(null)), 'a clean end')
  })
})

describe('closing', () => {
  test('lets a streamed answer end, within its time', async () => {
    const source = told()
    const service = await serve([get('/file', async () => bytesReply(source))])
    const connection = await openRaw(service.url)
    connection.write(ask('/file'))
    source.push('begun')
    await connection.until((text) => text.includes('begun'))
    const closed = service.server.close(10_000)
    source.push('ended')
    source.push(null)
    assert.match(await connection.ended, /ended\r\n0\r\n\r\n$/)
    await closed
    assert.equal(service.logged('request')[0]?.status, 200)
  })

  test('cuts off at the deadline one that does not', async () => {
    const source = told()
    const service = await serve([get('/file', async () => bytesReply(source))])
    const connection = await openRaw(service.url)
    connection.write(ask('/file'))
    source.push('begun')
    await connection.until((text) => text.includes('begun'))
    await service.server.close(50)
    await connection.ended
    await eventually('it is destroyed', () => source.destroyed)
    assert.equal(service.logged('request')[0]?.status, 499)
  })
})

test('a connection that stands still is cut off, though it reads its answer as a stream', async () => {
  const source = endless()
  await using service = await serve([get('/endless', async () => bytesReply(source))], {
    headersMs: 60_000,
    bodyMs: 60_000,
    stallMs: 200,
  })
  const connection = await openRaw(service.url)
  connection.socket.pause()
  connection.write(ask('/endless'))
  await eventually('it is destroyed', () => source.destroyed)
  assert.equal(service.logged('request')[0]?.status, 499)
  connection.socket.destroy()
})

test('a file of many megabytes comes as it is', async () => {
  const piece = randomBytes(MiB)
  const hash = createHash('sha256')
  for (let i = 0; i < 64; i++) hash.update(piece)
  await using service = await serve([
    get('/file', async () =>
      bytesReply(Readable.from(Array(64).fill(piece), { objectMode: false }), 64 * MiB),
    ),
  ])
  const received = createHash('sha256')
  for await (const chunk of (await fetch(`${service.url}/file`)).body ?? []) received.update(chunk)
  assert.equal(received.digest('hex'), hash.digest('hex'))
})
