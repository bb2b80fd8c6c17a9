import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '../../src/store/store.ts'
import { newId, numbers, t0 } from '../support/samples.ts'

export function attemptContract(store: () => Store): void {
  const budget = (most: number, windowMs = 1_000, key = newId()) => ({ key, most, windowMs })

  test('attempts.take counts in any span of time, and says when there is room again', async () => {
    const { attempts } = store()
    const three = [budget(3)]
    for (const at of [0, 100, 200]) assert.equal(await attempts.take(three, t0 + at), 0)
    assert.equal(await attempts.take(three, t0 + 300), 700)
    assert.equal(await attempts.take(three, t0 + 999), 1)
    assert.equal(await attempts.take(three, t0 + 1_000), 0)
    assert.equal(await attempts.take(three, t0 + 1_050), 50)
    assert.equal(await attempts.take(three, t0 + 1_150), 0)
    assert.equal(await attempts.take(three, t0 + 1_190), 10)
  })

  test('attempts.take counts against all budgets or against none, and says when all have room', async () => {
    const { attempts } = store()
    const [one, two] = [budget(1), budget(2, 5_000)]
    assert.equal(await attempts.take([one, two], t0), 0)
    assert.equal(await attempts.take([one, two], t0 + 1), 999)
    assert.equal(await attempts.take([two], t0 + 2), 0)
    assert.equal(await attempts.take([one, two], t0 + 3), 4_997)
    assert.equal(await attempts.take([one], t0 + 1_000), 0)
    assert.equal(await attempts.take([], t0), 0)
  })

  test('attempts.take lets no more through, however many ask at once', async () => {
    const { attempts } = store()
    const five = [budget(5)]
    const taken = await Promise.all(numbers(1, 20).map((n) => attempts.take(five, t0 + n / 100)))
    assert.equal(taken.filter((missing) => missing === 0).length, 5)
  })

  test('attempts.refund gives back that attempt only', async () => {
    const { attempts } = store()
    const [one, two] = [budget(2), budget(3)]
    for (const at of [0, 1]) await attempts.take([one, two], t0 + at)
    await attempts.refund([one.key, two.key, newId()], t0)
    await attempts.refund([one.key, two.key], t0 + 5)
    assert.equal(await attempts.take([one, two], t0 + 6), 0)
    assert.equal(await attempts.take([one, two], t0 + 7), 994)
  })

  test('attempts.remember knows a key until then, and the later of two times counts', async () => {
    const { attempts } = store()
    const key = newId()
    assert.equal(await attempts.isRemembered(key, t0), false)
    await attempts.remember(key, t0 + 10)
    assert.equal(await attempts.isRemembered(key, t0 + 9), true)
    assert.equal(await attempts.isRemembered(key, t0 + 10), false)
    await attempts.remember(key, t0 + 20)
    await attempts.remember(key, t0 + 15)
    assert.equal(await attempts.isRemembered(key, t0 + 19), true)
  })
}
