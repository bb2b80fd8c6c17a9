import assert from 'node:assert/strict'
import { exec, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import manifest from '../../package.json' with { type: 'json' }
import { eventually } from '../support/eventually.ts'
import { root, temporaryFolder, watchProcess } from '../support/process.ts'

test('npm run dev starts', async () => {
  using folder = temporaryFolder()
  const [command, ...args] = manifest.scripts.dev.split(' ')
  assert.equal(command, 'node')
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH, DATA_DIR: folder.path, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { output, ended } = watchProcess(child)
  try {
    await eventually('it listens', () => / listens on http:\S+/.test(output()), 20_000).catch((error) => {
      throw new Error(`${error}\n${output()}`)
    })
  } finally {
    child.kill('SIGTERM')
    await ended
  }
})

test('npm ci may run every install script that the packages have: it has nothing to ask about', () => {
  interface Lock {
    packages: Record<string, { hasInstallScript?: boolean }>
  }
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock
  const withScript = Object.entries(packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.replace(/^.*node_modules\//, ''))
  assert.deepEqual(withScript.sort(), Object.keys(manifest.allowScripts).sort())
})

test('npm test says first how long it takes, then how far it is, and at last how it went', async () => {
  using folder = temporaryFolder()
  const names = ['one', 'two', 'three']
  for (const name of names)
    writeFileSync(
      join(folder.path, `${name}.test.ts`),
      `import { test } from 'node:test'\ntest('${name}', () => {})\n`,
    )
  const script = manifest.scripts.test.replace("'test/**/*.test.ts'", `'${folder.path}/*.test.ts'`)
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { stdout } = await promisify(exec)(script, { cwd: root, env })
  const lines = stdout.trimEnd().split('\n')
  assert.match(lines[0] ?? '', /\bminutes\b/)
  for (const name of names)
    assert.ok(
      lines.some((line) => line.startsWith(`✔ ${name} `)),
      stdout,
    )
  assert.match(lines.at(-1) ?? '', /^ℹ duration_ms \d/)
  assert.ok(lines.includes('ℹ pass 3'), stdout)
})
