import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { GroupView } from '../../src/domain/group.ts'
import { apiOf } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { freePort, root, secret, spawnService, temporaryFolder, tokenFor } from '../support/process.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const section = /^## Chat in two minutes$(.*?)^## /ms.exec(readme)?.[1] ?? ''

/** The section's code in this language, one text a block. */
const blocks = (language: string): string[] =>
  [...section.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code = '']) => code)

test('what the README says about chatting in two minutes works when pasted', async () => {
  using folder = temporaryFolder()
  const port = await freePort()
  const service = await spawnService(folder.path, { PORT: `${port}` })
  /** As written, but for the port: somebody may be using the usual one. */
  const here = (code: string) => code.replaceAll('127.0.0.1:8001', `127.0.0.1:${port}`)
  const env = { ...process.env, JWT_SECRET: secret, PORT: `${port}`, DATA_DIR: folder.path }
  try {
    const [shell = '', ...more] = blocks('sh')
    assert.notEqual(shell, '', 'the README has a block of sh')
    const script = ['set -euo pipefail', shell, ...more].map(here).join('\n')
    const bash = spawn('bash', ['-c', script], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 30_000,
    })
    const [out, errors] = await Promise.all([text(bash.stdout), text(bash.stderr), once(bash, 'exit')])
    assert.equal(bash.exitCode, 0, `${out}\n${errors}`)
    assert.doesNotMatch(out, /"code":/, 'no answer is an error')
    assert.match(out, /"messages":\[\{[^\n]*Hello everybody/, 'what testuser wrote is read')
    assert.match(out, /"user":\{[^\n]*"username":"mia"/, 'who registered is logged in')
    assert.match(out, /"type":"new_message".*"content":"Hello Alice"/, 'what happened since the cursor')

    const alice = apiOf(service.url, 'alice')
    const { groups } = (await alice.call<{ groups: GroupView[] }>('GET', '/groups')).body
    assert.deepEqual(
      groups.map(({ name, authorized_user_ids }) => [name, authorized_user_ids]),
      [['Tea', ['alice', 'bob']]],
    )
    const group = groups[0]?.id ?? ''
    const said = async () =>
      (await alice.history(group)).map(({ sender_id, content }) => [sender_id, content])
    assert.deepEqual(await said(), [
      ['alice', 'Hello Bob'],
      ['bob', 'Hello Alice'],
    ])

    const [code = ''] = blocks('js')
    const given = `const group = '${group}', token = '${await tokenFor('bob')}'\n`
    const page = spawn(process.execPath, ['--input-type=module', '-e', given + here(code)], {
      timeout: 10_000,
    })
    let heard = ''
    for (const stream of [page.stdout, page.stderr]) stream.on('data', (chunk) => (heard += chunk))
    const ended = once(page, 'exit')
    await eventually('its message is acknowledged', () => /type: 'ack',\s+re: 1/.test(heard)).catch(
      (error) => {
        throw new Error(`${error}\n${heard}`)
      },
    )
    page.kill()
    await ended
    assert.deepEqual((await said()).at(-1), ['bob', 'Hello'])
  } finally {
    rmSync('/tmp/group.json', { force: true })
    assert.equal(await service.end('SIGTERM'), 0)
  }
})

test("the README's bot answers", async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path)
  const [, code = ''] = /^## A bot in ten lines$.*?^```js\n(.*?)^```$/ms.exec(readme) ?? []
  const alice = apiOf(service.url, 'alice')
  const group = await alice.createGroup('bots', ['bot'])
  const env = { ...process.env, TOKEN: await tokenFor('bot') }
  const here = code.replaceAll('http://127.0.0.1:8001', service.url)
  const bot = spawn(process.execPath, ['--input-type=module', '-e', here], { cwd: root, env })
  const ended = once(bot, 'exit')
  try {
    const online = async () =>
      (await alice.call<{ total: number }>('GET', `/groups/${group.id}/online`)).body.total
    await eventually('it is there', async () => (await online()) === 1)
    await alice.send(group.id, '!echo hello')
    await eventually('it answers', async () => (await alice.history(group.id)).at(-1)?.content === 'hello')
    await alice.send(group.id, 'nothing for it')
  } finally {
    bot.kill()
    await ended
    await service.end('SIGTERM')
  }
})
