import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Type } from 'typebox'
import { ChatError } from '../../src/domain/errors.ts'
import { json } from '../../src/http/body.ts'
import { jsonReply } from '../../src/http/reply.ts'
import { publicRoute, userRoute } from '../../src/http/route.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { createLog } from '../../src/observe/log.ts'
import { eventually } from '../support/eventually.ts'
import { ratesFor } from '../support/rates.ts'
import { openRaw, parseRaw, sendRaw } from './raw.ts'
import { get, serve } from './serve.ts'

/** A promise to be settled from outside. */
const gate = () => Promise.withResolvers<void>()

describe('failures', () => {
  test('one that nobody foresaw is a plain 500, and a line in the log that tells all', async () => {
    await using service = await serve([
      get('/broken', () => Promise.reject(new TypeError('the inside: table users, /etc/chat'))),
    ])
    const response = await fetch(`${service.url}/broken`)
    const text = await response.text()
    assert.equal(response.status, 500)
    assert.doesNotMatch(text, /inside|TypeError|users|\.ts/)
    const problem = JSON.parse(text) as Record<string, unknown>
    assert.equal(problem.code, 'internal')
    const [line] = service.logged('request_failed')
    assert.equal(line?.level, 'error')
    assert.equal(line?.correlation_id, problem.correlation_id)
    assert.match(JSON.stringify(line?.error), /the inside.*server\.test\.ts/)
  })

  test('a store that is away is 503 with the time to come back, one that is full is 507', async () => {
    await using service = await serve([
      get('/away', () => Promise.reject(new ChatError('unavailable', 'Away.'))),
      get('/soon', () => Promise.reject(new ChatError('unavailable', 'Away.', { retryAfterMs: 1_001 }))),
      get('/full', () => Promise.reject(new ChatError('storage_full', 'Full.'))),
      get('/keys', () =>
        Promise.reject(new ChatError('unavailable', 'No keys.', { cause: new Error('404') })),
      ),
    ])
    const ask = async (path: string) => {
      const { status, headers } = await fetch(service.url + path)
      return [status, headers.get('retry-after')]
    }
    assert.deepEqual(await ask('/away'), [503, '5'])
    assert.deepEqual(await ask('/soon'), [503, '2'])
    assert.deepEqual(await ask('/full'), [507, null])
    await ask('/keys')
    assert.deepEqual(
      service.logged('request').map(({ level, code, reason }) => [level, code, reason]),
      [
        ['error', 'unavailable', 'Away.'],
        ['error', 'unavailable', 'Away.'],
        ['error', 'storage_full', 'Full.'],
        ['error', 'unavailable', 'No keys.'],
      ],
    )
    const last = service.logged('request_refused').at(-1)
    assert.deepEqual([last?.reason, last?.cause], ['No keys.', { name: 'Error', message: '404' }])
  })

  test('before there are routes, what is not there yet is 503', async () => {
    const server = createHttpServer({
      config: { host: '127.0.0.1', port: 0, corsOrigins: [], maxBody: 1_024 },
      routes: [get('/livez', async () => jsonReply(200, {}))],
      verify: () => Promise.reject(new ChatError('unauthenticated', 'nobody')),
      rates: ratesFor(),
      addressOf: () => '',
      log: createLog({ level: 'critical', format: 'json', write: () => {} }),
      upgrade: (_request, socket) => void socket.destroy(),
    })
    const url = await server.listen()
    const status = async (path: string) => (await fetch(url + path)).status
    assert.deepEqual([await status('/livez'), await status('/later')], [200, 503])
    server.serve([get('/later', async () => jsonReply(200, {}))])
    assert.deepEqual([await status('/livez'), await status('/later')], [404, 200])
    await server.close(0)
  })

  test('a port that is taken is refused', async () => {
    await using first = await serve([])
    const { port } = new URL(first.url)
    const lines: string[] = []
    const log = createLog({ level: 'debug', format: 'json', write: (text) => lines.push(text) })
    const second = createHttpServer({
      config: { host: '127.0.0.1', port: Number(port), corsOrigins: [], maxBody: 1_024 },
      routes: [],
      verify: () => Promise.reject(new ChatError('unauthenticated', 'nobody')),
      rates: ratesFor(),
      addressOf: () => '',
      log,
      upgrade: (_request, socket) => void socket.destroy(),
    })
    await assert.rejects(second.listen(), { code: 'EADDRINUSE' })
    log.flush()
    assert.deepEqual(lines, [], 'that is for the caller to tell')
  })
})

