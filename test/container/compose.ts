import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { GroupView } from '../../src/domain/group.ts'
import { startMongo, type TestMongo } from '../mongo/server.ts'
import { apiOf, baseOf, createApi } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import {
  freePort,
  root,
  type ServiceProcess,
  spawnService,
  temporaryFolder,
  tokenFor,
} from '../support/process.ts'
import { openSocket } from '../support/socket.ts'

const execute = promisify(execFile)
const file = join(root, 'docker-compose.yml')

interface Compose {
  services: Record<string, { image: string; environment?: Record<string, string | null> }>
}

/**
 * No engine reads the compose file here: its parts are held to its schema, and run by themselves. The MongoDB is
 * whatever test/mongo/server.ts finds, mongosh is the real one, from npm, and Caddy is the one on the PATH.
 */
describe('docker-compose.yml', { timeout: 300_000 }, () => {
  const folder = temporaryFolder()
  const python = join(folder.path, 'venv/bin/python')
  let compose: Compose
  let mongo: TestMongo
  let database: string
  const instances: ServiceProcess[] = []

  before(async () => {
    await execute('python3', ['-m', 'venv', join(folder.path, 'venv')])
    await execute(python, ['-m', 'pip', 'install', '--quiet', 'check-jsonschema==0.39.0'])
    await execute('npm', ['install', '--prefix', folder.path, '--ignore-scripts', 'mongosh@2.12.0'])
    const toJson =
      'import json, sys, ruamel.yaml; json.dump(ruamel.yaml.YAML(typ="safe").load(sys.stdin), sys.stdout)'
    const { stdout } = await execute('sh', ['-c', '"$1" -c "$2" < "$3"', 'sh', python, toJson, file])
    compose = JSON.parse(stdout) as Compose
    mongo = await startMongo()
    database = mongo.newDatabase()
  })
  after(async () => {
    for (const instance of instances) await instance.end('SIGKILL')
    await mongo.stop()
    folder[Symbol.dispose]()
  })

  const startInstance = async () => {
    const env = { MONGODB_URL: mongo.url, DATABASE_NAME: database }
    const instance = await spawnService(folder.path, env)
    instances.push(instance)
    return instance
  }
  const makeDemo = async () => {
    const url = new URL(mongo.url)
    url.pathname = `/${database}`
    const args = ['--quiet', url.href, join(root, 'mongo-init/demo.js')]
    const env = { ...process.env, HOME: folder.path }
    const { stdout } = await execute(join(folder.path, 'node_modules/.bin/mongosh'), args, { env })
    return stdout
  }

  it('keeps to the schema of compose files', async () => {
    await execute(python, ['-m', 'check_jsonschema', '--builtin-schema', 'vendor.compose-spec', file])
  })

  it('pins every image, and brings no secret of its own', () => {
    for (const [name, { image, environment = {} }] of Object.entries(compose.services)) {
      assert.match(image, /^chat-api$|^[a-z]+:\d+\.\d+\.\d+/, name)
      for (const [key, value] of Object.entries(environment))
        if (/SECRET|PASSWORD|TOKEN/.test(key) && value !== null)
          assert.match(value, /^\$\{\w+:-\}$|^\/secret\//, `${name} ${key}`)
    }
  })

  it('makes the demo once, as the older service would have left it', async () => {
    assert.match(await makeDemo(), /3 groups, 7 messages/)
    const { url } = await startInstance()
    const alice = apiOf(url, 'alice')
    const { groups } = (await alice.call<{ groups: GroupView[] }>('GET', '/groups')).body
    assert.deepEqual(groups.map(({ name }) => name).sort(), ['Lunch', 'Release'])
    const lunch = groups.find(({ name }) => name === 'Lunch')?.id ?? ''
    const history = await alice.history(lunch)
    assert.deepEqual(
      history.map(({ seq, sender_id }) => [seq, sender_id]),
      [
        [1, 'alice'],
        [2, 'bob'],
        [3, 'carol'],
        [4, 'bob'],
        [5, 'alice'],
      ],
    )

    const admin = apiOf(url, 'root (admin)')
    assert.equal((await admin.call('DELETE', `/groups/${lunch}`)).status, 204)
    assert.match(await makeDemo(), /nothing to do/)
    assert.equal((await alice.call('GET', `/groups/${lunch}`)).status, 404)
  })

  it('lets two instances behind the proxy be one service, also when one of them goes', async () => {
    const [one, two] = [await startInstance(), await startInstance()]
    const port = await freePort()
    const caddyfile = readFileSync(join(root, 'docs/Caddyfile'), 'utf8')
      .replace('chat-api:8001', new URL(one.url).host)
      .replace('chat-api-2:8001', new URL(two.url).host)
      .replace(':8080 {', `:${port} {\n  bind 127.0.0.1`)
    writeFileSync(join(folder.path, 'Caddyfile'), caddyfile)
    const proxy = spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', 'Caddyfile'], {
      cwd: folder.path,
      env: { PATH: process.env.PATH, HOME: folder.path },
      stdio: 'ignore',
    })
    try {
      const url = `http://127.0.0.1:${port}`
      const ready = () =>
        fetch(`${url}/readyz`).then(
          ({ status }) => status === 200,
          () => false,
        )
      await eventually('the proxy has an instance', ready)
      for (const path of ['/metrics', '/metrics/']) assert.equal((await fetch(url + path)).status, 404)

      const base = baseOf(url)
      const token = await tokenFor('alice')
      const alice = createApi(base, { token })
      const group = await alice.createGroup('Both', ['alice'])
      const open = (after?: string) =>
        openSocket(`${base}/ws/${group.id}`, { token, headers: { origin: url }, ...(after && { after }) })
      // The proxy picks the instance with the fewest connections: one each.
      const sockets = [await open(), await open()] as const
      await alice.send(group.id, 'first')
      const heard = await Promise.all(sockets.map((socket) => socket.next('new_message')))

      assert.equal(await one.end('SIGTERM'), 0)
      const { code } = await Promise.race(sockets.map(({ closed }) => closed))
      assert.equal(code, 1012)
      assert.equal(sockets.filter(({ ws }) => ws.readyState === ws.OPEN).length, 1)

      // An old Caddy, as Debian has it, answers 502 here once: a client sends it again, with the same key.
      await eventually('the message is sent', () =>
        alice.send(group.id, 'second', { clientId: 'key' }).then(
          () => true,
          () => false,
        ),
      )
      const again = await open(String(heard[0]?.cursor))
      for (const socket of [again, ...sockets.filter(({ ws }) => ws.readyState === ws.OPEN)]) {
        const { message } = await socket.next('new_message')
        assert.equal((message as { content: string }).content, 'second')
      }
    } finally {
      proxy.kill()
      await once(proxy, 'exit')
    }
  })
})
