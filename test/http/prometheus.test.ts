import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, root, temporaryFolder } from '../support/process.ts'
import { startService } from '../support/service.ts'
import { skipWithout } from '../support/skip.ts'

const without = (program: string) => skipWithout(program, ['--version'], 'apt-get install prometheus')

/** A service that was used: every metric has a value. */
async function usedService(env: Record<string, string> = {}) {
  const service = await startService({ RATE_LIMIT_MESSAGES: '2', ...env })
  const ann = await service.api('ann')
  const { id } = await ann.createGroup('group', [])
  const { cursor } = (await ann.call('GET', `/groups/${id}/messages`)).body
  const socket = await service.socket('ann', `/ws/${id}`, { after: String(cursor) })
  await socket.ask({ type: 'message', content: 'hello', id: 1 })
  await socket.close()
  await ann.call('POST', `/groups/${id}/members`, { body: { user_id: 'bob' } })
  for (let i = 0; i < 3; i++) await ann.call('POST', `/groups/${id}/messages`, { body: { content: 'hello' } })
  await fetch(`${service.base}/groups`, { headers: { authorization: 'Bearer nonsense' } })
  await fetch(`${service.url}/nowhere`)
  return { service, groupId: id }
}

test('metrics and alert rules are clean', { skip: without('promtool') }, async () => {
  const { service, groupId } = await usedService()
  await using _ = service
  const text = await (await fetch(`${service.url}/metrics`)).text()
  const metrics = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
  assert.deepEqual([metrics.status, metrics.stdout + metrics.stderr], [0, ''])
  assert.ok(!text.includes(groupId), 'no id is a label')

  const rules = spawnSync('promtool', ['check', 'rules', join(root, 'docs/alerts.yml')], { encoding: 'utf8' })
  assert.equal(rules.status, 0, rules.stdout + rules.stderr)
})

test('alerts and Grafana ask for metrics that there are', async () => {
  const { service } = await usedService()
  await using _ = service
  const text = await (await fetch(`${service.url}/metrics`)).text()
  const known = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name))
  for (const file of ['docs/alerts.yml', 'docs/grafana.json', 'docs/operations.md']) {
    const names = readFileSync(join(root, file), 'utf8').match(/\b(chat|nodejs|process)_[a-z0-9_]+\b/g) ?? []
    assert.ok(names.length > 5, file)
    for (const name of new Set(names.filter((each) => !each.endsWith('_percent')))) {
      const base = name.replace(/_(bucket|sum|count)$/, '')
      assert.ok(known.has(name) || known.has(base), `${file} names ${name}`)
    }
  }
})

test('what people do to groups and messages is counted by type', async () => {
  await using service = await startService()
  const ann = await service.api('ann')
  const { id } = await ann.createGroup('group', ['bob'])
  const { id: messageId } = await ann.send(id, 'hello')
  const thumb = encodeURIComponent('👍')
  const call = async (method: string, path: string, body?: object) => {
    const { status } = await ann.call(method, path, body && { body })
    assert.ok(status < 300, `${method} ${path}: ${status}`)
  }
  await call('POST', `/groups/${id}/members`, { user_ids: ['cyd', 'dan', 'eve'] })
  await call('PATCH', `/groups/${id}/members/cyd`, { role: 'admin' })
  await call('DELETE', `/groups/${id}/members/dan`)
  await call('PUT', `/groups/${id}/bans/eve`, {})
  await call('PUT', `/groups/${id}/bans/eve`, { reason: 'again' })
  await call('PUT', `/groups/${id}`, { description: 'new' })
  await call('PUT', `/messages/${messageId}/reactions/${thumb}`)
  await call('PUT', `/messages/${messageId}/reactions/${thumb}`)
  await call('PUT', `/messages/${messageId}/pin`)
  await call('DELETE', `/messages/${messageId}/pin`)
  await call('PUT', `/messages/${messageId}`, { content: 'edited' })
  await call('DELETE', `/messages/${messageId}`)
  const text = await (await fetch(`${service.url}/metrics`)).text()
  const counted = [...text.matchAll(/^chat_changes_total\{type="(\w+)"\} (\d+)$/gm)]
  assert.deepEqual(Object.fromEntries(counted.map(([, type, count]) => [type, Number(count)])), {
    member_added: 3,
    member_updated: 1,
    member_removed: 2,
    member_banned: 2,
    group_updated: 1,
    reactions: 1,
    message_pinned: 1,
    message_unpinned: 1,
    message_updated: 1,
    message_deleted: 1,
  })
  assert.match(text, /^chat_groups_made_total\{kind="group"\} 1$/m)
})

