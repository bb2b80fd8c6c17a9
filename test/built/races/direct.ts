import assert from 'node:assert/strict'
import { must, outcomes } from './people.ts'
import type { Race } from './round.ts'

export const direct: Race = {
  name: 'two who open their direct chat at the same time, each at another instance, are in one chat',
  width: 10,
  async round({ pair, name, moment }) {
    const [ann, bob] = [name('ann'), name('bob')]
    const [here, there] = [pair.api(pair.a, ann), pair.api(pair.b, bob)]
    const open = async (api: typeof here, user_id: string) => {
      await moment(5)
      return api.call('POST', '/direct', { body: { user_id } })
    }
    const answers = await Promise.all([open(here, bob), open(there, ann)])
    assert.deepEqual(outcomes(answers), ['200', '201'])
    assert.equal(answers[0]?.body.id, answers[1]?.body.id)
    assert.deepEqual(new Set(answers[0]?.body.user_ids as string[]), new Set([ann, bob]))
    for (const api of [here, there]) {
      const { groups } = await must(api, 'GET', '/groups', undefined, 200)
      assert.deepEqual(
        (groups as { id: unknown }[]).map(({ id }) => id),
        [answers[0]?.body.id],
      )
    }
  },
}
