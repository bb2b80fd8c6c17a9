import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '../../src/domain/errors.ts'
import type { Claims } from '../../src/domain/profile.ts'
import { createDirectory } from '../../src/people/directory.ts'
import { createNames } from '../../src/people/names.ts'
import { referenceProfiles } from '../contracts/reference/profiles.ts'
import { inSomeTurn } from '../support/eventually.ts'
import { t0 } from '../support/samples.ts'

const claims = (userId: string, over: Partial<Claims> = {}): Claims => ({
  userId,
  username: userId,
  name: null,
  email: null,
  issuedAt: null,
  ...over,
})

function setUp() {
  const profiles = referenceProfiles()
  const calls = { see: 0, read: 0, touch: 0 }
  const state: { fails: boolean; hangs: Promise<void> | null } = { fails: false, hangs: null }
  const times = { now: t0, clock: 0 }
  const errors: unknown[] = []
  const asked = async (name: keyof typeof calls) => {
    calls[name]++
    if (state.hangs) await state.hangs
    if (state.fails) throw new ChatError('unavailable', 'Away.')
  }
  const directory = createDirectory({
    store: {
      ...profiles,
      async see(...args) {
        await asked('see')
        return profiles.see(...args)
      },
      async read(...args) {
        await asked('read')
        return profiles.read(...args)
      },
      async touch(...args) {
        await asked('touch')
        return profiles.touch(...args)
      },
    },
    now: () => times.now,
    clock: () => times.clock,
    onError: (error) => errors.push(error),
    most: 100,
  })
  return { directory, profiles, calls, state, times, errors }
}

test('a token is written once, and again only when it says something else', async () => {
  const { directory, profiles, calls } = setUp()
  const first = claims('ann', { name: 'Ann' })
  await directory.seen(first)
  assert.equal(directory.of('ann').display_name, 'Ann')
  await directory.settled('ann')
  assert.equal(directory.seen(first), undefined)
  await directory.seen(claims('ann', { name: 'Ann' }))
  await directory.settled('ann')
  assert.deepEqual(calls, { see: 1, read: 1, touch: 0 })
  await directory.seen(claims('ann', { name: 'Anna' }))
  await directory.settled('ann')
  assert.equal(calls.see, 2)
  assert.equal((await profiles.read(['ann']))[0]?.displayName, 'Anna')
  assert.equal(directory.of('ann').display_name, 'Anna')
})

test('nobody waits for what is written, nor longer than a moment for what is read', async () => {
  const { directory, state, profiles } = setUp()
  const hanging = Promise.withResolvers<void>()
  await directory.seen(claims('bob'))
  await directory.settled('bob')
  state.hangs = hanging.promise
  // The look-up hangs, and is given up after a second.
  await directory.seen(claims('ann', { name: 'Ann' }))
  assert.equal(directory.of('ann').display_name, 'ann')
  // A write is not waited for at all.
  await directory.seen(claims('bob', { name: 'Bob' }))
  assert.equal((await profiles.read(['bob']))[0]?.displayName, 'bob')
  hanging.resolve()
  await directory.settled('bob')
  assert.equal(directory.of('bob').display_name, 'Bob')
})

test('what a store that is away could not take is written later, and told of once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { directory, state, errors, profiles } = setUp()
  await directory.know(['ann'])
  state.fails = true
  await directory.seen(claims('ann', { name: 'Ann' }))
  await directory.settled('ann')
  directory.left('ann')
  assert.equal(errors.length, 1)
  state.fails = false
  t.mock.timers.tick(1_000)
  await inSomeTurn(() => directory.of('ann').display_name === 'Ann')
  await directory.close()
  assert.equal((await profiles.read(['ann']))[0]?.displayName, 'Ann')
})

test('whoever is named gets a profile, and one is called by the taken name of nobody', async () => {
  const { directory, profiles } = setUp()
  await directory.know(['stub', 'stub', 'other'])
  await directory.settled('stub')
  assert.equal((await profiles.read(['stub', 'other'])).length, 2)
  await directory.seen(claims('one', { username: 'tom' }))
  await directory.settled('one')
  await directory.seen(claims('two', { username: 'Tom', name: 'Second' }))
  // Before it has its number it is called by its id.
  assert.deepEqual([directory.of('two').username, directory.of('two').display_name], ['two', 'Second'])
  await directory.settled('two')
  assert.match(directory.of('two').username, /^Tom~\d+$/)
})

test('who stays is written as seen each five minutes at most, and when they leave', async () => {
  const { directory, calls, times, profiles } = setUp()
  const token = claims('ann')
  await directory.seen(token)
  await directory.settled('ann')
  const pass = async (ms: number) => {
    times.now += ms
    times.clock += ms
    await directory.seen(token)
    await directory.seen(claims('ann'))
    await new Promise(setImmediate)
    await new Promise(setImmediate)
  }
  await pass(299_000)
  assert.equal(calls.touch, 0)
  await pass(2_000)
  assert.equal(calls.touch, 1)
  await pass(1_000)
  assert.equal(calls.touch, 1)
  directory.left('ann')
  await directory.close()
  assert.equal((await profiles.read(['ann']))[0]?.lastSeenAt, times.now)
})

test('names have a bound, and a change is known for what was shown before', () => {
  const names = createNames(2)
  for (const id of ['a', 'b', 'c']) names.learn(id, null)
  assert.equal(names.size, 2)
  assert.equal(names.of('a'), undefined)
  const { version } = names
  assert.equal(names.changedSince(version, ['a', 'b', 'c']), false)
  names.learn('c', null, { id: 'c', username: 'c', display_name: 'Cem', avatar_url: null })
  assert.ok(names.version > version)
  assert.equal(names.changedSince(version, ['b']), false)
  assert.equal(names.changedSince(version, ['b', 'c']), true)
  assert.equal(names.changedSince(names.version, ['c']), false)
  // Of so many changes the first are forgotten: then anybody may have changed.
  for (let n = 0; n < 10_001; n++)
    names.learn('c', null, { id: 'c', username: `${n}`, display_name: 'Cem', avatar_url: null })
  for (let n = 0; n < 10_001; n++) {
    names.learn(`d${n}`, null)
    names.learn(`d${n}`, null, { id: `d${n}`, username: 'x', display_name: 'x', avatar_url: null })
  }
  assert.equal(names.changedSince(version, ['b']), true)
})
