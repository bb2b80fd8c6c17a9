import assert from 'node:assert/strict'
import { makeGroup } from './group.ts'
import type { Race } from './round.ts'

/** Longer than a request may take: who never gets through is told so within it. */
const busyMs = 6_000
/** Each instance's senders in one group; each sends when its last was answered. */
const senders = 2
/**
 * Milliseconds in which a send of the far one is answered, at the most. How many the near one sends meanwhile says only how fast
 * the machine is.
 */
const patienceMs = 3_000
/** One way, in milliseconds. */
const nearest = 10
const farthest = 25

export const distance: Race = {
  name: 'an instance that is far from the database and one that is near both send into one busy group',
  width: 10,
  isAlone: true,
  patient: [],
  async round(round) {
    const { pair, name, random, together } = round
    const ann = name('ann')
    const group = await makeGroup(round, ann, [])
    await together('distance', async () => {
      pair.a.link.heal()
      pair.b.link.heal()
      pair.a.link.slow(nearest + random() * (farthest - nearest))
    })
    const end = performance.now() + busyMs
    const [far, near] = await Promise.all(
      [pair.a, pair.b].map(async (at) => {
        const api = pair.api(at, ann)
        const answers: { status: number; ms: number }[] = []
        const send = async (): Promise<void> => {
          while (performance.now() < end) {
            const began = performance.now()
            const { status } = await api.call('POST', `/groups/${group.id}/messages`, {
              body: { content: 'busy' },
            })
            answers.push({ status, ms: performance.now() - began })
          }
        }
        await Promise.all(Array.from({ length: senders }, send))
        return answers
      }),
    )
    assert.ok(far && near)
    const refused = (answers: typeof far) => answers.filter(({ status }) => status !== 201).length
    assert.deepEqual({ far: refused(far), near: refused(near) }, { far: 0, near: 0 }, 'all are answered 201')
    const slowest = Math.max(...far.map(({ ms }) => ms))
    const counts = `${far.length} of the far one, ${near.length} of the near one, the slowest in ${slowest} ms`
    assert.ok(far.length > 0 && slowest <= patienceMs, counts)
  },
}
