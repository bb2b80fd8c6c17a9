import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')

/** What a store is made of: each has its promises in an interface, which `store.ts` puts together. */
const nouns = globSync('src/store/*.ts', { cwd: root })
  .filter((file) => /^export interface \w+Store /m.test(readFileSync(join(root, file), 'utf8')))
  .map((file) => basename(file, '.ts'))
  .filter((name) => name !== 'open')
  .sort()
const contract = [...nouns, 'blobs', 'written', 'store'].map((name) => `src/store/${name}.ts`)

/**
 * Who may import whom, apart from itself: data flows one way, `bin -> main -> api -> http | ws -> chat -> store, hub -> domain`.
 * An entry is a folder or a file below src/, `package:name`, or `node` for Node's own modules.
 */
const arrows: Record<string, string[]> = {
  'src/protocol': [],
  'src/domain': ['src/protocol', 'package:typebox'],
  ...Object.fromEntries(contract.map((file) => [file, ['src/domain', ...contract]])),
  'src/store/signals.ts': [],
  'src/store': ['src/domain', 'node', 'package:mongodb'],
  'src/auth': ['src/domain', 'src/config.ts', 'node', 'package:jose'],
  'src/hub': ['src/domain', ...contract, 'src/store/signals.ts'],
  'src/outward': ['node'],
  'src/consumers': ['src/domain', ...contract, 'src/hub', 'src/outward', 'node', 'package:jose'],
  'src/people': ['src/domain', ...contract, 'src/store/signals.ts'],
  'src/chat': ['src/domain', ...contract, 'src/hub', 'src/people', 'node'],
  'src/observe': ['src/protocol', 'src/domain', ...contract, 'node'],
  'src/api': ['src/protocol', 'src/domain', 'src/chat', 'src/http', 'src/ws', 'package:typebox'],
  'src/http': [
    'src/protocol',
    'src/domain',
    'src/chat',
    'src/observe',
    'src/config.ts',
    'node',
    'package:typebox',
  ],
  'src/ws': [
    'src/protocol',
    'src/domain',
    'src/chat',
    'src/hub',
    'src/observe',
    'src/config.ts',
    'node',
    'package:typebox',
    'package:ws',
  ],
  'src/client': ['src/protocol', 'src/domain'],
  'src/variables.ts': ['node'],
  'src/mistakes.ts': [],
  'src/dialects.ts': [],
  'src/contradictions.ts': ['src/mistakes.ts', 'src/dialects.ts'],
  'src/config.ts': [
    'src/mistakes.ts',
    'src/contradictions.ts',
    'src/dialects.ts',
    'src/setting.ts',
    'src/variables.ts',
    'src/domain',
    'node',
  ],
  'src/apis.ts': ['src/api', 'src/chat', 'src/config.ts', 'src/dialects.ts'],
  'src/setting.ts': ['src/outward/private.ts', 'src/domain', 'node'],
  'src/strange-variables.ts': ['src/config.ts'],
  'src/duties.ts': ['src/domain', 'src/chat', 'src/store'],
  'src/accounts.ts': ['src/auth', 'src/chat', 'src/domain', 'src/config.ts', ...contract],
  'src/followers.ts': ['src/consumers', 'src/outward', 'src/chat', 'src/config.ts', 'node', ...contract],
  'src/operations.ts': ['src/http', 'src/observe', 'src/domain', 'src/config.ts'],
  'src/pages.ts': ['src/http', 'src/domain', 'src/config.ts'],
  'src/service.ts': ['src/observe'],
  'src/main.ts': ['src', 'node', 'package.json'],
  bin: ['src', 'node', 'package.json'],
}

const files = globSync(['src/**/*.ts', 'bin/**/*.ts'], { cwd: root }).sort()

const home = (file: string): string => {
  const found = Object.keys(arrows)
    .filter((place) => file === place || file.startsWith(`${place}/`))
    .sort((a, b) => b.length - a.length)[0]
  assert.ok(found, `${file} has no place in the layout`)
  return found
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\{[^}]*\}[^'"\n;]*?)?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g,
  )
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return relative(root, join(root, dirname(file), specifier))
  if (specifier.startsWith('node:')) return 'node'
  return `package:${specifier.startsWith('@') ? specifier.split('/', 2).join('/') : specifier.split('/')[0]}`
}

const isWithin = (target: string, place: string) => target === place || target.startsWith(`${place}/`)

test('imports follow the arrows', () => {
  const broken: string[] = []
  for (const file of files) {
    const own = home(file)
    for (const specifier of importsOf(file)) {
      const target = targetOf(file, specifier)
      const allowed = isWithin(target, own) || arrows[own]?.some((place) => isWithin(target, place))
      if (!allowed) broken.push(`${file} -> ${specifier}`)
    }
  }
  assert.deepEqual(broken, [])
})

test('no files import each other, not even by way of others', () => {
  const imports = new Map(
    files.map((file) => [file, importsOf(file).map((specifier) => targetOf(file, specifier))]),
  )
  const circles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (done.has(file) || path.includes(file)) return
    for (const next of imports.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  assert.deepEqual(circles, [])
})

test('nobody but the store itself knows which stores there are', () => {
  const concrete = (target: string) => /^src\/store\/(sqlite|mongo)\//.test(target)
  const importers = files.filter(
    (file) =>
      !file.startsWith('src/store/') &&
      importsOf(file).some((specifier) => concrete(targetOf(file, specifier))),
  )
  assert.deepEqual(importers, [])
})

test('a noun of the store has its file in each store, and its contract', () => {
  assert.ok(nouns.includes('groups') && nouns.includes('messages'), nouns.join())
  const store = readFileSync(join(root, 'src/store/store.ts'), 'utf8')
  for (const noun of nouns) {
    assert.match(store, new RegExp(`readonly ${noun}: `), `store.ts lacks ${noun}`)
    for (const layer of ['src/store/sqlite', 'src/store/mongo', 'test/contracts']) {
      // What takes several files has a folder.
      const found = [`${layer}/${noun}.ts`, `${layer}/${noun}`].some((path) => existsSync(join(root, path)))
      assert.ok(found, `${layer} lacks ${noun}.ts`)
    }
  }
})

test('a file is small, or has a reason', () => {
  // It is handed out as it is, and imports nothing.
  const whole = 'src/client/types.ts'
  const long = files.filter(
    (file) => file !== whole && readFileSync(join(root, file), 'utf8').split('\n').length > 300,
  )
  assert.deepEqual(long, [])
})

test('periodic work has one helper, and so has a limit on time', () => {
  const own = new Map([
    // Browsers run it, whose timers have no `unref`.
    ['src/client/client.ts', /setInterval/],
    // It looks for connections that have become idle, and only while the server closes.
    ['src/http/server.ts', /setInterval/],
    // It is part of the limit: what the driver says ends the wait as well.
    ['src/store/mongo/engine/hang-guard.ts', /Promise\.race/],
    ['src/domain/every.ts', /setInterval/],
  ])
  const others = files
    .filter((file) => file.startsWith('src/'))
    .filter((file) => {
      const found = readFileSync(join(root, file), 'utf8').match(/\bsetInterval\(|\bPromise\.race\(/g) ?? []
      return found.some((call) => !own.get(file)?.test(call))
    })
  assert.deepEqual(others, [], 'use domain/every.ts and domain/with-timeout.ts')
})
