import assert from 'node:assert/strict'
import { makeGroup } from './group.ts'
import { membersOf, must, outcomes } from './people.ts'
import type { Race } from './round.ts'

export const owners: Race = {
  name: 'of two owners who leave, or lower each other, at the same time at both instances, one stays owner',
  width: 5,
  async round(round) {
    const { pair, name, moment, number } = round
    const [ann, bob, cat] = [name('ann'), name('bob'), name('cat')]
    const group = await makeGroup(round, ann, [ann, bob, cat])
    const members = `/groups/${group.id}/members`
    await must(group.owner, 'PATCH', `${members}/${bob}`, { role: 'owner' }, 200)
    const [one, other] = [group.owner, pair.api(pair.b, bob)]
    const isLeaving = number % 2 === 0
    const act = async (api: typeof one, own: string, another: string) => {
      await moment(10)
      if (isLeaving) return api.call('DELETE', `${members}/${own}`)
      return api.call('PATCH', `${members}/${another}`, { body: { role: 'member' } })
    }
    const answers = await Promise.all([act(one, ann, bob), act(other, bob, ann)])
    // Who was lowered first is no owner any more, and may lower nobody.
    const wanted = isLeaving ? ['204', '409 last_owner'] : ['200', '403 forbidden']
    assert.deepEqual(outcomes(answers), wanted)
    const first = answers[0]?.status === (isLeaving ? 204 : 200)
    const kept = first === isLeaving ? bob : ann
    const api = pair.api(pair.b, kept)
    assert.equal((await must(api, 'GET', `/groups/${group.id}`, undefined, 200)).owner_id, kept)
    assert.deepEqual(await membersOf(api, group.id), isLeaving ? [kept, cat].sort() : [ann, bob, cat].sort())
  },
}
