import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
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
