import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holdLease, leaseTimes } from '../../src/store/lease.ts'

/** A lease whose answers are the test's. */
function scripted() {
  let now = 0
  let answer = async (): Promise<boolean> => true
  const released: string[] = []
  const leases = {
    take: () => answer(),
    release: async (name: string) => void released.push(name),
  }
  return {
    hold: holdLease(leases, 'work', () => now),
    released,
    pass: (ms: number) => {
      now += ms
    },
    answers: (next: () => Promise<boolean>) => {
      answer = next
    },
  }
}

test('a lease is believed for its time from when it was asked for, which ends before others may take it', async () => {
  const { hold, pass, answers } = scripted()
  assert.equal(hold.isHeld(), false)
  answers(async () => {
    pass(1_000)
    return true
  })
  assert.equal(await hold.ask(), true)
  pass(leaseTimes.trustMs - 1_001)
  assert.equal(hold.isHeld(), true)
  pass(1)
  assert.equal(hold.isHeld(), false)
  assert.ok(leaseTimes.trustMs < leaseTimes.expireMs)
})

test('an answer that comes too late is no lease', async () => {
  const { hold, pass, answers } = scripted()
  answers(async () => {
    pass(leaseTimes.trustMs)
    return true
  })
  assert.equal(await hold.ask(), false)
})

test('while the store does not answer, what it said last is believed for its time', async () => {
  const { hold, pass, answers } = scripted()
  await hold.ask()
  answers(() => Promise.reject(new Error('away')))
  await assert.rejects(hold.ask())
  assert.equal(hold.isHeld(), true)
  pass(leaseTimes.trustMs)
  assert.equal(hold.isHeld(), false)
})

test('who is refused, or has released it, does not have it', async () => {
  const { hold, released, answers } = scripted()
  await hold.ask()
  answers(async () => false)
  assert.equal(await hold.ask(), false)
  answers(async () => true)
  await hold.ask()
  await hold.release()
  assert.equal(hold.isHeld(), false)
  assert.deepEqual(released, ['work'])
})
