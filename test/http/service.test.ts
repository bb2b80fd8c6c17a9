import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { signToken } from '../../src/auth/sign.ts'
import { type ProblemView, tokenOf } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { secret } from '../support/process.ts'
import { startRest } from '../support/rest.ts'
import { startService } from '../support/service.ts'
import { sendRaw } from './raw.ts'

const { call, root, group, service, close } = await startRest({
  CORS_ORIGINS: 'https://chat.example.com, null',
})
after(close)

/** As a browser asks for a page. */
const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

/** The log's lines of one request, parsed. */
const linesOf = (correlationId: string | null) =>
  service.logged
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line.correlation_id === correlationId)

describe('health', () => {
  test('tells the state of the service and of its store', async () => {
    const { status, body } = await root<Record<string, unknown>>('GET', '/health')
    assert.equal(status, 200)
    assert.deepEqual(body, {
      status: 'healthy',
      database: 'connected',
      version: body.version,
      uptime_seconds: body.uptime_seconds,
    })
    assert.match(String(body.version), /^\d+\.\d+\.\d+$/)
    assert.equal((await root('GET', '/livez')).status, 200)
    assert.equal((await root('GET', '/readyz')).status, 200)
  })
})

describe('the root', () => {
  test('is JSON for a program', async () => {
    const { body, headers } = await root<{ name: string; links: Record<string, string> }>('GET', '/')
    assert.equal(body.name, 'chat-api')
    assert.match(headers.get('vary') ?? '', /Accept/)
    for (const path of Object.values(body.links)) assert.notEqual((await root('GET', path)).status, 404, path)
  })

  test('is the page to chat on for a browser', async () => {
    const { text, headers } = await root('GET', '/', { headers: { accept } })
    assert.equal(headers.get('content-type'), 'text/html; charset=utf-8')
    assert.match(headers.get('vary') ?? '', /Accept, Origin/)
    assert.equal(text, (await root('GET', '/chat-ui')).text)
  })
})

describe('the OpenAPI document', () => {
  test('names what is answered that is no JSON', async () => {
    type Answers = Record<string, { content?: Record<string, unknown> }>
    const { body } = await root<{ paths: Record<string, { get: { responses: Answers } }> }>(
      'GET',
      '/openapi.json',
    )
    const types = (path: string, status: number) =>
      Object.keys(body.paths[path]?.get.responses[status]?.content ?? {})
    assert.deepEqual(types('/metrics', 200), ['text/plain', 'application/openmetrics-text'])
    assert.deepEqual(types('/dashboard', 401), ['text/html'])
    assert.deepEqual(types('/', 200), ['application/json', 'text/html'])
  })
})

describe('HEAD', () => {
  test('has the headers of GET, and no body', async () => {
    const { id } = await group('alice')
    for (const path of ['/groups', `/groups/${id}`, `/groups/${id}/messages`, `/groups/${'0'.repeat(24)}`]) {
      const get = await call('GET', path, { as: 'alice' })
      const head = await call('HEAD', path, { as: 'alice' })
      assert.equal(head.status, get.status)
      assert.equal(head.text, '')
      const fixed = ['content-type', 'cache-control', 'vary', 'referrer-policy']
      for (const name of fixed) assert.equal(head.headers.get(name), get.headers.get(name), name)
      assert.equal(head.headers.get('content-length'), String(Buffer.byteLength(get.text)))
    }
  })
})

