import assert from 'node:assert/strict'
import { makeGroup } from './group.ts'
import { membersOf, must, outcomes } from './people.ts'
import type { Race } from './round.ts'

export const bannedComer: Race = {
  name: 'who joins at one instance while they are banned at the other is not in, and stays out when the ban is taken back',
  width: 5,
  async round(round) {
    const { pair, name, moment } = round
    const [owner, bob] = [name('owner'), name('bob')]
    const group = await makeGroup(round, owner, [owner])
    const path = `/groups/${group.id}`
    await must(group.owner, 'PUT', path, { visibility: 'open' }, 200)
    const comer = pair.api(pair.b, bob)
    const join = async () => {
      await moment(20)
      return comer.call('POST', `${path}/join`)
    }
    const ban = async () => {
      await moment(20)
      await must(group.owner, 'PUT', `${path}/bans/${bob}`, {}, 200)
    }
    const [joined] = await Promise.all([join(), ban()])
    assert.ok(['200', '403 banned'].includes(outcomes([joined])[0] ?? ''), joined.text)
    const atB = pair.api(pair.b, owner)
    for (const api of [group.owner, atB]) assert.deepEqual(await membersOf(api, group.id), [owner])
    await must(group.owner, 'DELETE', `${path}/bans/${bob}`, undefined, 204)
    for (const api of [group.owner, atB]) assert.deepEqual(await membersOf(api, group.id), [owner])
  },
}
