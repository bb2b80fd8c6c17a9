import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWiping } from '../../src/store/wiping.ts'
import { eventually } from '../support/eventually.ts'

interface Scripted {
  /** Messages that were deleted long enough ago. */
  old: number
  hasLease?: boolean
  keptMs?: number | null
  fails?: boolean
}

function start({ old, hasLease = true, keptMs = 1_000, fails = false }: Scripted) {
  let left = old
  const calls: number[] = []
  const logged: [string, Record<string, unknown>][] = []
  const leases: string[] = []
  const tell = (event: string, fields: Record<string, unknown>) => void logged.push([event, fields])
  const wiping = createWiping({
    store: {
      lease: {
        async take(name) {
          leases.push(`take ${name}`)
          return hasLease
        },
        release: async (name) => void leases.push(`release ${name}`),
      },
      messages: {
        async wipe(before, limit) {
          calls.push(before)
          if (fails) throw new Error('away')
          const count = Math.min(left, limit)
          left -= count
          return count
        },
      },
    },
    now: () => 10_000,
    clock: () => 0,
    log: { info: tell, warn: tell },
    keptMs,
  })
  return { wiping, calls, logged, leases, left: () => left }
}

test('what was deleted long enough ago is wiped under a lease, a few at a time', async () => {
  const { wiping, calls, logged, leases, left } = start({ old: 500 })
  await eventually('it is told', () => logged.length > 0)
  assert.deepEqual([left(), new Set(calls)], [0, new Set([9_000])])
  assert.ok(calls.length > 1)
  assert.deepEqual(logged, [['deleted_texts_wiped', { wiped: 500 }]])
  assert.deepEqual(leases, ['take wiping', 'release wiping'])
  wiping.stop()
})

test('another instance may be at it', async () => {
  const { wiping, calls, leases } = start({ old: 5, hasLease: false })
  await eventually('the lease is asked for', () => leases.length > 0)
  assert.deepEqual([calls, leases], [[], ['take wiping']])
  wiping.stop()
})

test('where texts are kept for good, nothing is done', () => {
  const { wiping, leases } = start({ old: 5, keptMs: null })
  assert.deepEqual(leases, [])
  wiping.stop()
})

test('a store that is away is tried again another time', async () => {
  const { wiping, logged, leases } = start({ old: 5, fails: true })
  await eventually('it is told', () => logged.length > 0)
  assert.equal(logged[0]?.[0], 'wiping_failed')
  assert.deepEqual(leases, ['take wiping', 'release wiping'])
  wiping.stop()
})
