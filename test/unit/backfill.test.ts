import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type BackfillStep, startBackfill } from '../../src/store/backfill.ts'
import { leaseTimes } from '../../src/store/lease.ts'
import { eventually } from '../support/eventually.ts'

/** A step of so many portions, which are told as they are done; `fails` says of which attempts it fails. */
function aStep(
  name: string,
  portions: number,
  did: string[],
  fails: (attempt: number) => boolean = () => false,
) {
  let left = portions
  let attempts = 0
  const step: BackfillStep = {
    name,
    isDone: async () => left === 0,
    async portion() {
      await nextTurn()
      if (fails(++attempts)) throw new Error(`${name} fails`)
      did.push(name)
      left--
      return { isDone: left === 0, count: 10 }
    },
  }
  return step
}

/** A runner whose pauses pass at once, on a clock of its own. */
function run(
  steps: BackfillStep[],
  { isHeld = () => true, quietMs = 0 }: { isHeld?: () => boolean; quietMs?: number } = {},
) {
  let now = 0
  let asked = 0
  const waits: number[] = []
  const lines: [string, unknown][] = []
  const released: string[] = []
  const line = (event: string, { step }: Record<string, unknown>) => void lines.push([event, step])
  const runner = startBackfill({
    steps,
    leases: {
      take: async () => {
        asked++
        return isHeld()
      },
      release: async (name) => void released.push(name),
    },
    log: { info: line, warn: line },
    quietMs,
    clock: () => now,
    async wait(ms) {
      waits.push(ms)
      now += ms
      await nextTurn()
    },
  })
  return { runner, waits, lines, released, asked: () => asked }
}

test('steps are done one after the other, in portions with pauses between, and it is told when each begins and ends', async () => {
  const did: string[] = []
  const { waits, lines, released } = run([aStep('one', 3, did), aStep('two', 2, did)])
  await eventually('all is done', () => released.length > 0)
  assert.deepEqual(did, ['one', 'one', 'one', 'two', 'two'])
  assert.deepEqual(waits, [20, 20, 20])
  assert.deepEqual(lines, [
    ['backfill_started', 'one'],
    ['backfill_finished', 'one'],
    ['backfill_started', 'two'],
    ['backfill_finished', 'two'],
  ])
})

test('a step that is done in no time is done in silence', async () => {
  const { lines, released } = run([aStep('one', 3, [])], { quietMs: 60_000 })
  await eventually('all is done', () => released.length > 0)
  assert.deepEqual(lines, [])
})

test('where all is done already, nobody asks for the lease and nothing is told', async () => {
  const { runner, lines, released, asked } = run([aStep('one', 0, [])])
  await runner.stop()
  assert.deepEqual([lines, released, asked()], [[], [], 0])
})

test('a step that fails is told of, and tried again later each time; the others are done meanwhile', async () => {
  const did: string[] = []
  const failing = aStep('one', 2, did, (attempt) => attempt <= 4)
  const { waits, lines, released } = run([failing, aStep('two', 1, did)])
  await eventually('all is done', () => released.length > 0)
  assert.deepEqual(did, ['two', 'one', 'one'])
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 20])
  assert.equal(lines.filter(([event]) => event === 'backfill_failed').length, 4)
  assert.equal(lines.filter(([event]) => event === 'backfill_started').length, 2)
})

test('one that another instance does is left to it, and looked at again', async () => {
  const did: string[] = []
  const step = aStep('one', 2, did)
  const { runner, waits } = run([step], { isHeld: () => false })
  await eventually('it waits', () => waits.length >= 3)
  assert.deepEqual(did, [])
  assert.deepEqual(waits.slice(0, 3), numbersOf(leaseTimes.askEveryMs, 3))
  // The other one does it.
  await step.portion()
  await step.portion()
  await eventually('it is over', () => {
    const before = waits.length
    return nextTurn().then(() => nextTurn().then(() => waits.length === before))
  })
  await runner.stop()
  assert.deepEqual(did, ['one', 'one'])
})

test('who lost the lease does no further portion until it is back', async () => {
  const did: string[] = []
  const answers = [true, false, false]
  const { released, waits } = run([aStep('one', 400, did)], { isHeld: () => answers.shift() ?? true })
  await eventually('all is done', () => released.length > 0)
  assert.equal(did.length, 400)
  const asked = waits.indexOf(leaseTimes.askEveryMs)
  // By the clock it asked again after so many portions.
  assert.equal(asked, leaseTimes.askEveryMs / 20)
  assert.deepEqual(waits.slice(asked, asked + 3), [leaseTimes.askEveryMs, leaseTimes.askEveryMs, 20])
})

test('a stop ends it after the portion that is under way, and gives the lease back', async () => {
  const did: string[] = []
  const { runner, released } = run([aStep('one', 1_000_000, did)])
  await eventually('it works', () => did.length > 3)
  await runner.stop()
  const before = did.length
  assert.deepEqual(released, ['backfill'])
  await nextTurn()
  await nextTurn()
  assert.equal(did.length, before)
})

test('a stop does not wait for a pause to pass', async () => {
  const never = new Promise<never>(() => undefined)
  const runner = startBackfill({
    steps: [aStep('one', 5, [], () => true)],
    leases: { take: async () => true, release: async () => undefined },
    log: { info: () => undefined, warn: () => undefined },
  })
  await nextTurn()
  await nextTurn()
  await Promise.race([runner.stop(), never])
})

const numbersOf = (value: number, count: number): number[] => Array.from({ length: count }, () => value)
