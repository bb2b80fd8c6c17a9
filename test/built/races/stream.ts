import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { baseOf } from '../../support/api.ts'
import { eventually } from '../../support/eventually.ts'
import { tokenFor } from '../../support/process.ts'
import { listen } from '../listener.ts'
import { makeGroup } from './group.ts'
import type { Pair } from './pair.ts'
import type { Race } from './round.ts'

const sent = 10
const silentMs = 25_000
const recoveryMs = 20_000

export const stream: Race = {
  name: 'change streams that fall silent are opened anew, or their sockets end with 1012; clients get everything',
  width: 50,
  isAlone: true,
  async round(round) {
    const { pair, name, number, moment, together, open, defer } = round
    const bob = name('bob')
    const group = await makeGroup(round, name('ann'), [name('ann'), bob])
    const canBeOpened = number % 2 === 0
    const [at, elsewhere] = canBeOpened ? [pair.a, pair.b] : [pair.b, pair.a]
    const sender = pair.api(elsewhere, name('ann'))
    const socket = await open(at, bob, `/ws/${group.id}`)
    const listener = listen({
      url: baseOf(at.url),
      groupId: group.id,
      userId: bob,
      token: await tokenFor(bob),
    })
    defer(() => listener.client.close())
    await socket.next('connected')
    await eventually('the client is connected', () => listener.group.cursor !== undefined)

    await together('silence', async () => silence(pair))
    for (let i = 0; i < sent; i++) {
      await moment(300)
      await sender.send(group.id, `${i}`)
    }
    const hasAll = () => listener.order.length === sent
    const ended = Promise.race([socket.closed.then(({ code }) => code), sleep(silentMs, 0, { ref: false })])
    if (canBeOpened) await eventually('all is heard though nothing is healed', hasAll, silentMs)
    else assert.equal(await ended, 1012)
    await together('healing', async () => pair.heal())
    await eventually('the client has everything', hasAll, recoveryMs)
    assert.deepEqual(listener.complaints, [])
  },
}

/** At `a` a stream that broke takes too long to be resumed, as it does on a server with much to read; at `b` none answers. */
function silence({ a, b }: Pair): void {
  a.link.cut()
  a.link.heal()
  a.link.swallow('resumeAfter')
  b.link.swallow('getMore')
}
