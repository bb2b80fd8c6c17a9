import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '../../src/domain/errors.ts'
import { createRateLimit } from '../../src/domain/rate.ts'
import { addressKey, byRateKind, createRates } from '../../src/domain/rates.ts'
import { isUserId } from '../../src/domain/text.ts'

test('a bucket gives its minute at once, then one unit at a time, and says how long to wait', () => {
  let at = 1_000_000
  const { take } = createRateLimit('messages', 60, () => at)
  for (let i = 0; i < 60; i++) take('alice')
  assert.throws(
    () => take('alice'),
    (error: ChatError) => error.code === 'rate_limited' && error.retryAfterMs === 1_000,
  )
  at += 1_000
  take('alice')
  assert.throws(() => take('alice'), ChatError)
})

test('a bucket whose units are fractions of milliseconds gives all of them, and says so', () => {
  for (const perMinute of [7, 13, 1_201, 59_999]) {
    let at = 123_456.789
    const limit = createRateLimit('messages', perMinute, () => at)
    for (let left = perMinute; left > 0; left--) {
      assert.equal(limit.state('alice').left, left)
      assert.ok(limit.tryTake('alice'))
    }
    assert.equal(limit.state('alice').left, 0)
    assert.ok(!limit.tryTake('alice'))
    at += 60_000
    assert.equal(limit.state('alice').left, perMinute)
  }
})

test('a unit can be given back', () => {
  const limit = createRateLimit('logins', 1, () => 0)
  limit.take('alice')
  limit.refund('alice')
  limit.take('alice')
  assert.throws(() => limit.take('alice'), ChatError)
})

test('keys do not share a bucket, nor does an address with any user', () => {
  const { take } = createRateLimit('messages', 1, () => 0)
  take('alice')
  take('bob')
  assert.throws(() => take('bob'), ChatError)
  assert.ok(!isUserId(addressKey('127.0.0.1')))
})

test('0 is no limit', () => {
  const { take } = createRateLimit('messages', 0, () => 0)
  for (let i = 0; i < 10_000; i++) take('alice')
})

test('each kind has its own bucket, and its refusal names it', () => {
  const refused: string[] = []
  const rates = createRates(
    byRateKind(() => 1),
    () => 0,
    (kind) => refused.push(kind),
  )
  for (const [kind, limit] of Object.entries(rates)) {
    limit.take('alice')
    assert.throws(() => limit.take('alice'), { code: 'rate_limited' })
    assert.equal(refused.at(-1), kind)
  }
})
