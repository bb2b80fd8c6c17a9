import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { cpSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { eventually } from '../support/eventually.ts'
import { builtFile, root, temporaryFolder, watchProcess } from '../support/process.ts'

const run = promisify(execFile)

test('who starts the service while it is built anew finds whole files', async () => {
  let isBuilding = true
  const building = Promise.all(
    [1, 2].map(() => run(process.execPath, [join(root, 'dashboard/build.ts')])),
  ).finally(() => {
    isBuilding = false
  })
  let started = 0
  for (; isBuilding; started++) {
    const { stdout } = await run(process.execPath, [builtFile, '--version'])
    assert.match(stdout, /\d+\.\d+\.\d+/)
  }
  await building
  assert.ok(started > 0)
  assert.deepEqual(
    readdirSync(join(root, 'dist')).filter((name) => name.startsWith('.')),
    [],
  )
})

test('each page is one file within the same shell, which asks for nothing', () => {
  const names = globSync('*/page.html', { cwd: join(root, 'dashboard') }).map(dirname)
  assert.ok(names.includes('dashboard') && names.includes('login'), names.join())
  const heads = names.map((name) => {
    const html = readFileSync(join(root, `dist/${name}.html`), 'utf8')
    const page = readFileSync(join(root, `dashboard/${name}/page.html`), 'utf8')
    const [title = ''] = page.split('\n')
    assert.ok(html.includes(title) && html.endsWith('</body>\n</html>\n'), name)
    // What installs the chat page comes from the service, and from nobody else.
    const asked = [...html.matchAll(/<(?:script|link|img)[^>]* (?:src|href)="(?!data:)([^"]*)/g)]
    const own = name === 'chat' ? ['/manifest.webmanifest', '/icon-192.png'] : []
    assert.deepEqual(
      asked.map(([, address]) => address),
      own,
      name,
    )
    const [head = '', body = ''] = html.split('</head>')
    assert.match(body, /^\n<body.*<script>.+<\/script>\n<\/body>/s, name)
    return head
      .replace(title, '')
      .replace(/<style>.+<\/style>/s, '<style></style>')
      .replace(/(?<=rel="icon" href=")data:[^"]*/, '')
      .replace(/^<(meta name="theme-color"|link rel="(manifest|apple-touch-icon)").*\n/gm, '')
  })
  assert.equal(new Set(heads).size, 1)
  assert.match(heads[0] ?? '', /<meta charset="utf-8">.*<meta name="viewport".*<style><\/style>/s)
})

test('what browsers load is small, as it is sent', () => {
  for (const [file, mostKiB] of [
    ['chat.html', 60],
    ['chat-worker.js', 2],
    ['websocket-test.html', 10],
    ['dashboard.html', 34],
    ['login.html', 2],
    ['client.js', 8],
  ] as const) {
    const { length } = gzipSync(readFileSync(join(root, 'dist', file)), { level: 9 })
    assert.ok(length <= mostKiB * 1_024, `${file} has ${length} bytes, more than ${mostKiB} KiB`)
  }
})

test('dist/ is all that it takes, wherever it is put', async () => {
  using folder = temporaryFolder()
  for (const file of readdirSync(join(root, 'dist')).filter((name) => !name.endsWith('.map')))
    cpSync(join(root, 'dist', file), join(folder.path, 'dist', file))
  writeFileSync(join(folder.path, 'package.json'), '{ "type": "module" }')
  const child = spawn(process.execPath, ['dist/chat-api.js', 'serve'], {
    cwd: folder.path,
    env: { PATH: process.env.PATH, DATA_DIR: 'data', PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { output, ended } = watchProcess(child)
  try {
    await eventually('it listens', () => / listens on http:\S+/.test(output()), 20_000)
    const url = /^dashboard +(http:\S+)\/dashboard$/m.exec(output())?.[1] ?? ''
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
      paths: Record<string, object>
    }
    const files = Object.keys(paths).filter((path) => /^\/[^/]*$/.test(path) && 'get' in (paths[path] ?? {}))
    assert.ok(files.includes('/chat-ui') && files.includes('/icon-512.png'), files.join())
    for (const path of files) {
      const answer = await fetch(url + path)
      assert.equal(answer.status, 200, path)
      const body = await answer.text()
      assert.ok(body.length > 0 && !body.includes('not built'), path)
    }
  } finally {
    child.kill('SIGTERM')
    await ended
  }
})
