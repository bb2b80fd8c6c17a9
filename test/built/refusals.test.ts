import assert from 'node:assert/strict'
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { mountSmallDisk, noSmallDisk } from '../store/tmpfs.ts'
import { apiOf } from '../support/api.ts'
import { launchService, spawnService, temporaryFolder } from '../support/process.ts'

/** An idle machine takes a quarter of it. */
const soonMs = 2_000

/** It ends within 2 s by itself, with this code; resolves with all it wrote. */
async function refuses(dataDir: string, env: Record<string, string>, code: number): Promise<string> {
  const refusing = launchService(dataDir, env)
  const timer = setTimeout(() => refusing.child.kill('SIGKILL'), soonMs)
  const ended = await refusing.ended
  clearTimeout(timer)
  assert.equal(ended, code, refusing.output())
  assert.doesNotMatch(refusing.output(), /"event":"started"|\n\s+at /, 'neither a start nor a stack')
  return refusing.output()
}

/** What the one critical line says. */
function reasonIn(output: string): string {
  const lines = output.split('\n').filter((line) => line.includes('"event":"start_failed"'))
  assert.equal(lines.length, 1, output)
  return (JSON.parse(lines[0] ?? '') as { reason: string }).reason
}

/** A folder with a hundred messages in it. */
async function fill(dataDir: string): Promise<void> {
  const service = await spawnService(dataDir)
  const api = apiOf(service.url, 'alice')
  const group = await api.createGroup('filled', [])
  await Promise.all(Array.from({ length: 100 }, () => api.send(group.id, 'x'.repeat(1_000))))
  assert.equal(await service.end('SIGTERM'), 0)
}

test('a second process on the same folder, while the first goes on', async () => {
  using folder = temporaryFolder()
  const first = await spawnService(folder.path)
  try {
    const reason = reasonIn(await refuses(folder.path, {}, 1))
    assert.match(reason, /another chat-api process is using it/)
    assert.ok(reason.includes(folder.path) && reason.includes('DATA_DIR'), reason)
    assert.equal((await fetch(`${first.url}/readyz`)).status, 200)
  } finally {
    assert.equal(await first.end('SIGTERM'), 0)
  }
})

test('a damaged file, which stays as it is', async () => {
  using folder = temporaryFolder()
  await fill(folder.path)
  const file = join(folder.path, 'chat.db')
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, Buffer.alloc(4_096, 'garbage'), 0, 4_096, 10 * 4_096)
  closeSync(descriptor)
  const damaged = readFileSync(file)
  const reason = reasonIn(await refuses(folder.path, {}, 1))
  assert.match(reason, /is damaged.*backup.*chat-api restored/)
  assert.ok(reason.includes(file))
  assert.deepEqual(readFileSync(file), damaged)
})

test('a folder that cannot be written', async (t) => {
  const disk = mountSmallDisk(3)
  if (!disk) return t.skip(noSmallDisk)
  try {
    await fill(disk.dir)
    disk.makeReadOnly()
    const reason = reasonIn(await refuses(disk.dir, {}, 1))
    assert.match(reason, /cannot be written.*read-only/)
    assert.ok(reason.includes(disk.dir))
  } finally {
    disk.remove()
  }
})

test('a folder that is a file', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'data')
  writeFileSync(file, '')
  assert.match(reasonIn(await refuses(folder.path, { DATA_DIR: file }, 1)), /data folder/)
})

test('a port that is taken; the folder is free again', async () => {
  using here = temporaryFolder()
  using there = temporaryFolder()
  const first = await spawnService(here.path)
  try {
    const { port } = new URL(first.url)
    const reason = reasonIn(await refuses(there.path, { PORT: port }, 1))
    assert.ok(reason.includes(port) && reason.includes('PORT'), reason)
  } finally {
    await first.end('SIGTERM')
  }
  const second = await spawnService(there.path)
  assert.equal(await second.end('SIGTERM'), 0)
})

test('a configuration with mistakes: all are listed, with an example each, and no secret', async () => {
  using folder = temporaryFolder()
  const output = await refuses(
    folder.path,
    {
      ENVIRONMENT: 'production',
      JWT_SECRET: 'much too short',
      PORT: '70000',
      LOG_LEVEL: 'LOUD',
      SHUTDOWN_TIMEOUT: 'soon',
      CORS_ORIGINS: 'localhost:3000/x',
      MONGODB_URL: 'postgres://user:hunter2@host/',
    },
    78,
  )
  for (const name of ['JWT_SECRET', 'PORT', 'LOG_LEVEL', 'SHUTDOWN_TIMEOUT', 'CORS_ORIGINS', 'MONGODB_URL'])
    assert.match(output, new RegExp(`^ *${name}: .*Example: ${name}=`, 'm'))
  assert.doesNotMatch(output, /much too short|hunter2/)
})

test('production without a secret', async () => {
  using folder = temporaryFolder()
  const output = await refuses(folder.path, { ENVIRONMENT: 'production', JWT_SECRET: '' }, 78)
  assert.match(output, /JWT_SECRET: production needs it/)
})
