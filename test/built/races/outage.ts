import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../support/eventually.ts'
import type { TestSocket } from '../../support/socket.ts'
import { makeGroup, type OwnGroup } from './group.ts'
import { heard } from './heard.ts'
import type { Race } from './round.ts'

const awayMs = 2_500
const groupsOfEach = 3
/** Within which all is as if nothing had been, also on a busy machine; on an idle one it takes some three seconds. */
const recoveryMs = 30_000

export const outage: Race = {
  name: 'groups that are made while the database is away from an instance are subscribed to when it is back',
  width: 20,
  isAlone: true,
  patient: ['a'],
  async round(round) {
    const { pair, name, moment, together, open } = round
    const [ann, bob] = [name('ann'), name('bob')]
    const socket = await open(pair.b, bob, '/ws')
    await socket.next('connected')
    const { back } = await together('outage', async () => {
      pair.b.link.cut()
      return { back: sleep(awayMs).then(() => pair.heal()) }
    })
    const groups = await Promise.all(
      Array.from({ length: groupsOfEach }, async () => {
        await moment(awayMs + 500)
        return makeGroup(round, ann, [ann, bob])
      }),
    )
    await back
    await eventually(
      'all are subscribed to',
      () => groups.every((group) => isTold(socket, group)),
      recoveryMs,
    )
    for (const group of groups) await heard(socket, await group.send('after the outage'))
    await socket.close()
  },
}

const isTold = ({ frames }: TestSocket, { id }: OwnGroup): boolean =>
  frames.some(({ type, group_id }) => type === 'subscribed' && group_id === id)
