import assert from 'node:assert/strict'
import { makeGroup } from './group.ts'
import type { Race } from './round.ts'

export const repeat: Race = {
  name: 'one keyed send at both instances at the same time is one message: new at one, a repeat at the other',
  width: 20,
  async round({ pair, name, moment }) {
    const ann = name('ann')
    const group = await makeGroup(pair, ann, [])
    await group.sendMany(2)
    const answers = await Promise.all(
      [pair.a, pair.b].map(async (instance) => {
        const api = await pair.api(instance, ann)
        await moment(10)
        return api.call('POST', `/groups/${group.id}/messages`, { content: 'once', client_id: 'key' })
      }),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 201])
    const [first, second] = answers.map(({ body }) => body)
    assert.deepEqual(first, second)
    const history = await group.owner.history(group.id)
    assert.deepEqual(
      history.map(({ seq }) => seq),
      [1, 2, 3],
    )
  },
}