test('files that come and go are counted, and those that are kept are told', async () => {
  await using service = await startService()
  const { owner, group } = await service.group('ann')
  const headers = { 'content-type': 'application/octet-stream' }
  const { body } = await owner.call<{ id: string }>('POST', `/groups/${group.id}/files`, {
    raw: '0123456789',
    headers,
  })
  await owner.call('GET', `/files/${body.id}`)
  await owner.call('GET', `/files/${body.id}`, { headers: { range: 'bytes=2-4' } })
  const text = await (await fetch(`${service.url}/metrics`)).text()
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
  const names = [
    'chat_file_uploads_total',
    'chat_file_upload_bytes_total',
    'chat_file_downloads_total',
    'chat_file_download_bytes_total',
  ]
  assert.deepEqual(names.map(value), [1, 10, 2, 13])
  assert.match(text, /^chat_files_stored_bytes \d+$/m)
})

test('METRICS_PORT serves the metrics, and nothing else, on a port of its own', async () => {
  const port = await freePort()
  await using service = await startService({ METRICS_PORT: String(port) })
  const status = async (url: string) => (await fetch(url)).status
  assert.equal(await status(`http://127.0.0.1:${port}/metrics`), 200)
  assert.equal(await status(`http://127.0.0.1:${port}/dashboard`), 404)
  assert.equal(await status(`${service.url}/metrics`), 404)
  assert.equal(await status(`${service.url}/dashboard`), 200)
})

test('in production an open dashboard is warned of', async () => {
  const opened = async (env: Record<string, string>) => {
    await using service = await startService({ ENVIRONMENT: 'production', ...env })
    return service.logged.some((line) => line.includes('"dashboard_is_open"'))
  }
  assert.equal(await opened({}), true)
  assert.equal(await opened({ DASHBOARD_TOKEN: 'x'.repeat(40) }), false)
})

interface QueryAnswer {
  data: { result: { value: [at: number, value: string] }[] }
}

test('Prometheus scrapes the service', { skip: without('prometheus'), timeout: 60_000 }, async () => {
  const { service } = await usedService({ DASHBOARD_TOKEN: 'a-token-for-prometheus' })
  await using _ = service
  using folder = temporaryFolder()
  writeFileSync(
    join(folder.path, 'prometheus.yml'),
    `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: chat-api
    authorization: { credentials: a-token-for-prometheus }
    static_configs: [{ targets: ['${new URL(service.url).host}'] }]
`,
  )
  const port = await freePort()
  const prometheus = spawn(
    'prometheus',
    [
      `--config.file=${join(folder.path, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder.path, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  const ended = once(prometheus, 'exit')
  try {
    const value = async (query: string): Promise<string | undefined> => {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`
      const response = await fetch(url).catch(() => undefined)
      const answer = response?.ok ? ((await response.json()) as QueryAnswer) : undefined
      return answer?.data.result[0]?.value[1]
    }
    const deadline = performance.now() + 30_000
    while ((await value('up{job="chat-api"}')) !== '1') {
      assert.ok(performance.now() < deadline, 'Prometheus did not get its metrics')
      await sleep(100)
    }
    assert.equal(await value('chat_sends_total{outcome="new"}'), '2')
    assert.equal(await value('chat_http_request_duration_seconds_count{route="messages.send"}'), '3')
  } finally {
    prometheus.kill('SIGTERM')
    await ended
  }
})
