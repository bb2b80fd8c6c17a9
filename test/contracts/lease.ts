import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '../../src/store/store.ts'
import { newId } from '../support/samples.ts'

/** The promises to one instance. Stores that can have several instances have tests of their own for that. */
export function leaseContract(store: () => Store): void {
  test('lease.take gives a free lease, and keeps it for who asks again', async () => {
    const name = newId()
    assert.equal(await store().lease.take(name), true)
    assert.equal(await store().lease.take(name), true)
    assert.equal(await store().lease.take(newId()), true)
  })

  test('lease.release gives it back, and what nobody has is released without complaint', async () => {
    const name = newId()
    await store().lease.release(name)
    await store().lease.take(name)
    await store().lease.release(name)
    assert.equal(await store().lease.take(name), true)
  })
}