describe('paths and methods', () => {
  test('what is nowhere is 404, with or without a token', async () => {
    for (const path of [
      '/nothing',
      '/api/chat',
      '/api/chat/',
      '/api/chat/groups//',
      '/api/chat/../health',
      '//',
    ])
      for (const as of ['alice', ''])
        assert.equal((await sendRaw(service.url, await rawGet(path, as))).status, 404, path)
  })

  test('a slash at the end makes no difference', async () => {
    assert.equal((await call('GET', '/groups/', { as: 'alice' })).status, 200)
    assert.equal((await root('GET', '/health/')).status, 200)
  })

  test('what is not percent-encoded is 400', async () => {
    for (const path of ['/%', '/%zz', '/api/chat/groups/%ff'])
      assert.equal((await sendRaw(service.url, await rawGet(path, 'alice'))).status, 400, path)
  })

  test('another method is 405 and tells which there are', async () => {
    for (const [method, path, allow] of [
      ['PATCH', '/groups', 'GET, HEAD, OPTIONS, POST'],
      ['POST', `/messages/${'0'.repeat(24)}`, 'DELETE, GET, HEAD, OPTIONS, PUT'],
      ['DELETE', `/groups/${'0'.repeat(24)}/events`, 'GET, HEAD, OPTIONS'],
    ] as const) {
      const { status, headers, body } = await call(method, path, { as: 'alice' })
      assert.deepEqual([status, headers.get('allow'), body.code], [405, allow, 'method_not_allowed'])
    }
  })

  test('OPTIONS tells the methods, without a token', async () => {
    const { status, headers, text } = await call('OPTIONS', '/groups')
    assert.deepEqual([status, headers.get('allow'), text], [204, 'GET, HEAD, OPTIONS, POST', ''])
    const all = await sendRaw(service.url, 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert.equal(all.status, 204)
  })
})

const rawGet = async (path: string, as: string) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    ...(as && [`Authorization: Bearer ${await tokenOf(as)}`]),
    'Connection: close',
    '\r\n',
  ].join('\r\n')

describe('tokens', () => {
  test('a missing token is asked for, a wrong one is called wrong', async () => {
    const ask = async (authorization?: string) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
      const answer = await call('GET', '/groups', { headers })
      return [answer.status, answer.headers.get('www-authenticate')]
    }
    const token = await tokenOf('alice')
    assert.deepEqual(await ask(), [401, 'Bearer'])
    const wrong = [401, 'Bearer error="invalid_token"']
    const expired = await signToken(secret, { sub: 'alice', ttlS: -60 })
    for (const each of [`Bearer ${token}x`, 'Bearer x.y.z', `Bearer ${expired}`, `Basic ${token}`, token])
      assert.deepEqual(await ask(each), wrong, each)
    for (const scheme of ['Bearer', 'bearer', 'BEARER', 'Bearer '])
      assert.deepEqual(await ask(`${scheme} ${token}`), [200, null])
  })

  test('a token in the query is none, and is in no log', async () => {
    const token = await tokenOf('alice')
    const { status, body } = await call('GET', `/groups?token=${token}`)
    assert.equal(status, 401)
    const [line] = linesOf(body.correlation_id)
    assert.equal(line?.path, '/api/chat/groups')
    assert.ok(!service.logged.some((each) => each.includes(token.slice(-20))))
  })
})

describe('CORS', () => {
  const from = (origin: string) => ({ headers: { origin }, as: 'alice' })

  test('a configured origin may read, another may not', async () => {
    for (const origin of ['https://chat.example.com', 'null']) {
      const { headers } = await call('GET', '/groups', from(origin))
      assert.equal(headers.get('access-control-allow-origin'), origin)
      const exposed = headers.get('access-control-expose-headers') ?? ''
      for (const name of ['X-Correlation-ID', 'Retry-After', 'Location', 'ETag', 'RateLimit-Policy'])
        assert.ok(exposed.includes(name))
      assert.equal(headers.get('vary'), 'Origin')
    }
    for (const origin of ['https://evil.example.com', 'https://chat.example.com.evil.com', '*', '']) {
      const { status, headers } = await call('GET', '/groups', from(origin))
      assert.equal(status, 200)
      assert.equal(headers.get('access-control-allow-origin'), null)
      assert.equal(headers.get('vary'), 'Origin')
    }
  })

  test('errors can be read too', async () => {
    const { headers } = await call('GET', '/groups/x', from('https://chat.example.com'))
    assert.equal(headers.get('access-control-allow-origin'), 'https://chat.example.com')
  })

  test('a preflight is answered everywhere, without a token', async () => {
    for (const path of ['/health', '/api/chat/groups', `/api/chat/messages/${'0'.repeat(24)}`, '/nothing']) {
      const { status, headers } = await root('OPTIONS', path, {
        headers: {
          origin: 'https://chat.example.com',
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'authorization, content-type',
        },
      })
      assert.equal(status, 204, path)
      assert.equal(headers.get('access-control-allow-origin'), 'https://chat.example.com')
      assert.match(headers.get('access-control-allow-methods') ?? '', /PUT/)
      assert.match(
        headers.get('access-control-allow-headers') ?? '',
        /Authorization.*Idempotency-Key, If-Match/,
      )
    }
  })
})

