import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { exportJWK, generateKeyPair } from 'jose'
import { ofSkew } from '../../src/store/mongo/inspect.ts'
import { mountSmallDisk, noSmallDisk } from '../store/tmpfs.ts'
import { apiOf } from '../support/api.ts'
import { builtFile, freePort, secret, spawnService, temporaryFolder, tokenFor } from '../support/process.ts'
import { startReceiver } from '../support/receiver.ts'
import { newDatabaseEnv } from '../support/service.ts'

/** A secret that looks like one. */
const strong = 'x7Kq2mZ9vT4pL8wR1nB6cD3fG5hJ0sYaUeIoQ=='

/** Runs a command of the built file: its exit code, and its lines by what they are about. */
async function run(args: string[], env: Record<string, string>, cwd: string) {
  const child = spawn(process.execPath, [builtFile, ...args], {
    cwd,
    env: { PATH: process.env.PATH, DATA_DIR: cwd, JWT_SECRET: strong, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  const line = (what: string) => out.split('\n').find((each) => each.slice(6).startsWith(what)) ?? ''
  return { code: child.exitCode, out, err, line }
}

async function listening<S extends Server>(server: S): Promise<{ port: number } & AsyncDisposable> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}

test('doctor: all well, with nothing made or changed', async () => {
  using folder = temporaryFolder()
  const env = { PORT: String(await freePort()), DATA_DIR: `${folder.path}/data`, WS_MAX_CONNECTIONS: '100' }
  const { code, out, line } = await run(['doctor'], env, folder.path)
  assert.equal(code, 0, out)
  assert.match(line('JWT_SECRET'), /^ok/)
  assert.match(line('users'), /^ok.*register and log in here.*beside them.*JWT_SECRET/)
  assert.match(line('data folder'), /^ok.*will be made/)
  assert.match(line('disk'), /GB free/)
  assert.match(line(`port ${env.PORT}`), /^ok.*free/)
  assert.match(line('open files'), /^ok/)
  assert.equal((await run(['doctor'], env, folder.path)).line('data folder'), line('data folder'))
})

test('doctor: a receiver of webhooks that answers, and one that does not', async () => {
  using folder = temporaryFolder()
  await using receiver = await startReceiver()
  const env = { PORT: String(await freePort()), ...receiver.env }
  assert.match((await run(['doctor'], env, folder.path)).line('WEBHOOK_URL'), /^ok.*answers/)
  assert.deepEqual(receiver.received, [])
  const away = { ...env, WEBHOOK_URL: `http://127.0.0.1:${await freePort()}` }
  const { code, line } = await run(['doctor'], away, folder.path)
  assert.match(line('WEBHOOK_URL'), /^warn.*can't be reached/)
  assert.equal(code, 0)
})

test('doctor: push messages to browsers, by a key that is one, and erasures that are not over', async () => {
  using folder = temporaryFolder()
  const env = { PORT: String(await freePort()), PUSH_CONTACT: 'mailto:ops@example.com' }
  const none = await run(['doctor'], { PORT: env.PORT }, folder.path)
  assert.equal(none.line('push'), '')
  assert.match((await run(['doctor'], env, folder.path)).line('push'), /^ok.*the store keeps/)
  const wrong = { ...env, VAPID_PRIVATE_KEY: Buffer.alloc(32).toString('base64url') }
  const { code, line } = await run(['doctor'], wrong, folder.path)
  assert.match(line('push'), /^fail.*no private key/)
  assert.equal(code, 1)

  const service = await spawnService(folder.path)
  await service.end('SIGTERM')
  assert.match((await run(['doctor'], env, folder.path)).line('erasures'), /^ok.*none/)
  const db = new DatabaseSync(join(folder.path, 'chat.db'))
  db.exec("INSERT INTO erasures VALUES ('key', 'alias', '{}', 1, 'eve', 'root')")
  db.close()
  assert.match((await run(['doctor'], env, folder.path)).line('erasures'), /^warn.*1 are not over/)
})

test('doctor: data that other users of the machine could read is a warning', async () => {
  using folder = temporaryFolder()
  const env = { PORT: String(await freePort()) }
  assert.match((await run(['doctor'], env, folder.path)).line('data folder'), /^ok/)
  chmodSync(folder.path, 0o755)
  const { code, line } = await run(['doctor'], env, folder.path)
  assert.match(line('data folder'), /^warn.*other users.*chmod go= \//)
  assert.equal(code, 0)
})

test('doctor: a disk that is nearly full is a failure, one with little room a warning', async (t) => {
  using folder = temporaryFolder()
  for (const [size, level] of [
    [3, 'fail'],
    [500, 'warn'],
  ] as const) {
    const disk = mountSmallDisk(size)
    if (!disk) return t.skip(noSmallDisk)
    try {
      const env = { PORT: String(await freePort()), DATA_DIR: disk.dir }
      const { code, line } = await run(['doctor'], env, folder.path)
      assert.match(line('disk'), new RegExp(`^${level}.*little.*507`))
      assert.equal(code, level === 'fail' ? 1 : 0)
    } finally {
      disk.remove()
    }
  }
})

test('doctor: how far the clocks may be apart, either way', () => {
  const levels = [0, 999, 1_000, 9_999, 10_000].map((skew) => [ofSkew(skew).level, ofSkew(-skew).level])
  assert.deepEqual(
    levels,
    ['ok', 'ok', 'warn', 'warn', 'fail'].map((level) => [level, level]),
  )
  assert.match(ofSkew(-20_000).text, /20000 ms behind the database's.*NTP/)
})

test('doctor: a weak secret, an open dashboard, too few files, a port in use', async () => {
  using folder = temporaryFolder()
  await using other = await listening(createServer((socket) => socket.destroy()))
  const env = {
    PORT: String(other.port),
    ENVIRONMENT: 'production',
    HOST: '127.0.0.1',
    JWT_SECRET: 'change-me',
    ALLOW_WEAK_JWT_SECRET: 'true',
    WS_MAX_CONNECTIONS: '1000000',
  }
  const guessable = await run(['doctor'], { ...env, DASHBOARD_TOKEN: 'letmein' }, folder.path)
  assert.match(guessable.line('DASHBOARD_TOKEN'), /^warn.*7 characters/)
  const { code, line } = await run(['doctor'], env, folder.path)
  assert.equal(code, 1)
  assert.match(line('JWT_SECRET'), /^warn.*9 bytes.*openssl rand/)
  assert.match(line('dashboard'), /^warn.*DASHBOARD_TOKEN/)
  assert.match(line('open files'), /^warn.*1000200/)
  assert.match(line(`port ${other.port}`), /^fail.*another program/)
})

test('doctor: a configuration that can not be read', async () => {
  using folder = temporaryFolder()
  const { code, out } = await run(['doctor'], { PORT: 'x', LOG_LEVEL: 'loud' }, folder.path)
  assert.equal(code, 78)
  assert.match(out, /^fail {2}settings .*PORT: "x"/m)
  assert.match(out, /^fail {2}settings .*LOG_LEVEL: "loud"/m)
})

test('doctor: a data folder that can not be used', {
  skip: process.getuid?.() === 0 && 'root may write anywhere',
}, async () => {
  using folder = temporaryFolder()
  chmodSync(folder.path, 0o500)
  const { code, line } = await run(['doctor'], {}, folder.path)
  assert.equal(code, 1)
  assert.match(line('data folder'), /^fail.*can't be written/)
})

test('doctor: why exactly a token is refused', async () => {
  using folder = temporaryFolder()
  const env = { PORT: String(await freePort()), JWT_SECRET: secret }
  const told = async (token: string, more: Record<string, string> = {}) =>
    (await run(['doctor', '--token', token], { ...env, ...more }, folder.path)).line('token')
  const onlyKeys = { JWT_SECRET: '', JWT_JWKS_URL: 'http://127.0.0.1:1/keys', JWT_ALGORITHMS: 'RS256' }
  const good = await tokenFor('ann', { scope: 'chat:admin' })
  assert.match(await told(good), /^ok.*it is ann's, with chat:admin, and ends in 60 minutes/)
  assert.match(
    await told(await tokenFor('ann', { ttlS: -3_600 * 5 })),
    /^fail.*expired.*It ended 5 hours ago \(2/,
  )
  assert.match(
    await told(good, { JWT_SECRET: strong }),
    /^fail.*signature.*another key than ours: JWT_SECRET is set/,
  )
  assert.match(
    await told(good, { JWT_ISSUER: 'https://auth' }),
    /^fail.*issuer.*JWT_ISSUER is "https:\/\/auth"/,
  )
  assert.match(await told(good, { JWT_AUDIENCE: 'chat' }), /^fail.*audience.*JWT_AUDIENCE is "chat"/)
  assert.match(await told(good, onlyKeys), /^fail.*"HS256"; JWT_ALGORITHMS is RS256/)
  assert.match(await told('nonsense'), /^fail.*not a JSON Web Token/)
})

test("doctor: the auth-api's keys, there, missing and away", async () => {
  using folder = temporaryFolder()
  const { publicKey } = await generateKeyPair('ES256')
  let keys: unknown[] = [await exportJWK(publicKey)]
  await using issuer = await listening(
    createHttpServer((_, response) => response.end(JSON.stringify({ keys }))),
  )
  const told = async (port: number) =>
    (
      await run(
        ['doctor'],
        { JWT_JWKS_URL: `http://127.0.0.1:${port}/keys`, PORT: String(await freePort()) },
        folder.path,
      )
    ).line('JWT_JWKS_URL')
  assert.match(await told(issuer.port), /^ok.*keys for ES256$/)
  keys = []
  assert.match(await told(issuer.port), /^fail.*publishes no key/)
  assert.match(await told(await freePort()), /^fail.*ECONNREFUSED.*503/)
})

test('doctor beside a running service, through a proxy that passes upgrades and one that does not', async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path)
  try {
    const { port } = new URL(service.url)
    // One passes bytes on as they are; the other forgets the upgrade, as proxies do when nobody tells them.
    await using good = await listening(
      createServer((socket) => {
        const way = connect(Number(port), '127.0.0.1')
        socket.pipe(way).pipe(socket)
        socket.on('error', () => way.destroy())
        way.on('error', () => socket.destroy())
      }),
    )
    await using bad = await listening(
      createHttpServer(async (request, response) => {
        const answer = await fetch(service.url + request.url)
        response.writeHead(answer.status, {
          'x-correlation-id': answer.headers.get('x-correlation-id') ?? '',
        })
        response.end(await answer.text())
      }),
    )
    const env = { PORT: port, HOST: '127.0.0.1' }
    const through = (to: number) => run(['doctor', '--url', `http://127.0.0.1:${to}`], env, folder.path)
    const well = await through(good.port)
    assert.equal(well.code, 0, well.out)
    assert.match(well.line(`port ${port}`), /^ok.*a chat-api service listens/)
    assert.match(well.line('database'), /^ok.*a service uses it now/)
    assert.match(well.line('public URL'), /^ok/)
    assert.match(well.line('WebSocket'), /^ok/)
    // As proxies do that insist on TLS.
    await using strict = await listening(
      createHttpServer((request, response) => {
        response.writeHead(301, { location: `${service.url}${request.url}` }).end()
      }),
    )
    const sentOn = await through(strict.port)
    assert.equal(sentOn.code, 1)
    assert.match(sentOn.line('WebSocket'), new RegExp(`^fail.*sent on to ${service.url}/api/chat/ws`))
    const ill = await through(bad.port)
    assert.equal(ill.code, 1)
    assert.match(ill.line('public URL'), /^ok/)
    assert.match(ill.line('WebSocket'), /^fail.*plain request.*Upgrade/)
  } finally {
    await service.end('SIGTERM')
  }
})

test('doctor: MongoDB there, and away', async () => {
  using folder = temporaryFolder()
  const env = { PORT: String(await freePort()), ...(await newDatabaseEnv()) }
  const there = await run(['doctor'], env, folder.path)
  assert.match(there.line('database'), /^(ok|warn).*MongoDB, .* answers in \d+ ms/)
  assert.match(there.line('writes'), /^ok/)
  assert.match(there.line('change streams'), /^ok/)
  assert.match(there.line('clock'), /^(ok|warn)/)
  assert.match(there.line('search index'), /^ok.*will be built/)
  const built = await run(['reindex'], env, folder.path)
  assert.deepEqual([built.code, built.out], [0, 'Done: 0 messages in 0 groups\n'], built.err)
  assert.match((await run(['doctor'], env, folder.path)).line('search index'), /^ok.*is there/)
  const away = await run(['doctor'], { MONGODB_URL: `mongodb://127.0.0.1:${await freePort()}` }, folder.path)
  assert.equal(away.code, 1)
  assert.match(away.line('database'), /^fail.*does not answer.*firewall/)
})

test('why: who sees a group and who does not, beside a running service', async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path)
  try {
    const ann = apiOf(service.url, 'ann')
    const { id } = await ann.createGroup('Lobby', ['bob', 'Cem '])
    await ann.call('PUT', `/groups/${id}`, { body: { authorized_user_ids: ['ann', 'Cem '] } })
    await ann.call('PUT', `/groups/${id}/bans/mallory`, { body: {} })
    const why = (user: string, group = id) => run(['why', user, group], {}, folder.path)

    const owner = await why('ann')
    assert.equal(owner.code, 0)
    assert.match(owner.out, /^YES: ann sees "Lobby": ann is one of its 2 members/)
    assert.match(owner.out, /is its owner/)
    const removed = await why('bob')
    assert.equal(removed.code, 1)
    assert.match(removed.out, /^NO: bob .* not one of its 2 members/)
    assert.match(removed.out, /bob was removed on 20\d\d-/)
    assert.match(removed.out, /chat:admin/)
    assert.match((await why('mallory')).out, /^NO: mallory doesn't see "Lobby": banned\./)
    assert.match((await why('cem')).out, /It has a member "Cem ", which is not the same/)
    assert.match((await why('ann', '0'.repeat(24))).out, /^NO: there is no group/)
    assert.equal((await why('ann', 'Lobby')).code, 64)
  } finally {
    await service.end('SIGTERM')
  }
})
