import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MessageView } from '../../src/domain/message.ts'
import { apiOf, baseOf, createApi } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { launchService, spawnService, temporaryFolder, tokenFor } from '../support/process.ts'
import { openSocket, RefusedUpgrade } from '../support/socket.ts'

/** What a probe hears: a status, or null when nobody answers any more. */
const probe = (url: string): Promise<number | null> =>
  fetch(`${url}/readyz`, { headers: { connection: 'close' } }).then(
    ({ status }) => status,
    () => null,
  )

test('SIGTERM with 200 sockets and requests under way: not ready, all are told and closed with 1012, nothing acknowledged is lost', async () => {
  using folder = temporaryFolder()
  const shutdownTimeout = 6
  const service = await spawnService(folder.path, {
    SHUTDOWN_TIMEOUT: `${shutdownTimeout}`,
    WS_MAX_CONNECTIONS_PER_USER: '200',
  })
  const { url } = service
  const acknowledged = new Map<string, MessageView>()
  let groupId = ''
  try {
    const token = await tokenFor('alice')
    const api = createApi(baseOf(url), { token })
    groupId = (await api.createGroup('leaving', [])).id
    const path = `${baseOf(url)}/ws/${groupId}`
    const sockets = await Promise.all(Array.from({ length: 200 }, () => openSocket(path, { token })))

    let count = 0
    const byRest = async () => {
      for (;;) {
        const key = `rest ${count++}`
        const sent = await api.send(groupId, key, { clientId: key }).catch(() => null)
        if (!sent) return
        acknowledged.set(key, sent)
      }
    }
    const bySocket = async (socket: (typeof sockets)[number]) => {
      for (;;) {
        const key = `socket ${count++}`
        const ack = await socket.ask({ type: 'message', content: key, client_id: key }).catch(() => null)
        if (ack?.type !== 'ack') return
        acknowledged.set(key, ack.message as MessageView)
      }
    }
    const sending = [byRest(), byRest(), byRest(), ...sockets.slice(0, 5).map(bySocket)]
    await eventually('it is under load', () => acknowledged.size > 100)

    assert.equal(await probe(url), 200)
    const started = performance.now()
    const ended = service.end('SIGTERM')
    await eventually('it is not ready', async () => (await probe(url)) === 503, 1_000)
    const told = await Promise.all(sockets.map((socket) => socket.next('closing')))
    const times = told.map((frame) => Number(frame.retry_after_ms))
    assert.equal(new Set(times).size, 200, 'each comes back at a time of its own')
    await assert.rejects(openSocket(path, { token }), (error) => {
      assert.ok(error instanceof RefusedUpgrade)
      assert.equal(error.status, 503)
      return true
    })
    const closed = await Promise.all(sockets.map((socket) => socket.closed))
    assert.deepEqual(new Set(closed.map(({ code }) => code)), new Set([1012]))
    assert.equal(await ended, 0)
    const tookMs = performance.now() - started
    assert.ok(tookMs < shutdownTimeout * 1_000, `took ${tookMs} ms`)
    assert.equal(await probe(url), null)
    await Promise.all(sending)
  } finally {
    await service.end('SIGKILL')
  }

  const again = await spawnService(folder.path)
  try {
    const history = await apiOf(again.url, 'alice').history(groupId)
    const bySeq = new Map(history.map((message) => [message.seq, message]))
    assert.deepEqual(
      history.map(({ seq }) => seq),
      history.map((_, i) => i + 1),
    )
    for (const message of acknowledged.values()) assert.deepEqual(bySeq.get(message.seq), message)
  } finally {
    assert.equal(await again.end('SIGTERM'), 0)
  }
})

for (const [second, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)
  test(`a second signal, ${second}, ends it at once; one that comes twice in one go does not`, async () => {
    using folder = temporaryFolder()
    const service = await spawnService(folder.path, { SHUTDOWN_TIMEOUT: '10m' })
    try {
      const token = await tokenFor('alice')
      const group = await createApi(baseOf(service.url), { token }).createGroup('leaving', [])
      const path = `${baseOf(service.url)}/ws/${group.id}`
      const sockets = [await openSocket(path, { token }), await openSocket(path, { token })]
      service.child.kill('SIGINT')
      service.child.kill('SIGINT')
      await Promise.all(sockets.map((socket) => socket.next('closing')))
      // It had the first before it said so: from here on a second is one of its own after half a second.
      const heardAt = performance.now()
      await eventually('the signals are two', () => performance.now() - heardAt > 600)
      assert.equal(service.child.exitCode, null)
      assert.equal(await service.end(second), code)
      assert.match(service.output(), /"event":"stopped_at_once"/)
    } finally {
      await service.end('SIGKILL')
    }
  })

test('a client that does not answer and a request that never ends do not hold it up', async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path, { SHUTDOWN_TIMEOUT: '2s' })
  try {
    const token = await tokenFor('alice')
    const group = await createApi(baseOf(service.url), { token }).createGroup('leaving', [])
    const deaf = await openSocket(`${baseOf(service.url)}/ws/${group.id}`, { token })
    deaf.ws.pause()
    const endless = fetch(`${baseOf(service.url)}/groups`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{"name":"')) }),
      duplex: 'half',
    } as RequestInit).catch(() => 'cut off')
    const started = performance.now()
    assert.equal(await service.end('SIGTERM'), 0)
    assert.ok(performance.now() - started < 2_000)
    assert.equal(await endless, 'cut off')
    deaf.ws.terminate()
  } finally {
    await service.end('SIGKILL')
  }
})

test('SIGTERM at any moment of the start ends it, and the next start finds all well', async () => {
  using folder = temporaryFolder()
  for (const afterMs of [0, 60, 120, 180, 240, 300, 400]) {
    const starting = launchService(folder.path)
    await sleep(afterMs)
    const started = performance.now()
    const code = await starting.end('SIGTERM')
    assert.ok(code === 0 || starting.child.signalCode === 'SIGTERM', `${code}: ${starting.output()}`)
    assert.ok(performance.now() - started < 2_000)
  }
  const service = await spawnService(folder.path)
  assert.equal(await service.end('SIGTERM'), 0)
})

test('SIGTERM while it waits for a MongoDB that is away', async () => {
  using folder = temporaryFolder()
  const starting = launchService(folder.path, { MONGODB_URL: 'mongodb://127.0.0.1:1/' })
  try {
    await eventually('it waits', () => starting.output().includes('database_away'))
    const started = performance.now()
    assert.equal(await starting.end('SIGTERM'), 0)
    assert.ok(performance.now() - started < 1_000)
  } finally {
    await starting.end('SIGKILL')
  }
})