describe('what every answer carries', () => {
  test('headers that keep it from being kept or sniffed', async () => {
    for (const { headers } of [
      await call('GET', '/groups', { as: 'alice' }),
      await root('GET', '/nothing'),
    ]) {
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      assert.equal(headers.get('referrer-policy'), 'no-referrer')
    }
  })

  test("the client's correlation id, if it is sane, or one of ours", async () => {
    const ask = async (id: string) =>
      (await root('GET', '/livez', { headers: { 'x-correlation-id': id } })).headers.get('x-correlation-id')
    for (const id of ['a', 'A.b_c-9', 'x'.repeat(128)]) assert.equal(await ask(id), id)
    for (const id of ['x'.repeat(129), 'a b', 'a"b', 'ä', '{}', '']) {
      const made = await ask(id)
      assert.match(made ?? '', /^[0-9a-f-]{36}$/)
    }
  })

  test('a problem has the shape of RFC 9457, and a detail that is a string', async () => {
    const { headers, body } = await call<ProblemView>('GET', `/groups/${'0'.repeat(24)}`, { as: 'alice' })
    assert.equal(headers.get('content-type'), 'application/problem+json')
    assert.deepEqual(body, {
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'No such group.',
      code: 'not_found',
      correlation_id: headers.get('x-correlation-id'),
    })
  })
})

