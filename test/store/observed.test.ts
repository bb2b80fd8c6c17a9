import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed } from '../../src/store/observed.ts'
import { aGroup, aSend, failsWith, newId, t0, user } from '../support/samples.ts'
import { openEmpty } from './open.ts'

test('an observed store does what the store does, and reports each operation with its outcome', async () => {
  const { store, close } = await openEmpty()
  const reports: [string, string][] = []
  const seen = observed(store, (operation, durationMs, outcome) => {
    assert.ok(durationMs >= 0)
    reports.push([operation, outcome])
  })

  assert.equal(seen.kind, store.kind)
  assert.equal(seen.epoch, store.epoch)
  const group = await aGroup(seen, { members: ['ann'] })
  assert.deepEqual(await seen.groups.read(group.id), group)
  await assert.rejects(seen.messages.append(aSend(group), user('bob')), failsWith('forbidden'))
  await assert.rejects(seen.groups.delete(newId(), user('bob'), t0), failsWith('not_found'))
  await seen.close()
  await assert.rejects(seen.ping(), failsWith('unavailable'))
  assert.deepEqual(reports, [
    ['groups.create', 'ok'],
    ['groups.read', 'ok'],
    ['messages.append', 'forbidden'],
    ['groups.delete', 'not_found'],
    ['close', 'ok'],
    ['ping', 'unavailable'],
  ])
  await close()
})

test('what is not a ChatError is reported as failed', async () => {
  const { store, close } = await openEmpty()
  const outcomes: string[] = []
  const broken = { ...store, ping: () => Promise.reject(new TypeError('a bug')) }
  await assert.rejects(observed(broken, (_, __, outcome) => outcomes.push(outcome)).ping(), TypeError)
  assert.deepEqual(outcomes, ['failed'])
  await close()
})
