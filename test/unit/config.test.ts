import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ConfigError, describeConfig, readConfig, settings } from '../../src/config.ts'
import { defaultWebhookTypes } from '../../src/domain/webhook.ts'
import { strangeVariables } from '../../src/strange-variables.ts'

const strong = 'Yk3vQ8xw2mN7pR4tZ9bL6cH1dF5gJ0sA'

function mistakesIn(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.mistakes
  }
  return []
}

test('an empty environment gives a frozen development configuration', () => {
  const config = readConfig({})
  assert.equal(config.host, '127.0.0.1')
  assert.equal(config.port, 8001)
  assert.equal(config.apiPrefix, '/api/chat')
  assert.deepEqual(config.corsOrigins, ['http://localhost:3000', 'http://localhost:8000', 'null'])
  assert.equal(config.jwtSecret, null)
  assert.equal(config.mongodbUrl, null)
  assert.equal(config.wsMaxFrame, 196_608)
  assert.equal(config.shutdownTimeout, 10_000)
  assert.equal(config.logJsonFormat, false)
  assert.ok(Object.isFrozen(config))
})

test('production listens everywhere, logs JSON and leaves out the origin null', () => {
  const config = readConfig({ ENVIRONMENT: 'production', JWT_SECRET: strong })
  assert.equal(config.host, '0.0.0.0')
  assert.equal(config.logJsonFormat, true)
  assert.deepEqual(config.corsOrigins, ['http://localhost:3000', 'http://localhost:8000'])
})

test('DEBUG lowers the log level unless one is given', () => {
  assert.equal(readConfig({ DEBUG: 'true' }).logLevel, 'DEBUG')
  assert.equal(readConfig({ DEBUG: 'true', LOG_LEVEL: 'error' }).logLevel, 'ERROR')
})

test('dialects are on in development and off in production, unless they are named', () => {
  assert.deepEqual(readConfig({}).dialects, ['rooms'])
  const production = { ENVIRONMENT: 'production', JWT_SECRET: strong }
  assert.deepEqual(readConfig(production).dialects, [])
  for (const DIALECTS of ['all', 'ALL', 'rooms', '["rooms"]', 'rooms, rooms'])
    assert.deepEqual(readConfig({ ...production, DIALECTS }).dialects, ['rooms'])
  for (const DIALECTS of ['none', '[]']) assert.deepEqual(readConfig({ DIALECTS }).dialects, [])
  assert.deepEqual(mistakesIn({ DIALECTS: 'rooms, tea' }), [
    'DIALECTS: "rooms, tea" must be all, none, or values between commas out of rooms. Example: DIALECTS=all',
  ])
})

