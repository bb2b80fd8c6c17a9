import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createThrottle, type ThrottleOptions } from '../../src/chat/throttle.ts'
import { ChatError } from '../../src/domain/errors.ts'
import { referenceAttempts } from '../contracts/reference/attempts.ts'
import { t0 } from '../support/samples.ts'

const minute = 60_000

function setUp(options: Partial<ThrottleOptions> = {}) {
  let at = t0
  const refusals: string[] = []
  const throttle = createThrottle({
    store: { attempts: referenceAttempts() },
    now: () => at,
    loginsPerMinute: 10,
    registrations: { most: 0, windowMs: minute },
    onRefused: (what) => refusals.push(what),
    ...options,
  })
  /** Whether an attempt to log in was let through; `isRight` tells the outcome. */
  async function attempt(name: string, address: string, isRight = false): Promise<boolean> {
    try {
      const made = await throttle.login(name, address)
      if (isRight) await made.succeeded()
      return true
    } catch (error) {
      assert.ok(error instanceof ChatError && error.code === 'rate_limited' && (error.retryAfterMs ?? 0) > 0)
      return false
    }
  }
  return {
    throttle,
    refusals,
    attempt,
    /** How many of so many wrong passwords were let through. */
    async guess(times: number, name: string, address: (n: number) => string): Promise<number> {
      let through = 0
      for (let n = 0; n < times; n++) if (await attempt(name, address(n))) through++
      return through
    },
    pass(ms: number) {
      at += ms + 1
    },
  }
}

const home = '10.0.0.1'
const spread = (n: number) => `10.${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`

test('ten wrong passwords for a name from an address, in any 15 minutes', async () => {
  const { guess, attempt, pass, refusals } = setUp()
  assert.equal(await guess(4, 'mia', () => home), 4)
  pass(10 * minute)
  assert.equal(await guess(10, 'MIA', () => home), 6)
  assert.deepEqual(new Set(refusals), new Set(['logins']))
  pass(5 * minute)
  assert.equal(await guess(10, 'mia', () => home), 4)
  assert.equal(await attempt('tom', home), true)
  assert.equal(await attempt('mia', '10.0.0.2'), true)
})

test('fifty from an address, whatever the names, and right ones do not count', async () => {
  const { guess, attempt } = setUp()
  for (let n = 0; n < 60; n++) assert.equal(await attempt('owner', home, true), true)
  let through = 0
  for (let n = 0; n < 8; n++) through += await guess(8, `user${n}`, () => home)
  assert.equal(through, 50)
  assert.equal(await attempt('owner', home, true), false)
  assert.equal(await attempt('owner', '10.0.0.2', true), true)
})

test('10,000 passwords from as many addresses: a hundred an hour, and the owner is not locked out', async () => {
  const { guess, attempt, pass } = setUp()
  assert.equal(await attempt('owner', home, true), true)
  assert.equal(await guess(10_000, 'owner', spread), 100)
  assert.equal(await attempt('owner', spread(10_001), true), false)
  assert.equal(await attempt('owner', home, true), true)
  // Guesses from home are counted there, and not with those of strangers.
  assert.equal(await guess(20, 'owner', () => home), 10)
  pass(60 * minute)
  assert.equal(await guess(200, 'owner', (n) => spread(20_000 + n)), 100)
  // A name that nobody has is counted in the same way.
  assert.equal(await guess(150, 'nobody', spread), 100)
})

test('an IPv6 network is one address', async () => {
  const { guess } = setUp()
  assert.equal(await guess(20, 'mia', (n) => `2001:db8:7:7::${n + 1}`), 10)
  assert.equal(await guess(20, 'mia', () => '2001:db8:7:8::1'), 10)
})

test('attempts at once are counted before they are made', async () => {
  const { attempt } = setUp()
  const all = await Promise.all(Array.from({ length: 40 }, () => attempt('mia', home)))
  assert.equal(all.filter(Boolean).length, 10)
})

test('the setting makes it stricter, or lifts it', async () => {
  const strict = setUp({ loginsPerMinute: 3 })
  assert.equal(await strict.guess(5, 'mia', () => home), 3)
  strict.pass(minute)
  assert.equal(await strict.guess(5, 'mia', () => home), 3)
  const lifted = setUp({ loginsPerMinute: 0 })
  assert.equal(await lifted.guess(500, 'mia', () => home), 500)
})

test('the old password, and registrations, are counted by themselves', async () => {
  const { throttle, attempt, refusals } = setUp({ registrations: { most: 2, windowMs: 60 * minute } })
  for (let n = 0; n < 10; n++) await throttle.password('an id')
  await assert.rejects(throttle.password('an id'), { code: 'rate_limited' })
  await throttle.password('another id')
  for (let n = 0; n < 2; n++) await throttle.registration(home)
  await assert.rejects(throttle.registration(home), { code: 'rate_limited' })
  await throttle.registration('10.0.0.2')
  assert.equal(await attempt('mia', home), true)
  assert.deepEqual(refusals, ['logins', 'registrations'])
})
