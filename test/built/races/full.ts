import assert from 'node:assert/strict'
import { makeGroup } from './group.ts'
import { membersOf, must, outcomes } from './people.ts'
import type { Race } from './round.ts'

/** Of the instances of this race. */
const maxMembers = 5

export const full: Race = {
  name: 'of many who come by all ways at both instances, as many are in as a group may have',
  width: 5,
  isAlone: true,
  env: { MAX_GROUP_MEMBERS: String(maxMembers) },
  async round(round) {
    const { pair, name, moment } = round
    const owner = name('owner')
    const group = await makeGroup(round, owner, [owner, name('first')])
    const path = `/groups/${group.id}`
    await must(group.owner, 'PUT', path, { visibility: 'open' }, 200)
    const { code } = await must(group.owner, 'POST', `${path}/invites`, {}, 201)
    const come = async (user: string, index: number) => {
      await moment(10)
      const at = index % 2 ? pair.b : pair.a
      if (index % 3 === 0) return pair.api(at, user).call('POST', `${path}/join`)
      if (index % 3 === 1) return pair.api(at, user).call('POST', `/invites/${code}/accept`)
      return pair.api(at, owner).call('POST', `${path}/members`, { body: { user_id: user } })
    }
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map(name).map(come))
    const came = outcomes(answers).filter((outcome) => /^20[01]$/.test(outcome))
    assert.equal(came.length, maxMembers - 2, outcomes(answers).join(', '))
    assert.ok(outcomes(answers).every((outcome) => /^20[01]$|^409 group_full$/.test(outcome)))
    assert.equal((await membersOf(group.owner, group.id)).length, maxMembers)
  },
}