test('a prefix whose paths a dialect has goes without that dialect only', () => {
  for (const API_PREFIX of ['/chat', '/chat/messages', '/chat/ws']) {
    const [mistake = '', ...others] = mistakesIn({ API_PREFIX })
    assert.match(mistake, /^API_PREFIX: "\/chat.*rooms.* Example: API_PREFIX=\/api\/chat$/)
    assert.deepEqual(others, [])
    assert.equal(readConfig({ API_PREFIX, DIALECTS: 'none' }).apiPrefix, API_PREFIX)
  }
  for (const API_PREFIX of ['/api', '/chats', '/chat/v1', '/chat-ui'])
    assert.deepEqual(mistakesIn({ API_PREFIX }), [])
})

test('an empty variable counts as left out', () => {
  assert.deepEqual(readConfig({ PORT: '', JWT_SECRET: '', METRICS_PORT: ' ' }), readConfig({}))
})

for (const [env, key, expected] of [
  [{ SHUTDOWN_TIMEOUT: '2.5' }, 'shutdownTimeout', 2_500],
  [{ SHUTDOWN_TIMEOUT: '500ms' }, 'shutdownTimeout', 500],
  [{ WS_IDLE_TIMEOUT: '5 m' }, 'wsIdleTimeout', 300_000],
  [{ MAX_BODY: '2MiB' }, 'maxBody', 2_097_152],
  [{ MAX_BODY: '4096' }, 'maxBody', 4_096],
  [
    { CORS_ORIGINS: '["https://a.example", "http://b:81/"]' },
    'corsOrigins',
    ['https://a.example', 'http://b:81'],
  ],
  [{ CORS_ORIGINS: 'https://a.example/,null' }, 'corsOrigins', ['https://a.example', 'null']],
  [{ CORS_ORIGINS: '[]' }, 'corsOrigins', []],
  [{ LOG_LEVEL: 'warning' }, 'logLevel', 'WARNING'],
  [{ LOG_SQL_QUERIES: 'yes' }, 'logSqlQueries', true],
] as const)
  test(`${JSON.stringify(env)} is read as ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(readConfig(env)[key], expected)
  })

test('variables that look like ours and are not are found, others are left alone', () => {
  const env = {
    CHATAPI_PORT: '1',
    CHAT_API_COLOUR: '1',
    JWT_SECRT: '1',
    DATA_DRI: '1',
    LOG_LEVELS: '1',
    API_PREFLX: '1',
    PORT: '1',
    JWT_SECRET_FILE: 'x',
    PATH: '/bin',
    HOME: '/',
    POST: '1',
    HOSTS: '1',
    MONGODB_URI_OLD: '1',
  }
  assert.deepEqual(strangeVariables(env), [
    { name: 'CHATAPI_PORT', meant: 'PORT' },
    { name: 'CHAT_API_COLOUR', meant: null },
    { name: 'JWT_SECRT', meant: 'JWT_SECRET' },
    { name: 'DATA_DRI', meant: 'DATA_DIR' },
    { name: 'LOG_LEVELS', meant: 'LOG_LEVEL' },
    { name: 'API_PREFLX', meant: 'API_PREFIX' },
  ])
})

test('every mistake is reported at once, with its name, its problem and an example', () => {
  const mistakes = mistakesIn({
    ENVIRONMENT: 'staging',
    PORT: '80a',
    MAX_BODY: '1 parsec',
    API_PREFIX: 'chat/',
    CORS_ORIGINS: '[1]',
    JWT_JWKS_URL: 'ftp://keys',
    JWT_ALGORITHMS: 'none',
    DEBUG: 'maybe',
    MONGODB_URL: 'postgres://joe:hunter2@db',
    WS_PING_INTERVAL: '2m',
  })
  const names = mistakes.map((each) => each.split(':')[0])
  assert.deepEqual(names.toSorted(), [
    'API_PREFIX',
    'CORS_ORIGINS',
    'DEBUG',
    'ENVIRONMENT',
    'JWT_ALGORITHMS',
    'JWT_JWKS_URL',
    'MAX_BODY',
    'MONGODB_URL',
    'PORT',
    'WS_IDLE_TIMEOUT',
  ])
  assert.ok(mistakes.every((each) => / Example: [A-Z_]+=./.test(each)))
  assert.ok(mistakes.includes('PORT: "80a" must be a whole number from 0 to 65535. Example: PORT=8001'))
  assert.ok(!mistakes.join().includes('hunter2'), 'a secret is never quoted')
})

test('the example of a mistake is itself accepted', () => {
  for (const { name, kind, example } of Object.values(settings))
    if (example !== undefined) assert.doesNotThrow(() => kind.read(example), name)
})

test('a receiver of webhooks is https or private, and has a key that both know', () => {
  const key = { WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 7).toString('base64')}` }
  const url = (WEBHOOK_URL: string) => mistakesIn({ WEBHOOK_URL, ...key })
  for (const good of [
    'https://example.com/hooks',
    'http://localhost:9/hooks',
    'http://gateway:8080/',
    'http://push.internal/',
    'http://10.1.2.3/',
    'http://[fd00::1]/',
  ])
    assert.deepEqual(url(good), [], good)
  for (const bad of [
    'http://example.com/',
    'http://8.8.8.8/',
    'http://[2606:4700::1]/',
    'ftp://example.com/',
    'x',
  ])
    assert.match(url(bad)[0] ?? '', /^WEBHOOK_URL: /, bad)
  assert.match(mistakesIn({ WEBHOOK_URL: 'https://example.com/' })[0] ?? '', /^WEBHOOK_SECRET: is needed/)
  for (const WEBHOOK_SECRET of ['secret', 'whsec_c2hvcnQ=', `whsec_${Buffer.alloc(65).toString('base64')}`])
    assert.match(mistakesIn({ WEBHOOK_SECRET })[0] ?? '', /^WEBHOOK_SECRET: must be 24 to 64 bytes/)
  assert.deepEqual(mistakesIn({ WEBHOOK_EVENTS: settings.webhookEvents.kind.show(defaultWebhookTypes) }), [])
  assert.match(
    mistakesIn({ WEBHOOK_EVENTS: 'new_message, birthdays' })[0] ?? '',
    /^WEBHOOK_EVENTS: .*one of new_message/,
  )
})

