import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import manifest from '../../package.json' with { type: 'json' }
import { apiOf } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { builtFile, freePort, secret, spawnService, temporaryFolder, tokenFor } from '../support/process.ts'
import { gather, groupIn, run } from './command.ts'

test('help, version, wrong usage and their exit codes', async () => {
  const help = await run(['--help'])
  assert.equal(help.code, 0)
  const commands = [...help.out.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name = '']) => name)
  assert.ok(commands.includes('serve'))
  for (const name of commands) {
    const own = await run([name, '--help'])
    assert.deepEqual([own.code, own.err], [0, ''])
    assert.match(own.out, new RegExp(`^Usage: chat-api ${name}\\b`))
    assert.equal((await run([name, '--version'])).out, `chat-api ${manifest.version}\n`)
    const wrong = await run([name, '--no-such-option'])
    assert.equal(wrong.code, 64)
    assert.match(wrong.err, /no-such-option.*\nTry: chat-api [a-z]+ --help\n/)
  }
  for (const args of [
    [],
    ['no-such-command'],
    ['constructor'],
    ['token'],
    ['token', '--sub', ''],
    ['backup'],
    ['chat'],
  ])
    assert.equal((await run(args)).code, 64, args.join(' '))
})

test('a wrong configuration ends every command with 78 and all mistakes', async () => {
  for (const args of [['serve'], ['config'], ['token', '--sub', 'alice'], ['health']]) {
    const { code, err } = await run(args, { PORT: 'x', LOG_LEVEL: 'loud' })
    assert.equal(code, 78)
    assert.match(err, /PORT: "x"/)
    assert.match(err, /LOG_LEVEL: "loud"/)
  }
  assert.equal((await run(['serve'], { ENVIRONMENT: 'production' })).code, 78)
})

test('a reader who has seen enough is no failure', async () => {
  using folder = temporaryFolder()
  const env = {
    PATH: process.env.PATH,
    DATA_DIR: folder.path,
    JWT_SECRET: secret,
    PORT: `${await freePort()}`,
  }
  const child = spawn(process.execPath, [builtFile, 'doctor'], { cwd: folder.path, env })
  const { err } = gather(child)
  child.stdout.destroy()
  assert.deepEqual(await once(child, 'close'), [0, null])
  assert.equal(err(), '')
})

test('a user may be called help', async () => {
  using folder = temporaryFolder()
  const { code, out } = await run(['token', '--sub', 'help'], { DATA_DIR: folder.path, JWT_SECRET: secret })
  assert.deepEqual([code, out.split('.').length], [0, 3])
})

test('config prints what is in effect, and no secret', async () => {
  const { out } = await run(['config'], { JWT_SECRET: secret, PORT: '9999' })
  assert.match(out, /^PORT=9999/m)
  assert.ok(!out.includes(secret))
})

test('development makes a secret once, for its owner only, and token signs with it', async () => {
  using folder = temporaryFolder()
  const own = { DATA_DIR: folder.path, JWT_SECRET: '', LOG_JSON_FORMAT: 'false' }
  const token = (await run(['token', '--sub', 'alice'], own)).out.trim()
  assert.equal(statSync(join(folder.path, 'jwt-secret')).mode & 0o777, 0o600)
  const service = await spawnService(folder.path, { JWT_SECRET: '' })
  try {
    const answer = await fetch(`${service.url}/api/chat/groups`, {
      headers: { authorization: `Bearer ${token}` },
    })
    assert.equal(answer.status, 200)
    assert.match(service.output(), /jwt-secret/)
    const kept = readFileSync(join(folder.path, 'jwt-secret'), 'utf8').trim()
    assert.ok(!service.output().includes(kept))
  } finally {
    assert.equal(await service.end('SIGINT'), 0)
  }
  assert.match(service.output(), /"event":"stopped"/, 'nothing is lost at exit')
})

test('where no secret can be kept, one line says so and what to do', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'file')
  writeFileSync(file, '')
  for (const args of [['serve'], ['token', '--sub', 'alice']]) {
    const { code, err } = await run(args, { DATA_DIR: file }, folder.path)
    assert.equal(code, 1)
    assert.match(err, /^No JWT_SECRET is set.*file.jwt-secret.*DATA_DIR.*\n$/)
  }
})