describe('what is reported', () => {
  test('a slow request is marked, a very slow one doubly', async () => {
    let service: Awaited<ReturnType<typeof serve>> | undefined
    const taking = (ms: number) =>
      get(`/takes-${ms}`, async () => {
        service?.pass(ms)
        return jsonReply(200, {})
      })
    service = await serve([taking(1_000), taking(1_001), taking(5_001)])
    for (const ms of [1_000, 1_001, 5_001]) await fetch(`${service.url}/takes-${ms}`)
    assert.deepEqual(
      service
        .logged('request')
        .map((line) => [line.level, line.duration_ms, line.slow_request, line.very_slow_request]),
      [
        ['info', 1_000, false, false],
        ['warning', 1_001, true, false],
        ['warning', 5_001, true, true],
      ],
    )
    await service.server.close(0)
  })

  test('every request is reported once, by the name of its route', async () => {
    await using service = await serve([get('/here', async () => jsonReply(200, {}))])
    await fetch(`${service.url}/here?secret=1`)
    await fetch(`${service.url}/nowhere`)
    assert.deepEqual(
      service.finished.map(({ method, path, route, status }) => [method, path, route, status]),
      [
        ['GET', '/here', 'here', 200],
        ['GET', '/nowhere', null, 404],
      ],
    )
  })
})

describe('patience', () => {
  test('a header that does not end is 408, and so is a body', async () => {
    const body = publicRoute({
      method: 'POST',
      path: '/body',
      name: 'body',
      about: '',
      body: json(Type.Object({})),
      answers: {},
      errors: [],
      handle: () => jsonReply(200, {}),
    })
    await using service = await serve([body], { headersMs: 100, bodyMs: 200, stallMs: 60_000 })
    const post = 'POST /body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
    for (const text of [post, `${post}Content-Length: 10\r\n\r\n{`, 'G']) {
      const answer = await sendRaw(service.url, text)
      assert.deepEqual([answer.status, answer.body.code], [408, 'timeout'], text)
    }
  })
})

test('a client that goes while its token is checked leaves nothing behind', async () => {
  const [asked, checked] = [gate(), gate()]
  const route = userRoute('', {
    method: 'POST',
    path: '/body',
    name: 'body',
    about: '',
    answers: {},
    errors: [],
    body: json(Type.Object({})),
    handle: async () => jsonReply(200, {}),
  })
  await using service = await serve(
    [route, get('/livez', async () => jsonReply(200, {}))],
    undefined,
    async () => {
      asked.resolve()
      await checked.promise
      return { userId: 'ann', admin: false, expiresAt: Number.POSITIVE_INFINITY }
    },
  )
  const connection = await openRaw(service.url)
  const head =
    'POST /body HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Type: application/json\r\n'
  connection.write(`${head}Content-Length: 10\r\n\r\n{`)
  await asked.promise
  connection.socket.resetAndDestroy()
  // By the time that this is answered the reset was seen.
  await fetch(`${service.url}/livez`)
  checked.resolve()
  await eventually('it is logged', () => service.logged('request').some(({ status }) => status === 499))
})

describe('closing', () => {
  test('ends what is under way, closes what is idle, takes nothing new', async () => {
    const [entered, release] = [gate(), gate()]
    const service = await serve([
      get('/slow', async () => {
        entered.resolve()
        await release.promise
        return jsonReply(200, { done: true })
      }),
      get('/quick', async () => jsonReply(200, {})),
    ])
    const idle = await openRaw(service.url)
    idle.write('GET /quick HTTP/1.1\r\nHost: x\r\n\r\n')
    await idle.until((text) => text.endsWith('{}'))
    const busy = await openRaw(service.url)
    busy.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
    await entered.promise

    const closed = service.server.close(10_000)
    await idle.ended
    await assert.rejects(fetch(`${service.url}/quick`))
    release.resolve()
    const answer = parseRaw(await busy.ended)
    assert.deepEqual([answer.status, answer.body], [200, { done: true }])
    assert.equal(answer.headers.get('connection'), 'close')
    await closed
  })

  test('cuts off at the deadline what does not end by itself', async () => {
    const entered = gate()
    const service = await serve([
      get('/never', () => {
        entered.resolve()
        return new Promise<never>(() => {})
      }),
    ])
    const stuck = await openRaw(service.url)
    stuck.write('GET /never HTTP/1.1\r\nHost: x\r\n\r\n')
    const half = await openRaw(service.url)
    half.write('GET /ne')
    await entered.promise
    await service.server.close(50)
    assert.equal(await stuck.ended, '')
    await half.ended
  })
})