test('production refuses to start without a key, or with a weak secret', () => {
  const production = (env: Record<string, string>) => mistakesIn({ ENVIRONMENT: 'production', ...env })
  assert.match(production({})[0] ?? '', /^JWT_SECRET: production needs it/)
  assert.match(production({ JWT_SECRET: 'x'.repeat(31) })[0] ?? '', /^JWT_SECRET: has 31 bytes/)
  assert.match(production({ JWT_SECRET: 'your-secret-key-change-in-production' })[0] ?? '', /default/)
  assert.match(production({ JWT_SECRET: 'a'.repeat(40) })[0] ?? '', /too few different/)
  assert.match(
    production({ JWT_SECRET: strong, JWT_PREVIOUS_SECRET: 'old' })[0] ?? '',
    /^JWT_PREVIOUS_SECRET/,
  )
  assert.deepEqual(production({ JWT_SECRET: strong }), [])
  assert.deepEqual(production({ JWT_JWKS_URL: 'https://auth.example/jwks' }), [])
  assert.deepEqual(production({ JWT_SECRET: 'short', ALLOW_WEAK_JWT_SECRET: 'true' }), [])
  assert.deepEqual(mistakesIn({ JWT_SECRET: 'short' }), [], 'development takes any')
})

test('algorithms that no given key fits are a mistake', () => {
  assert.match(mistakesIn({ JWT_ALGORITHMS: 'RS256' })[0] ?? '', /^JWT_ALGORITHMS: none of them fits/)
  assert.match(mistakesIn({ JWT_ALGORITHMS: '[]' })[0] ?? '', /^JWT_ALGORITHMS/)
})

test('a secret may come from a file, without its line end, but not twice', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chat-api-config-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'jwt')
  writeFileSync(file, `${strong}\n`)
  assert.equal(readConfig({ JWT_SECRET_FILE: file }).jwtSecret, strong)
  assert.match(mistakesIn({ JWT_SECRET_FILE: file, JWT_SECRET: strong })[0] ?? '', /given twice/)
  assert.match(mistakesIn({ MONGODB_URL_FILE: join(folder, 'none') })[0] ?? '', /cannot be read.*ENOENT/)
})

test('the description masks secrets and the password inside MONGODB_URL', () => {
  const description = describeConfig(
    readConfig({ JWT_SECRET: strong, MONGODB_URL: 'mongodb://joe:p@ss@a,b/?replicaSet=rs0', PORT: '80' }),
  )
  assert.ok(!description.includes(strong))
  assert.ok(!description.includes('p@ss'))
  assert.match(description, /^MONGODB_URL=mongodb:\/\/joe:\*{8}@a,b\/\?replicaSet=rs0 {2}# set$/m)
  const url = 'mongodb://a/?tls=true&tlsCertificateKeyFilePassword=hunter2&appName=x'
  assert.match(describeConfig(readConfig({ MONGODB_URL: url })), /Password=\*{8}&appName=x {2}# set$/m)
  assert.match(description, /^PORT=80 {2}# set$/m)
  assert.match(description, /^HOST=127\.0\.0\.1$/m)
})

test('.env.example names every setting with its default, and nothing else', () => {
  const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')
  const lines = [...example.matchAll(/^# ([A-Z_]+=.*)$/gm)].map(([, line]) => line)
  assert.deepEqual(lines.toSorted(), describeConfig(readConfig({})).split('\n').toSorted())
})