test('for a person, serve says where it listens, where it stores and what to do next', async () => {
  using folder = temporaryFolder()
  const env = { PATH: process.env.PATH, DATA_DIR: folder.path, PORT: '0' }
  const child = spawn(process.execPath, [builtFile, 'serve'], { cwd: folder.path, env })
  const { out } = gather(child)
  await eventually('the announcement', () => out().includes(' demo\n'))
  assert.match(
    out(),
    /^chat {7}(http:\/\/127\.0\.0\.1:\d+)\/\ndashboard {2}\1\/dashboard\n\nchat-api \S+ listens on \1\n {2}store {2}sqlite in .*\n {2}keys .*jwt-secret\n {2}users {2}testuser \(password testpass123\) and alice \(password alicepass123\)\n {2}next /,
  )
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'close'), [0, null])
})

test('what keeps the service from starting is told, with exit code 1', async () => {
  using folder = temporaryFolder()
  using other = temporaryFolder()
  const service = await spawnService(folder.path)
  try {
    const sameFolder = await run(['serve'], { DATA_DIR: folder.path, PORT: '0' })
    assert.equal(sameFolder.code, 1)
    assert.match(sameFolder.out, /start_failed.*another chat-api process/)
    const samePort = await run(['serve'], { DATA_DIR: other.path, PORT: new URL(service.url).port })
    assert.equal(samePort.code, 1)
    assert.match(samePort.out, /start_failed.*EADDRINUSE.*PORT/)
  } finally {
    await service.end('SIGTERM')
  }
})

test('health tells a living service from a dead one', async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path)
  const { port } = new URL(service.url)
  assert.equal((await run(['health'], { PORT: port })).code, 0)
  await service.end('SIGTERM')
  const dead = await run(['health'], { PORT: port })
  assert.equal(dead.code, 1)
  assert.match(dead.err, /^No answer from http:\/\/127\.0\.0\.1:\d+\/livez: /)
})

test('a log that nobody reads any more does not end the service', async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path)
  service.child.stdout?.destroy()
  for (let n = 0; n < 5; n++) assert.equal((await fetch(`${service.url}/health`)).status, 200)
  assert.equal(await service.end('SIGTERM'), 0)
})

test('a backup taken while the service runs can be restored, and makes clients fetch anew', async () => {
  using folder = temporaryFolder()
  using restored = temporaryFolder()
  const service = await spawnService(folder.path)
  const env = { DATA_DIR: folder.path, PORT: new URL(service.url).port, JWT_SECRET: secret }
  const groupId = groupIn((await run(['demo'], env)).out)
  const api = apiOf(service.url, 'alice')
  const headers = { 'content-type': 'application/octet-stream' }
  const { body: upload } = await api.call<{ id: string; url: string }>('POST', `/groups/${groupId}/files`, {
    raw: 'bytes',
    headers,
  })
  const file = join(restored.path, 'chat.db')
  const { code, out } = await run(['backup', file], env)
  assert.equal(code, 0)
  assert.match(out, /and 1 files into .*chat\.db\.files/)
  const again = await run(['backup', file], env)
  assert.equal(again.code, 1)
  assert.match(again.err, /overwrites nothing/)
  const cursorAt = async (url: string) => {
    const headers = { authorization: `Bearer ${await tokenFor('alice')}` }
    const page = await fetch(`${url}/api/chat/groups/${groupId}/messages`, { headers })
    const { messages, cursor } = (await page.json()) as { messages: unknown[]; cursor: string }
    assert.equal(messages.length, 3)
    return cursor.split('.')
  }
  const [epoch, seq] = await cursorAt(service.url)
  await service.end('SIGTERM')

  assert.match(
    (await run(['doctor'], { DATA_DIR: restored.path })).out,
    /fail {2}files +1 files; the bytes of 1 are missing/,
  )
  renameSync(`${file}.files`, join(restored.path, 'files'))
  assert.match(
    (await run(['doctor'], { DATA_DIR: restored.path })).out,
    /ok {4}files +1 files, each with its bytes/,
  )
  assert.equal((await run(['restored'], { DATA_DIR: restored.path })).code, 0)
  const nowhere = join(restored.path, 'nowhere')
  const wrong = await run(['restored'], { DATA_DIR: nowhere }, restored.path)
  assert.equal(wrong.code, 1)
  assert.match(wrong.err, /There is no database.*DATA_DIR/)
  assert.equal(existsSync(nowhere), false, 'none is made')
  const second = await spawnService(restored.path)
  const [newEpoch, sameSeq] = await cursorAt(second.url)
  assert.equal((await apiOf(second.url, 'alice').call('GET', `/files/${upload.id}`)).text, 'bytes')
  await second.end('SIGTERM')
  assert.notEqual(newEpoch, epoch)
  assert.equal(sameSeq, seq)
})
