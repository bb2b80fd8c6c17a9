import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { mongoMissing } from '../mongo/server.ts'
import { accountsAt, password } from '../support/accounts.ts'
import { apiOf } from '../support/api.ts'
import { builtFile, freePort, secret, spawnService, temporaryFolder } from '../support/process.ts'
import { newDatabaseEnv } from '../support/service.ts'
import { openSocket } from '../support/socket.ts'

/** Runs `chat-api user`, with a line on its standard input. */
async function user(args: string[], env: Record<string, string>, cwd: string, line = '') {
  const child = spawn(process.execPath, [builtFile, 'user', ...args], {
    cwd,
    env: { PATH: process.env.PATH, DATA_DIR: cwd, JWT_SECRET: secret, ...env },
  })
  child.stdin.end(line)
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, out, err }
}

/** Who is disabled is out within five seconds. */
async function tryDisabling(env: Record<string, string>, cwd: string, url: string) {
  const at = accountsAt(url)
  const run = (args: string[], line?: string) => user(args, env, cwd, line)
  const added = await run(
    ['add', 'mia', '--email', 'mia@example.org', '--display-name', 'Mia M.'],
    `${password}\n`,
  )
  assert.deepEqual([added.code, added.err], [0, ''])
  const one = await at.must(200, at.logIn('mia@example.org'))
  assert.equal(added.out, `mia may log in: ${one.user.id}\n`)
  assert.equal(one.user.display_name, 'Mia M.')
  const socket = await openSocket(`${url}/api/chat/ws`, { token: one.access_token })
  assert.equal((await run(['disable', 'Mia'])).code, 0)
  const disabledAt = performance.now()
  assert.equal((await socket.closed).code, 4503)
  assert.ok(performance.now() - disabledAt < 5_000)
  assert.equal(await at.status(one.access_token), 401)
  assert.equal((await at.logIn('mia')).status, 403)
  assert.match(
    (await run(['list'])).out,
    new RegExp(`^${one.user.id} {2}mia {2}\\S+Z {2}mia@example.org {2}disabled$`, 'm'),
  )

  return at
}

async function tryAll(env: Record<string, string>, cwd: string, url: string): Promise<void> {
  const at = await tryDisabling(env, cwd, url)
  const run = (args: string[], line?: string) => user(args, env, cwd, line)
  const again = await run(['add', 'MIA', '--password', password])
  assert.deepEqual([again.code, again.out], [1, ''])
  assert.match(again.err, /taken/)
  assert.equal((await run(['enable', 'mia'])).code, 0)
  assert.equal((await at.logIn('mia')).status, 200)
  assert.equal((await run(['password', 'mia'], 'looking glass\n')).code, 0)
  assert.equal((await at.logIn('mia')).status, 401)
  assert.equal((await at.logIn('mia', 'looking glass')).status, 200)
  const unknown = await run(['disable', 'nobody'])
  assert.deepEqual([unknown.code, unknown.err], [1, 'There is no user "nobody".\n'])
}

test('user: adds, lists, disables and gives passwords beside a service that has the database to itself', async () => {
  using folder = temporaryFolder()
  const env = { PORT: `${await freePort()}` }
  const service = await spawnService(folder.path, env)
  try {
    await tryAll(env, folder.path, service.url)
    // Passwords and hashes are nobody's to read.
    assert.doesNotMatch(service.output(), /white rabbit|looking glass|argon2id/)
  } finally {
    assert.equal(await service.end('SIGTERM'), 0)
  }
  const { out } = await user(['list'], env, folder.path)
  assert.match(out, /mia/)
  assert.equal((await user(['add', 'tom'], env, folder.path, password)).code, 0)
  assert.match((await user(['list'], env, folder.path)).out, /tom/)
})

describe('user: on MongoDB', { skip: (await mongoMissing()) ?? false }, () => {
  test('it works beside the service', async () => {
    using folder = temporaryFolder()
    const env = await newDatabaseEnv()
    const service = await spawnService(folder.path, env)
    try {
      await tryDisabling(env, folder.path, service.url)
    } finally {
      assert.equal(await service.end('SIGTERM'), 0)
    }
  })
})

test('user: says how it is called, and why it can not', async () => {
  using folder = temporaryFolder()
  const cases: [args: string[], code: number, said: RegExp, env?: Record<string, string>][] = [
    [['add'], 64, /NAME is missing/],
    [['rename', 'mia'], 64, /There is no "rename"/],
    [['add', 'mia', 'x'], 64, /one argument too many/],
    [['list'], 1, /There is no database/],
    [['add', 'mia'], 1, /No password was given/],
    [['add', 'mia', '--password', '12345678'], 1, /commonest/],
    [['list'], 1, /ACCOUNTS=true/, { ACCOUNTS: 'off' }],
  ]
  await Promise.all(
    cases.map(async ([args, code, said, env = {}], n) => {
      const answer = await user(args, { DATA_DIR: `${folder.path}/${n}`, ...env }, folder.path)
      assert.deepEqual([answer.code, answer.out], [code, ''], args.join(' '))
      assert.match(answer.err, said)
    }),
  )
})

test('development has two users and a room from its first start, production has none', async () => {
  using folder = temporaryFolder()
  const production = {
    ENVIRONMENT: 'production',
    ACCOUNTS: 'on',
    ALLOW_WEAK_JWT_SECRET: 'true',
    HOST: '127.0.0.1',
  }
  const service = await spawnService(folder.path)
  const at = accountsAt(service.url)
  const general = '4d5e01e9e256e991cb0f58aa'
  try {
    assert.match(service.output(), /"test_users":\["testuser","alice"\]/)
    for (const [name, given] of [
      ['testuser', 'testpass123'],
      ['alice', 'alicepass123'],
    ] as const) {
      const { access_token, user: who } = await at.must(200, at.logIn(name, given))
      const headers = { authorization: `Bearer ${access_token}` }
      const group = (await (
        await fetch(`${service.url}/api/chat/groups/${general}`, { headers })
      ).json()) as Record<string, unknown>
      assert.deepEqual(
        [group.name, group.visibility, group.owner_id, group.role],
        ['general', 'open', null, 'member'],
      )
      assert.ok((group.authorized_user_ids as string[]).includes(who.id))
    }
  } finally {
    assert.equal(await service.end('SIGTERM'), 0)
  }
  // A store that has accounts is left as it is.
  assert.equal((await user(['password', 'alice', '--password', 'looking glass'], {}, folder.path)).code, 0)
  const again = await spawnService(folder.path)
  try {
    assert.equal((await accountsAt(again.url).logIn('alice', 'looking glass')).status, 200)
    assert.equal((await user(['list'], {}, folder.path)).out.trim().split('\n').length, 2)
  } finally {
    assert.equal(await again.end('SIGTERM'), 0)
  }

  using other = temporaryFolder()
  const live = await spawnService(other.path, production)
  try {
    assert.equal((await accountsAt(live.url).logIn('testuser', 'testpass123')).status, 401)
    const answer = await apiOf(live.url, 'ann').call('GET', `/groups/${general}`)
    assert.equal(answer.status, 404)
  } finally {
    assert.equal(await live.end('SIGTERM'), 0)
  }
})
