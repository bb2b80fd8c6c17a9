import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { baseOf, createApi } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { secret, spawnService, temporaryFolder, tokenFor } from '../support/process.ts'
import { openSocket } from '../support/socket.ts'

const formats = ['true', 'false'] as const

for (const json of formats)
  test(`no token, secret or password is in the log, whatever it came in (LOG_JSON_FORMAT=${json})`, async () => {
    using folder = temporaryFolder()
    const service = await spawnService(folder.path, {
      LOG_JSON_FORMAT: json,
      LOG_LEVEL: 'DEBUG',
      LOG_SQL_QUERIES: 'true',
    })
    const base = baseOf(service.url)
    try {
      const good = await tokenFor('alice')
      const stranger = await tokenFor('mallory')
      const bad = `${good.slice(0, -4)}AAAA`
      const expired = await tokenFor('alice', { ttlS: -60 })
      const password = 'correct-horse-battery'
      const api = createApi(base, { token: good })
      const group = await api.createGroup('secrets', [])
      const path = `${base}/ws/${group.id}`

      for (const token of [good, bad, expired, stranger]) {
        const headers = { authorization: `Bearer ${token}` }
        await fetch(`${base}/groups?token=${token}&password=${password}`, { headers })
        await fetch(`${base}/groups/${token}`, { headers })
        await fetch(`${base}/nowhere/${token}?access_token=${token}`, {
          headers: { cookie: `token=${token}` },
        })
        await fetch(`${base}/groups`, { headers: { 'x-correlation-id': token, ...headers } })
        await fetch(`${base}/groups`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ name: '', token, password, authorization: headers.authorization }),
        })
        await openSocket(path, { token }).then(
          (socket) => {
            socket.send({ type: 'auth', token })
            socket.send({ type: 'auth', token: { token, password } })
            socket.ws.send(`{"type":"auth","token":"${token}`)
            return socket.ask({ type: 'ping' }).then(socket.close)
          },
          () => undefined,
        )
        await openSocket(path, { protocols: ['chat.v1', `bearer.${token}`] }).then(
          (socket) => socket.close(),
          () => undefined,
        )
        await openSocket(path, { headers }).then(
          (socket) => socket.close(),
          () => undefined,
        )
      }
      await api.call('GET', '/groups', { headers: { 'x-api-key': password } })
      assert.equal(await service.end('SIGTERM'), 0)

      const output = service.output()
      assert.ok(output.split('\n').length > 30, 'the log holds these requests')
      for (const hidden of [good, bad, expired, stranger, password, secret]) {
        const parts = hidden.includes('.') ? [hidden, hidden.split('.')[1], hidden.split('.')[2]] : [hidden]
        for (const part of parts)
          assert.ok(
            !output.includes(part ?? hidden),
            output.split('\n').find((line) => line.includes(part ?? '')),
          )
      }
    } finally {
      await service.end('SIGKILL')
    }
  })

test('what somebody sends stays on one line, and no terminal obeys it', async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path, { LOG_LEVEL: 'DEBUG' })
  const base = baseOf(service.url)
  const evil = 'a\r\nb\u001b[2Jc\u0007\u2028\u202ed{"level":"critical","event":"forged"}'
  try {
    await fetch(`${service.url}/${encodeURIComponent(evil)}`)
    // As bytes, for which there is no ordinary client.
    await new Promise<void>((resolve) => {
      const { port } = new URL(service.url)
      const raw = request({
        port,
        host: '127.0.0.1',
        path: '/x',
        headers: { 'X-Correlation-ID': 'a\u0080\u009bb' },
      })
      raw.on('response', (response) => response.resume().on('end', resolve))
      raw.end()
    })
    const api = createApi(base, { token: await tokenFor(`eve ${evil}`.slice(0, 128)) })
    await api.call('GET', '/groups')
    await api.call('POST', '/groups', { body: { name: evil } })
    const alice = createApi(base, { token: await tokenFor('alice') })
    const group = await alice.createGroup('lines', [])
    await alice.send(group.id, evil)
    const socket = await openSocket(`${base}/ws/${group.id}`, { token: await tokenFor('alice') })
    await socket.ask({ type: 'message', content: evil })
    socket.ws.send(evil)
    await socket.next('error')
    await socket.close()
    assert.equal(await service.end('SIGTERM'), 0)

    const output = service.output()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    assert.doesNotMatch(output, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202e]/)
    const lines = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.ok(lines.length > 5)
    assert.ok(lines.every(({ level, event }) => level !== 'critical' && event !== 'forged'))
    assert.ok(lines.some(({ path }) => String(path).includes('forged')))
  } finally {
    await service.end('SIGKILL')
  }
})

for (const [where, inMain] of [
  ['in the main thread', true],
  ['in the writer of the store', false],
] as const)
  test(`a warning of the runtime's is a line as any other: ${where}`, async () => {
    using folder = temporaryFolder()
    const oddness = `import { isMainThread } from 'node:worker_threads'
    let n = 0
    if (isMainThread === ${inMain}) setInterval(() => process.emitWarning('something is odd ' + n++), 50).unref()`
    const service = await spawnService(folder.path, {
      NODE_OPTIONS: `--import="data:text/javascript,${encodeURIComponent(oddness)}"`,
    })
    try {
      /** Of each warning its number, and its line where that is one of the log. */
      const odd = () =>
        [...service.output().matchAll(/^(.*)something is odd (\d+)(.*)$/gm)].map(([line, start, n]) => ({
          n: Number(n),
          line: start?.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : null,
        }))
      await eventually('three of them are logged', () => odd().filter(({ line }) => line).length >= 3)
      // Those before our time are Node's own; the two streams of the process are read in no order.
      const first = odd().find(({ line }) => line)?.n ?? 0
      for (const { n, line } of odd().filter(({ n }) => n >= first))
        assert.deepEqual(
          [line?.level, line?.event, line?.name, line?.reason],
          ['warning', 'process_warning', 'Warning', `something is odd ${n}`],
        )
    } finally {
      await service.end('SIGKILL')
    }
  })
