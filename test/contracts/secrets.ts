import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '../../src/store/store.ts'
import { newId } from '../support/samples.ts'

export function secretContract(store: () => Store): void {
  test('secrets.read: all who ask get the first that was made', async () => {
    const name = newId()
    const asked = await Promise.all(['one', 'two', 'three'].map((fresh) => store().secrets.read(name, fresh)))
    const [secret = ''] = asked
    assert.ok(['one', 'two', 'three'].includes(secret))
    assert.deepEqual(asked, [secret, secret, secret])
    assert.equal(await store().secrets.read(name, 'four'), secret)
    assert.equal(await store().secrets.read(newId(), 'other'), 'other')
  })
}
