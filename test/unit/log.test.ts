import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createLog, type Level } from '../../src/observe/log.ts'
import { redact } from '../../src/observe/redact.ts'

const at = Date.parse('2026-01-01T00:00:00Z')

function setUp(format: 'json' | 'pretty' = 'json', level: Level = 'debug') {
  const writes: string[] = []
  const log = createLog({ level, format, now: () => at, write: (lines) => writes.push(lines) })
  return { log, writes }
}

/** The one line that the fields make. */
function lineOf(fields: Record<string, unknown>, format: 'json' | 'pretty' = 'json'): string {
  const { log, writes } = setUp(format)
  log.error('it_happened', fields)
  log.flush()
  return writes.join('')
}

test('a line is compact JSON: level, event, timestamp, then the fields', () => {
  assert.equal(
    lineOf({ status: 500, slow_request: true, missing: undefined }),
    '{"level":"error","event":"it_happened","timestamp":"2026-01-01T00:00:00.000Z","status":500,"slow_request":true}\n',
  )
})

test('no field stands in for level, event or timestamp', () => {
  const line = JSON.parse(lineOf({ level: 'debug', event: 'nothing', timestamp: 0, more: 1 }))
  assert.deepEqual(line, {
    level: 'error',
    event: 'it_happened',
    timestamp: '2026-01-01T00:00:00.000Z',
    more: 1,
  })
})

test('a child adds its fields to every line', () => {
  const { log, writes } = setUp()
  log.child({ correlation_id: 'abc' }).child({ user_id: 'alice' }).info('seen', { n: 1 })
  log.flush()
  const { level, correlation_id, user_id, n } = JSON.parse(writes[0] ?? '')
  assert.deepEqual(
    { level, correlation_id, user_id, n },
    { level: 'info', correlation_id: 'abc', user_id: 'alice', n: 1 },
  )
})

test('levels below the chosen one are left out', () => {
  const { log, writes } = setUp('json', 'warning')
  for (const level of ['debug', 'info', 'warn', 'error', 'critical'] as const) log[level]('seen')
  log.flush()
  const written = writes
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).level)
  assert.deepEqual(written, ['warning', 'error', 'critical'])
})

test('the lines of one turn are written together, at its end', async () => {
  const { log, writes } = setUp()
  log.info('one')
  log.info('two')
  assert.equal(writes.length, 0)
  await new Promise(setImmediate)
  assert.equal(writes.length, 1)
  assert.equal(writes[0]?.split('\n').length, 3)
})

test('flush writes at once what was gathered, and only once', async () => {
  const { log, writes } = setUp()
  log.critical('last_words')
  log.flush()
  log.flush()
  assert.equal(writes.length, 1)
  await new Promise(setImmediate)
  assert.equal(writes.length, 1)
})

test('a turn that logs much does not pile it up', () => {
  const { log, writes } = setUp()
  for (let n = 0; n < 2_000; n++) log.info('much', { text: 'x'.repeat(100) })
  assert.ok(writes.length > 1)
})

test('a broken pipe does not reach the caller', () => {
  const log = createLog({
    level: 'info',
    format: 'json',
    write() {
      throw new Error('EPIPE')
    },
  })
  log.info('unread')
  assert.doesNotThrow(() => log.flush())
})

for (const format of ['json', 'pretty'] as const)
  test(`what controls a terminal or ends a line stays escaped, ${format}`, () => {
    const hostile = 'a\r\nb\u001b[31mc\u0000d\u007fe\u009b2Jf\u2028g\u202eh\u{e0001}i'
    const line = lineOf({ path: hostile, error: new Error(hostile), deep: { [hostile]: [hostile] } }, format)
    assert.match(line, /^[^\p{Cc}\p{Cf}\u2028\u2029]+\n$/u)
    if (format === 'json') assert.equal(JSON.parse(line).path, hostile)
  })

test('errors bring their stack and cause at error level, less below', () => {
  const { log, writes } = setUp()
  const error = Object.assign(new Error('outer', { cause: new TypeError('inner') }), { code: 'E_OUTER' })
  log.error('failed', { error })
  log.warn('failed', { error })
  log.flush()
  const [full, brief] = writes
    .join('')
    .split('\n')
    .slice(0, 2)
    .map((line) => JSON.parse(line).error)
  assert.match(full.stack, /^Error: outer\n {4}at /)
  assert.match(full.cause.stack, /^TypeError: inner\n/)
  assert.deepEqual(brief, {
    name: 'Error',
    message: 'outer',
    code: 'E_OUTER',
    cause: { name: 'TypeError', message: 'inner' },
  })
})

