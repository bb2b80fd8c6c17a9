import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '../../src/domain/errors.ts'
import { createRateLimit } from '../../src/domain/rate.ts'

test('a bucket gives its minute at once, then one unit at a time, and says how long to wait', () => {
  let at = 1_000_000
  const take = createRateLimit('messages', 60, () => at)
  for (let i = 0; i < 60; i++) take('alice')
  assert.throws(
    () => take('alice'),
    (error: ChatError) => error.code === 'rate_limited' && error.retryAfterMs === 1_000,
  )
  at += 1_000
  take('alice')
  assert.throws(() => take('alice'), ChatError)
})

test('a unit can be given back', () => {
  const take = createRateLimit('logins', 1, () => 0)
  take('alice')
  take.refund('alice')
  take('alice')
  assert.throws(() => take('alice'), ChatError)
})

test('keys do not share a bucket', () => {
  const take = createRateLimit('messages', 1, () => 0)
  take('alice')
  take('bob')
  assert.throws(() => take('bob'), ChatError)
})

test('0 is no limit', () => {
  const take = createRateLimit('messages', 0, () => 0)
  for (let i = 0; i < 10_000; i++) take('alice')
})
