import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { root, temporaryFolder, tokenFor } from '../support/process.ts'
import { startService } from '../support/service.ts'

const run = promisify(execFile)
const built = (name: string) => readFileSync(join(root, 'dist', name), 'utf8')

test('the library is one module of at most 8 KiB, as it is sent', () => {
  const script = built('client.js')
  assert.ok(gzipSync(script, { level: 9 }).length <= 8 * 1_024)
  assert.doesNotMatch(script, /\bimport\b|randomUUID/)
})

test('the service serves the library and its types, to pages of other origins too', async () => {
  await using service = await startService()
  const [script, types] = await Promise.all(
    ['/client.js', '/client.d.ts'].map((path) => fetch(service.url + path)),
  )
  assert.match(script?.headers.get('content-type') ?? '', /^text\/javascript/)
  assert.equal(script?.headers.get('access-control-allow-origin'), '*')
  assert.deepEqual([await script?.text(), await types?.text()], [built('client.js'), built('client.d.ts')])
})

test('its types compile alone, as strictly as there is', async () => {
  using folder = temporaryFolder()
  copyFileSync(join(root, 'dist/client.d.ts'), join(folder.path, 'client.d.ts'))
  writeFileSync(
    join(folder.path, 'bot.ts'),
    `import { connect, type ChatError, type Message } from './client'
const chat = connect({ url: 'https://chat.example.com', token: async () => 'a token' })
chat.on('message', ({ message }) => { const text: string = message.content; void text })
chat.on('typing', (event) => void event.user_id)
export async function greet(id: string): Promise<Message> {
  for await (const group of chat.groups.all()) void group.unread_count
  try { return await chat.group(id).send('hello', { mentions: ['bob'] }) }
  catch (error) { throw (error as ChatError).code }
}
// @ts-expect-error There is no such state.
export const state: boolean = chat.state === 'nowhere'
`,
  )
  const options = [
    '--strict',
    '--noEmit',
    '--target',
    'es2022',
    '--lib',
    'es2022',
    '--module',
    'esnext',
    '--types',
    '',
  ]
  const compiler = join(root, 'node_modules/.bin/tsc')
  await run(
    compiler,
    [...options, '--moduleResolution', 'bundler', '--exactOptionalPropertyTypes', 'bot.ts'],
    {
      cwd: folder.path,
    },
  )
})

test('it needs nothing of its platform but what may be handed in', async () => {
  await using service = await startService()
  const { owner, group } = await service.group('alice')
  const needed = {
    WebSocket,
    fetch,
    setTimeout,
    crypto: { getRandomValues: crypto.getRandomValues.bind(crypto) },
  }
  for (const [globals, given] of [
    [needed, {}],
    [{}, needed],
  ]) {
    // A script in a context of its own sees the language and these globals, nothing else.
    const context = createContext({ ...globals })
    runInContext(
      built('client.js').replace(/export\{(\w+) as connect\};?\s*$/, 'globalThis.connect=$1'),
      context,
    )
    const { connect } = context as unknown as typeof import('../../src/client/client.ts')
    const chat = connect({ url: service.url, token: () => tokenFor('alice'), ...given })
    const before = (await owner.history(group.id)).length
    await chat.group(group.id).send('hello')
    assert.equal((await owner.history(group.id)).length, before + 1)
    assert.equal((await chat.groups.get(group.id)).seq, before + 1)
    chat.close()
    assert.equal(chat.state, 'closed')
  }
})
