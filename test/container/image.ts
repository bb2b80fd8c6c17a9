import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { baseOf, createApi } from '../support/api.ts'
import { freePort, secret, temporaryFolder } from '../support/process.ts'
import { openSocket } from '../support/socket.ts'
import { buildImage, type Container, type Image, runContainer } from './container.ts'

describe('the image', { timeout: 300_000 }, () => {
  let image: Image
  before(async () => {
    image = await buildImage()
  })

  it('runs as a user without rights, whom Kubernetes can tell from root', () => {
    assert.equal(image.config.User, '1000:1000')
  })

  it('holds the bundles, the licences, and nothing else of ours', () => {
    assert.deepEqual(readdirSync(join(image.root, 'app')).sort(), ['LICENSE', 'dist', 'package.json'])
    const licences = readFileSync(join(image.root, 'app/dist/LICENSES'), 'utf8')
    for (const name of ['ws', 'mongodb', 'jose', 'typebox', 'uplot'])
      assert.match(licences, new RegExp(`node_modules/${name}/licen[sc]e`, 'i'))
  })

  it('tells its port and its volume', () => {
    assert.deepEqual(Object.keys(image.config.ExposedPorts), ['8001/tcp'])
    assert.deepEqual(Object.keys(image.config.Volumes), ['/data'])
  })

  describe('run with a root that is read-only and no rights at all', () => {
    const folder = temporaryFolder()
    const data = join(folder.path, 'data')
    let container: Container
    let url: string
    let run: (command?: string[]) => Promise<void>

    before(async () => {
      mkdirSync(data)
      const PORT = String(await freePort())
      url = `http://127.0.0.1:${PORT}`
      run = async (command = ['serve']) => {
        const env = { JWT_SECRET: secret, PORT }
        container = await runContainer(image, { folder: folder.path, data, env, command })
      }
      await run()
      await container.said(/"event":"started"/)
    })
    after(async () => {
      await container.stop('SIGKILL')
      folder[Symbol.dispose]()
    })

    const token = async (sub: string) => {
      const made = await container.exec('node', 'dist/chat-api.js', 'token', '--sub', sub)
      assert.equal(made.code, 0, made.stderr)
      return made.stdout.trim()
    }

    it('is healthy, in the words of its own health check', async () => {
      const [kind, ...command] = image.config.Healthcheck.Test
      assert.equal(kind, 'CMD')
      assert.equal((await container.exec(...command)).code, 0)
      const elsewhere = await container.exec('env', `PORT=${await freePort()}`, ...command)
      assert.equal(elsewhere.code, 1)
    })

    it('has its pages inside', async () => {
      const page = await fetch(`${url}/dashboard`)
      assert.equal(page.status, 200)
      assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
    })

    it('writes nowhere but on its volume', async () => {
      for (const folder of ['/', '/app', '/tmp', '/home/node'])
        assert.notEqual((await container.exec('touch', join(folder, 'x'))).code, 0, folder)
      assert.ok(readdirSync(data).includes('chat.db'))
      // More than SQLite keeps in memory.
      const sorted = await container.exec(
        'node',
        '--eval',
        `new (require('node:sqlite').DatabaseSync)(':memory:').exec(\`CREATE TEMP TABLE t AS
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
          SELECT i, randomblob(100) FROM n\`)`,
      )
      assert.equal(sorted.code, 0, sorted.stderr)
    })

    it('carries a chat, ends with 0 on SIGTERM, and has all of it when it is started again', async () => {
      const base = baseOf(url)
      const alice = createApi(base, { token: await token('alice') })
      const group = await alice.createGroup('Lunch', ['alice', 'bob'])
      const bob = await openSocket(`${base}/ws/${group.id}`, { token: await token('bob') })
      await bob.next('connected')
      await alice.send(group.id, 'Noodles?')
      const heard = await bob.next('new_message')
      assert.equal((heard.message as { content: string }).content, 'Noodles?')
      const answer = await bob.ask({ type: 'message', content: 'Noodles.' })
      assert.equal(answer.type, 'ack')

      assert.equal(await container.stop('SIGTERM'), 0, container.output())
      assert.equal((await bob.closed).code, 1012)
      await run()
      await container.said(/"event":"started"/)
      const history = await alice.history(group.id)
      assert.deepEqual(
        history.map(({ content }) => content),
        ['Noodles?', 'Noodles.'],
      )
    })

    it('is restored from a backup as docs/deployment.md says', async () => {
      const alice = createApi(`${url}/api/chat`, { token: await token('alice') })
      const group = await alice.createGroup('Restored', ['alice'])
      await alice.send(group.id, 'in the backup')
      const backup = await container.exec('node', 'dist/chat-api.js', 'backup', '/data/backup.db')
      assert.equal(backup.code, 0, backup.stderr)
      await alice.send(group.id, 'too late')
      assert.equal(await container.stop('SIGTERM'), 0)

      for (const name of ['chat.db-wal', 'chat.db-shm']) rmSync(join(data, name), { force: true })
      copyFileSync(join(data, 'backup.db'), join(data, 'chat.db'))
      await run(['restored'])
      assert.equal(await container.ended, 0, container.output())
      await run()
      await container.said(/"event":"started"/)
      assert.deepEqual(
        (await alice.history(group.id)).map(({ content }) => content),
        ['in the backup'],
      )
    })
  })
})
