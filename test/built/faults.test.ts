import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { mountSmallDisk, noSmallDisk } from '../store/tmpfs.ts'
import { apiOf, baseOf } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { type ServiceProcess, spawnService, temporaryFolder, tokenFor } from '../support/process.ts'
import { skipWithoutStrace } from '../support/skip.ts'
import { openSocket } from '../support/socket.ts'

/** The service of the test, ended whatever happens. */
async function using<T>(
  starting: Promise<ServiceProcess>,
  work: (service: ServiceProcess) => Promise<T>,
): Promise<T> {
  const service = await starting
  try {
    return await work(service)
  } finally {
    await service.end('SIGKILL')
  }
}

/** How soon things must happen, in milliseconds; an idle machine takes a tenth of it. */
const soonMs = 1_000

/** Resolves with the exit code, soon. */
async function endsSoon(service: ServiceProcess): Promise<number | null> {
  const late = AbortSignal.timeout(soonMs)
  const lateAnswer = once(late, 'abort').then(() => assert.fail(`still there:\n${service.output()}`))
  return Promise.race([service.ended, lateAnswer])
}

const criticalLines = (service: ServiceProcess) =>
  service
    .output()
    .split('\n')
    .filter((line) => line.includes('"level":"critical"'))

test('out of file descriptors: who is connected is served, and 200 within 1 s of the release', async () => {
  using folder = temporaryFolder()
  const scarce = ['sh', '-c', 'ulimit -n 80; exec "$@"', 'sh']
  await using(spawnService(folder.path, {}, scarce), async (service) => {
    const api = apiOf(service.url, 'alice')
    const group = await api.createGroup('scarce', [])
    const socket = await openSocket(`${baseOf(service.url)}/ws/${group.id}`, {
      token: await tokenFor('alice'),
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    assert.equal(await statusOf(service.url, agent), 200)

    const port = Number(new URL(service.url).port)
    const hoard: Socket[] = []
    for (let i = 0; i < 150; i++) hoard.push(connect(port, '127.0.0.1').on('error', () => {}))
    await Promise.all(hoard.map((each) => Promise.race([once(each, 'connect'), once(each, 'close')])))
    await assert.rejects(
      statusOf(service.url, undefined, 500),
      'a new client is served: descriptors are left',
    )

    const ack = await socket.ask({ type: 'message', content: 'still here' })
    assert.equal(ack.type, 'ack')
    for (const each of hoard) each.destroy()
    await eventually(
      'it answers',
      () =>
        statusOf(service.url, undefined, soonMs).then(
          (status) => status === 200,
          () => false,
        ),
      soonMs,
    )
    assert.equal((await api.send(group.id, 'again')).seq, 2)
    agent.destroy()
    await socket.close()
  })
})

/** The status of /livez, on a connection of its own unless an agent keeps one. */
async function statusOf(url: string, agent?: Agent, timeoutMs = 5_000): Promise<number | undefined> {
  const asking = request(`${url}/livez`, { agent: agent ?? false, signal: AbortSignal.timeout(timeoutMs) })
  asking.end()
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'end')
  return response.statusCode
}

test('a full disk: 507 over REST, storage_full on a socket, reads go on, and it works again when there is room', async (t) => {
  const disk = mountSmallDisk(3)
  if (!disk) return t.skip(noSmallDisk)
  try {
    const ballast = join(disk.dir, 'ballast')
    writeFileSync(ballast, Buffer.alloc(1024 * 1024))
    await using(spawnService(disk.dir), async (service) => {
      const api = apiOf(service.url, 'alice')
      const group = await api.createGroup('full', [])
      const path = `/groups/${group.id}/messages`
      const socket = await openSocket(`${baseOf(service.url)}/ws/${group.id}`, {
        token: await tokenFor('alice'),
      })
      const content = 'x'.repeat(9_000)
      let sent = 0
      let refused = await api.call('POST', path, { body: { content } })
      for (; refused.status === 201 && sent < 1_000; sent++)
        refused = await api.call('POST', path, { body: { content } })
      assert.equal(refused.status, 507)
      assert.equal(refused.headers.get('content-type'), 'application/problem+json')
      assert.equal(refused.body.code, 'storage_full')
      const error = await socket.ask({ type: 'message', content, client_id: 'later' })
      assert.equal(error.code, 'storage_full')

      assert.equal((await api.history(group.id)).length, sent)
      assert.equal((await fetch(`${service.url}/readyz`)).status, 200)

      rmSync(ballast)
      const ack = await socket.ask({ type: 'message', content, client_id: 'later' })
      assert.equal(ack.type, 'ack')
      assert.equal((await api.call('POST', path, { body: { content } })).status, 201)
      const history = await api.history(group.id)
      assert.deepEqual(
        history.map(({ seq }) => seq),
        history.map((_, i) => i + 1),
      )
      await socket.close()
      assert.equal(await service.end('SIGTERM'), 0)
    })
  } finally {
    disk.remove()
  }
})

const noStrace = skipWithoutStrace()

for (const [fault, calls] of [
  ['fsync fails', 'fsync,fdatasync'],
  ['writing to the disk fails', 'pwrite64,pwritev'],
] as const)
  test(`${fault}: nothing is acknowledged, the process ends within 1 s and says why, a retry gives one message`, {
    skip: noStrace,
  }, async () => {
    using folder = temporaryFolder()
    const { groupId, before } = await using(spawnService(folder.path), async (service) => {
      const api = apiOf(service.url, 'alice')
      const group = await api.createGroup('failing', [])
      const message = await api.send(group.id, 'before', { clientId: 'key 0' })
      const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=EIO`]
      const tracer = spawn('strace', ['-f', '-o', '/dev/null', ...inject, '-p', String(service.child.pid)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      const traced = once(tracer, 'exit')
      await once(tracer.stderr, 'data') // "attached"
      const sending = Promise.allSettled(
        [1, 2, 3].map((n) => api.send(group.id, `${n}`, { clientId: `key ${n}` })),
      )
      const code = await endsSoon(service)
      assert.ok(code !== 0 && code !== null)
      for (const { status } of await sending) assert.equal(status, 'rejected')
      const [line, ...more] = criticalLines(service)
      assert.deepEqual(more, [])
      assert.match(line ?? '', /"event":"store_failed".*(I\/O error|disk)/)
      await traced
      return { groupId: group.id, before: message }
    })
    await using(spawnService(folder.path), async (service) => {
      const api = apiOf(service.url, 'alice')
      for (const n of [1, 2, 3, 1, 2, 3]) await api.send(groupId, `${n}`, { clientId: `key ${n}` })
      const history = await api.history(groupId)
      assert.deepEqual(history[0], before)
      assert.deepEqual(history.map(({ content }) => content).sort(), ['1', '2', '3', 'before'])
      assert.equal(await service.end('SIGTERM'), 0)
    })
  })

/** Runs in every thread of the service before its own code. */
const preloaded = (code: string) => ({
  NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}`,
})

test('the thread that writes dies: the process ends within 1 s and says so', async () => {
  using folder = temporaryFolder()
  const die = preloaded(`
    import { isMainThread } from 'node:worker_threads'
    import { existsSync } from 'node:fs'
    if (!isMainThread) setInterval(() => existsSync('die') && process.exit(7), 10)`)
  const groupId = await using(spawnService(folder.path, die), async (service) => {
    const api = apiOf(service.url, 'alice')
    const group = await api.createGroup('dying', [])
    await api.send(group.id, 'before')
    writeFileSync(join(folder.path, 'die'), '')
    assert.equal(await endsSoon(service), 1)
    assert.match(criticalLines(service)[0] ?? '', /"event":"store_failed".*ended with code 7/)
    return group.id
  })
  await using(spawnService(folder.path), async (service) => {
    assert.equal((await apiOf(service.url, 'alice').history(groupId)).length, 1)
  })
})

test('an unhandled rejection ends the process, with a line that says what it was', async () => {
  using folder = temporaryFolder()
  const reject = preloaded("process.on('SIGUSR2', () => Promise.reject(new Error('nobody foresaw this')))")
  await using(spawnService(folder.path, reject), async (service) => {
    service.child.kill('SIGUSR2')
    assert.equal(await endsSoon(service), 1)
    assert.match(criticalLines(service)[0] ?? '', /"event":"uncaught_exception".*nobody foresaw this/)
  })
})

test('nobody reads the log any more: people still chat, and it ends well', async () => {
  using folder = temporaryFolder()
  await using(spawnService(folder.path, { LOG_LEVEL: 'DEBUG' }), async (service) => {
    service.child.stdout?.destroy()
    service.child.stderr?.destroy()
    const api = apiOf(service.url, 'alice')
    const group = await api.createGroup('silent', [])
    for (let n = 1; n <= 50; n++) assert.equal((await api.send(group.id, `${n}`)).seq, n)
    assert.equal(await service.end('SIGTERM'), 0)
  })
})

test('a reader of the log who stands still neither holds up the service nor fills its memory', async () => {
  using folder = temporaryFolder()
  await using(spawnService(folder.path), async (service) => {
    const { stdout } = service.child
    assert.ok(stdout)
    stdout.pause()
    const long = 'x'.repeat(8_000)
    const ask = async () => {
      for (let n = 0; n < 200; n++) await fetch(`${service.url}/${long}`)
    }
    await Promise.all(Array.from({ length: 10 }, ask))
    stdout.resume()
    await fetch(`${service.url}/at-last`)
    await eventually('it logs again', async () => {
      await fetch(`${service.url}/at-last`)
      return service.output().includes('/at-last')
    })
    const written = service.output().length
    assert.ok(written > 1_000_000 && written < 12_000_000, `${written} of 16,000,000 bytes`)
  })
})
