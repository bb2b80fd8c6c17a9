import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { builtFile, root } from '../support/process.ts'

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
