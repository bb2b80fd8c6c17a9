import assert from 'node:assert/strict'
import { makeGroup } from './group.ts'
import type { Race } from './round.ts'

export const repeat: Race = {
  name: 'one keyed send at both instances, at the same time or not, is one message: new at one, a repeat at the other',
  width: 10,
  async round(round) {
    const { pair, name, random, moment } = round
    const ann = name('ann')
    const group = await makeGroup(round, ann, [])
    await group.sendMany(2)
    const [here, there] = [pair.api(pair.a, ann), pair.api(pair.b, ann)]
    const send = async (at: typeof here, key: string) => {
      await moment(10)
      return at.call('POST', `/groups/${group.id}/messages`, { body: { content: key, client_id: key } })
    }
    const together = await Promise.all([send(here, 'together'), send(there, 'together')])
    const [first, second] = random() < 0.5 ? [here, there] : [there, here]
    const inTurn = [await send(first, 'in turn'), await send(second, 'in turn')]
    for (const answers of [together, inTurn]) {
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 201])
      assert.deepEqual(answers[0]?.body, answers[1]?.body)
    }
    const history = await group.owner.history(group.id)
    assert.deepEqual(
      history.map(({ seq }) => seq),
      [1, 2, 3, 4],
    )
  },
}
