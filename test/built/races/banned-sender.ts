import assert from 'node:assert/strict'
import { eventually } from '../../support/eventually.ts'
import { makeGroup } from './group.ts'
import { membersOf, must } from './people.ts'
import type { Race } from './round.ts'

export const bannedSender: Race = {
  name: 'who is banned at one instance while they send at the other: what was acknowledged is there, and soon nothing more is',
  width: 5,
  async round(round) {
    const { pair, name, moment } = round
    const [owner, bob] = [name('owner'), name('bob')]
    const group = await makeGroup(round, owner, [owner, bob])
    const sender = pair.api(pair.b, bob)
    const acknowledged: string[] = []
    let refused = 0
    let isBanned = false
    const send = async (content: string) => {
      const { status, body } = await sender.call('POST', `/groups/${group.id}/messages`, {
        body: { content },
      })
      if (status === 201) {
        assert.equal(refused, 0, 'a message was taken after one was refused')
        acknowledged.push(String(body.id))
      } else {
        // In the moment in which the ban is being kept they are no member already.
        assert.match(`${status} ${body.code}`, /^403 (banned|forbidden)$/)
        assert.ok(isBanned)
        refused++
      }
    }
    const sending = eventually('refused', async () => {
      await send('again')
      return refused > 2
    })
    await moment(50)
    isBanned = true
    await must(group.owner, 'PUT', `/groups/${group.id}/bans/${bob}`, {}, 200)
    await sending
    const history = await group.owner.history(group.id)
    assert.deepEqual(
      history.map(({ id }) => id),
      acknowledged,
    )
    assert.deepEqual(await membersOf(group.owner, group.id), [owner])
  },
}
