import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { settings } from '../../src/config.ts'
import { weaknessOf } from '../../src/mistakes.ts'
import { root, temporaryFolder } from '../support/process.ts'
import { skipWithout } from '../support/skip.ts'

const file = readFileSync(join(root, 'docker-compose.yml'), 'utf8')

test('docker-compose 1.29 reads the file as it is, without any .env, and with one', {
  skip: skipWithout('docker-compose', ['--version'], 'apt-get install docker-compose'),
}, () => {
  using folder = temporaryFolder()
  copyFileSync(join(root, 'docker-compose.yml'), join(folder.path, 'docker-compose.yml'))
  const config = () =>
    spawnSync('docker-compose', ['--profile', 'scale', 'config'], {
      cwd: folder.path,
      env: { PATH: process.env.PATH },
      encoding: 'utf8',
    })
  const bare = config()
  assert.deepEqual([bare.status, bare.stderr], [0, ''])
  for (const name of ['chat-api', 'chat-api-2'])
    assert.match(bare.stdout, new RegExp(`container_name: ${name}$`, 'm'))
  assert.match(bare.stdout, /^ {6}JWT_SECRET: ''$/m)

  writeFileSync(join(folder.path, '.env'), 'JWT_SECRET=ours\nLOG_LEVEL=DEBUG\n')
  const { stdout } = config()
  assert.match(stdout, /^ {6}JWT_SECRET: ours$/m)
})

test('every setting can come from .env, but for those that the containers need as they are', () => {
  const passed = /^x-settings: &settings\n((?: {2}[A-Z_]+:\n)+)/m.exec(file)?.[1]?.match(/[A-Z_]+/g) ?? []
  const set = [...file.matchAll(/^ {4}([A-Z_]+): \S/gm)].map(([, name = '']) => name.replace(/_FILE$/, ''))
  // A secret's other name is for the service that keeps the secret.
  const known = Object.values(settings).flatMap(({ name, secret, ...rest }) =>
    'alias' in rest && rest.alias && !secret ? [name, rest.alias] : [name],
  )
  // The metrics' own port would have to be published by hand.
  assert.deepEqual([...passed, ...set, 'METRICS_PORT'].sort(), known.sort())
})

test('a secret is made once and kept, and gives way to one that is given', () => {
  using folder = temporaryFolder()
  const script = /entrypoint: \[node, -e\]\n {4}command:\n {6}- \|\n((?: {8}.*\n)+)/.exec(file)?.[1] ?? ''
  assert.notEqual(script, '')
  const kept = join(folder.path, 'jwt')
  const run = (JWT_SECRET: string): string => {
    const env = { PATH: process.env.PATH, JWT_SECRET }
    execFileSync(process.execPath, ['-e', script.replaceAll('/data/jwt', kept)], { env, stdio: 'pipe' })
    return readFileSync(kept, 'utf8')
  }
  const made = run('')
  assert.equal(weaknessOf(made), null)
  assert.equal(statSync(kept).mode & 0o777, 0o600)
  assert.equal(run(''), made)
  assert.equal(run('that of the auth-api'), 'that of the auth-api')
  assert.equal(run(''), 'that of the auth-api')
})
