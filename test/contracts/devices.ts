import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Device } from '../../src/domain/device.ts'
import { limits } from '../../src/domain/limits.ts'
import type { Store } from '../../src/store/store.ts'
import { failsWith, newId, numbers, t0 } from '../support/samples.ts'
import { createReferenceStore } from './reference/store.ts'

export const aDevice = (over: Partial<Device> = {}): Device => ({
  endpoint: `https://push.example.com/${newId()}`,
  userId: newId(),
  sessionId: null,
  p256dh: 'a point',
  auth: 'random',
  createdAt: t0,
  ...over,
})

export function deviceContract(store: () => Store): void {
  const onEach = async (run: (store: Pick<Store, 'devices'>) => Promise<void>) => {
    await run(createReferenceStore())
    await run(store())
  }

  test('devices are kept as they are, of some users, and an endpoint is of who put it last', () =>
    onEach(async ({ devices }) => {
      const [ann, bob] = [aDevice({ sessionId: newId() }), aDevice()]
      await devices.put(ann)
      await devices.put(bob)
      assert.deepEqual(await devices.ofUsers([ann.userId, newId()]), [ann])
      assert.deepEqual(await devices.ofUsers([]), [])
      const taken = { ...ann, userId: bob.userId, sessionId: null, auth: 'other' }
      await devices.put(taken)
      assert.deepEqual(await devices.ofUsers([ann.userId]), [])
      assert.deepEqual(new Set(await devices.ofUsers([bob.userId, ann.userId])), new Set([bob, taken]))
      assert.equal(await devices.remove(taken.endpoint, ann.userId), false)
      assert.equal(await devices.remove(taken.endpoint, bob.userId), true)
      assert.equal(await devices.remove(taken.endpoint, bob.userId), false)
      assert.deepEqual(await devices.ofUsers([bob.userId]), [bob])
    }))

  test('a user has so many devices at most, and may put each of them again; all may go at once', () =>
    onEach(async ({ devices }) => {
      const userId = newId()
      const all = numbers(1, limits.devices).map(() => aDevice({ userId }))
      for (const each of all) await devices.put(each)
      await assert.rejects(devices.put(aDevice({ userId })), failsWith('limit_reached'))
      const [first] = all as [Device]
      await devices.put({ ...first, createdAt: t0 + 1 })
      assert.equal((await devices.ofUsers([userId])).length, limits.devices)
      const other = aDevice()
      await devices.put(other)
      await devices.removeAll(userId)
      assert.deepEqual(await devices.ofUsers([userId, other.userId]), [other])
    }))
}
