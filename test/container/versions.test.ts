import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import manifest from '../../package.json' with { type: 'json' }
import { root } from '../support/process.ts'

it('has the same Node in the image as in the package that the scripts run on', () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
  const version = /^FROM node:([\d.]+)-/m.exec(dockerfile)?.[1]
  assert.equal(version, manifest.devDependencies.node)
})