test('odd values are written, not thrown at the caller', () => {
  const circle: Record<string, unknown> = {
    n: 10n,
    at: new Date(at),
    never: new Date(Number.NaN),
    nan: Number.NaN,
    sign: Symbol('s'),
  }
  circle.self = circle
  const { n, nan, never, sign } = JSON.parse(lineOf({ circle })).circle
  assert.deepEqual([n, nan, never, sign], ['10', null, null, 'Symbol(s)'])
})

test('whatever the fields are, the line is the JSON of them, redacted', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"', '\\', 'Bearer hunter2hunter2', 'https://user:hunter2@host/', '', ' '),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.string()),
  )
  const name = fc.oneof(fc.string(), fc.constantFrom('token', 'path', 'event'))
  fc.assert(
    fc.property(fc.dictionary(name, value), (fields) => {
      const { level, event, timestamp, ...rest } = JSON.parse(lineOf(fields))
      assert.deepEqual([level, event, timestamp], ['error', 'it_happened', '2026-01-01T00:00:00.000Z'])
      const {
        level: _,
        event: __,
        timestamp: ___,
        ...wanted
      } = redact(fields, true) as Record<string, unknown>
      assert.deepEqual(rest, JSON.parse(JSON.stringify(wanted)))
    }),
  )
})

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl-x_y'
const leaks: Record<string, Record<string, unknown>> = {
  'a token field': { token: 'hunter2' },
  'an access token': { body: { access_token: 'hunter2', nested: [{ refreshToken: 'hunter2' }] } },
  'a password': { password: 'hunter2', user: { newPasswd: 'hunter2' } },
  'secrets in a list': { secrets: ['hunter2'] },
  'request headers': {
    headers: {
      Authorization: 'Basic hunter2',
      cookie: 'sid=hunter2',
      'set-cookie': ['sid=hunter2'],
      'x-api-key': 'hunter2',
    },
  },
  'a header in a text': { text: 'GET / Authorization: Basic hunter2' },
  'a cookie in a text': { text: 'Cookie: a=1; sid=hunter2' },
  'a bearer token in a text': { text: 'got Bearer hunter2hunter2' },
  'a subprotocol': { protocol: 'chat.v1, bearer.hunter2' },
  'a query string': { url: '/api/chat/ws?after=1&token=hunter2&x=1' },
  'an upper-case query': { url: '/ws?ACCESS_TOKEN=hunter2' },
  'JSON in a text': { text: '{"password": "hunter2","n":1}' },
  'a database URL': { text: 'cannot reach mongodb://joe:hunter2@db:27017/chat' },
  'a raw @ in a password': { text: 'mongodb+srv://joe:p@hunter2@db/chat' },
  'an error': { error: new Error('bad token=hunter2', { cause: new Error('password=hunter2') }) },
  'a JWT by itself': { path: `/x/${jwt}` },
  'a JWT in an error': { error: new Error(`cannot parse "${jwt}"`) },
}

for (const [what, fields] of Object.entries(leaks))
  for (const format of ['json', 'pretty'] as const)
    test(`no secret is written: ${what}, ${format}`, () => {
      const line = lineOf(fields, format)
      assert.ok(!line.includes('hunter2'), line)
      assert.ok(!line.includes('eyJ') && !line.includes('c2lnbmF0dXJl'), line)
      assert.ok(line.includes('[redacted]'), line)
    })

test('what is no secret stays', () => {
  const fields = {
    path: '/api/chat/groups?page=2',
    token_count: 3,
    cookie: null,
    url: 'http://127.0.0.1:8001/a@b',
    tokens: true,
  }
  const { level: _, event: __, timestamp: ___, ...rest } = JSON.parse(lineOf(fields))
  assert.deepEqual(rest, fields)
})

test('a very long text is cut', () => {
  assert.ok(lineOf({ text: 'x'.repeat(1_000_000) }).length < 9_000)
})
