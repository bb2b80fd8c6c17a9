import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatError } from '../../src/domain/errors.ts'
import { countUpload, type HourOfUploads, hourOf, requireQuota } from '../../src/domain/upload-quota.ts'
import { t0 } from '../support/samples.ts'

const hourMs = 3_600_000
const first = hourOf(t0)

/** For how many milliseconds so many bytes are refused; 0 when they are not. */
function refusedFor(uploads: readonly HourOfUploads[], size: number, at = t0): number {
  try {
    requireQuota(uploads, size, 100, at)
    return 0
  } catch (error) {
    assert.equal((error as ChatError).code, 'rate_limited')
    return (error as ChatError).retryAfterMs ?? assert.fail('no time is said')
  }
}

test('what was uploaded in the last 24 hours counts, and says when there is room again', () => {
  const uploads = [
    { hour: first, bytes: 40 },
    { hour: first - 23, bytes: 30 },
    { hour: first - 22, bytes: 30 },
    { hour: first - 24, bytes: 1_000 },
  ]
  assert.equal(refusedFor(uploads, 0), 0)
  assert.equal(refusedFor(uploads, 30), hourMs)
  assert.equal(refusedFor(uploads, 31), 2 * hourMs)
  assert.equal(refusedFor(uploads, 61, t0 + 1), 24 * hourMs - 1)
  assert.equal(refusedFor(uploads, 30, t0 + hourMs), 0)
  assert.equal(refusedFor([], 100), 0)
  assert.equal(refusedFor([], 101), hourMs)
})

test('an upload is counted in its hour, and what counts no more is dropped', () => {
  const one = countUpload([], 5, t0)
  const two = countUpload(one, 6, t0 + hourMs - 1)
  assert.deepEqual(two, [{ hour: first, bytes: 11 }])
  const later = countUpload(two, 7, t0 + 23 * hourMs)
  assert.deepEqual(later, [...two, { hour: first + 23, bytes: 7 }])
  assert.deepEqual(countUpload(later, 8, t0 + 24 * hourMs).slice(0, 1), [{ hour: first + 23, bytes: 7 }])
})
