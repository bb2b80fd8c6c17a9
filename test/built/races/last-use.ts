import assert from 'node:assert/strict'
import { makeGroup } from './group.ts'
import { membersOf, must, outcomes } from './people.ts'
import type { Race } from './round.ts'

export const lastUse: Race = {
  name: 'of several who accept an invite at both instances, as many come in as it has uses',
  width: 5,
  async round(round) {
    const { pair, name, moment } = round
    const owner = name('owner')
    const group = await makeGroup(round, owner, [owner])
    const { code } = await must(group.owner, 'POST', `/groups/${group.id}/invites`, { max_uses: 2 }, 201)
    const comers = ['ann', 'bob', 'cat', 'dan'].map(name)
    const answers = await Promise.all(
      comers.map(async (user, index) => {
        await moment(10)
        return pair.api(index % 2 ? pair.b : pair.a, user).call('POST', `/invites/${code}/accept`)
      }),
    )
    assert.deepEqual(outcomes(answers), ['200', '200', '410 invite_expired', '410 invite_expired'])
    const came = comers.filter((_, index) => answers[index]?.status === 200)
    assert.deepEqual(await membersOf(group.owner, group.id), [owner, ...came].sort())
    const { invites } = await must(group.owner, 'GET', `/groups/${group.id}/invites`, undefined, 200)
    for (const { uses } of invites as { uses: number }[]) assert.equal(uses, 2)
  },
}