describe('the access log', () => {
  test('has one line for a request, with what one looks for', async () => {
    const { id } = await group('alice')
    const { headers } = await call('GET', `/groups/${id}`, { as: 'alice' })
    const lines = linesOf(headers.get('x-correlation-id'))
    assert.equal(lines.length, 1)
    const { timestamp, duration_ms, ...line } = lines[0] ?? {}
    assert.ok(Number(duration_ms) > 0)
    assert.ok(Date.parse(String(timestamp)))
    assert.deepEqual(line, {
      level: 'info',
      event: 'request',
      method: 'GET',
      path: `/api/chat/groups/${id}`,
      route: 'groups.read',
      status: 200,
      user_id: 'alice',
      address: '127.0.0.1',
      correlation_id: headers.get('x-correlation-id'),
      slow_request: false,
      very_slow_request: false,
    })
  })

  test('has a line when a socket opens and one when it ends, by the id of its request', async () => {
    const { id } = await group('alice')
    const headers = { 'x-correlation-id': 'socket-of-alice' }
    const socket = await service.socket('alice', `/ws/${id}`, { after: 'another.1.1', headers })
    await socket.next('resync')
    await socket.close()
    const lines = () => linesOf('socket-of-alice')
    await eventually('its end is told', () => lines().length >= 3)
    assert.deepEqual(
      lines().map(({ level, event, user_id, group_id, detail }) => [level, event, user_id, group_id, detail]),
      [
        ['debug', 'socket_joined', 'alice', id, undefined],
        ['info', 'socket_resync', 'alice', id, 'epoch'],
        ['info', 'socket_left', 'alice', id, '1005'],
      ],
    )
  })

  test('says of what was refused why, and who asked: of requests, upgrades and frames', async () => {
    const { id } = await group('alice')
    const headers = (correlationId: string) => ({ 'x-correlation-id': correlationId })
    const lineOf = (correlationId: string, event: string) => {
      const line = linesOf(correlationId).find((each) => each.event === event) ?? {}
      const { level, route, status, user_id, code, reason, type } = line
      return { level, route, status, user_id, code, reason, type }
    }
    await call('GET', `/groups/${id}`, { as: 'mallory', headers: headers('refused-request') })
    assert.deepEqual(lineOf('refused-request', 'request'), {
      level: 'info',
      route: 'groups.read',
      status: 403,
      user_id: 'mallory',
      code: 'forbidden',
      reason: 'You are not a member of this group.',
      type: undefined,
    })
    await assert.rejects(
      service.socket('mallory', `/ws/${id}`, { headers: headers('refused-upgrade') }),
      /403/,
    )
    assert.deepEqual(lineOf('refused-upgrade', 'request'), {
      level: 'info',
      route: 'websocket',
      status: 403,
      user_id: 'mallory',
      code: 'forbidden',
      reason: 'You are not a member of this group.',
      type: undefined,
    })
    const stale = service.socket('alice', `/ws/${id}`, { token: 'nonsense', headers: headers('bad-token') })
    await assert.rejects(stale, /401/)
    assert.deepEqual(lineOf('bad-token', 'request'), {
      level: 'info',
      route: 'websocket',
      status: 401,
      user_id: null,
      code: 'unauthenticated',
      reason: 'The token is not a JSON Web Token.',
      type: undefined,
    })
    const socket = await service.socket('alice', `/ws/${id}`, { headers: headers('refused-frame') })
    await socket.ask({ type: 'edit', message_id: '0'.repeat(24), content: 'x' })
    assert.deepEqual(lineOf('refused-frame', 'frame_refused'), {
      level: 'info',
      route: undefined,
      status: undefined,
      user_id: 'alice',
      code: 'not_found',
      reason: 'No such message.',
      type: 'edit',
    })
    for (let i = 0; i < 200; i++) await socket.ask({ type: 'edit', message_id: '0'.repeat(24), content: 'x' })
    const told = linesOf('refused-frame').filter(({ event }) => event === 'frame_refused').length
    assert.ok(told >= 60 && told < 100, `${told} of 201 refused frames are told`)
    await socket.close()
  })

  test('of the store has a line for each operation, with the request or socket that it was done for', async () => {
    await using logging = await startService({ LOG_SQL_QUERIES: 'true' })
    const alice = await logging.api('alice')
    const { id } = await alice.createGroup('a group', [])
    await alice.call('GET', `/groups/${id}`, { headers: { 'x-correlation-id': 'a-request' } })
    const headers = { 'x-correlation-id': 'a-socket' }
    const socket = await logging.socket('alice', `/ws/${id}`, { headers })
    await socket.ask({ type: 'message', content: 'text' })
    await socket.close()
    const operationsOf = (correlationId: string) =>
      logging.logged
        .map((line) => JSON.parse(line))
        .filter((line) => line.event === 'store_operation' && line.correlation_id === correlationId)
    assert.ok(operationsOf('a-request').some(({ operation }) => operation === 'groups.read'))
    const sends = operationsOf('a-socket').filter(({ operation }) => operation === 'messages.append')
    assert.deepEqual(
      sends.map(({ outcome }) => outcome),
      ['ok'],
    )
    assert.match(String(sends[0]?.duration_ms), /^\d+(\.\d{1,3})?$/)
  })

  test('stays on one line, whatever is asked for', async () => {
    const before = service.logged.length
    await sendRaw(service.url, await rawGet('/a%0d%0a%1b[31m', ''))
    assert.equal(service.logged.length, before + 1)
    assert.ok(!service.logged.at(-1)?.includes('\u001b'))
  })
})
