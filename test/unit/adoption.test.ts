import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startAdoption } from '../../src/store/mongo/adoption/adoption.ts'
import { eventually } from '../support/eventually.ts'

test('a sweep says whether something may have gone unseen since the one before', async () => {
  const sweeps: boolean[] = []
  const adoption = startAdoption({
    connection: { meta: { updateOne: async () => undefined } } as never,
    leases: { take: async () => true, release: async () => undefined },
    createAdopter: () => ({
      sweep: async () => undefined,
      isNeeded: async () => false,
      adopt: async () => undefined,
    }),
    onSweep: async (hasMissed) => void sweeps.push(hasMissed),
    onAwaited: () => assert.fail('it has the lease'),
    onError: (error) => assert.fail(String(error)),
  })
  await adoption.done
  await eventually('the first sweep', () => sweeps.length === 1)
  adoption.missed()
  await eventually('another', () => sweeps.length === 2)
  await adoption.stop()
  assert.deepEqual(sweeps, [false, true])
})
