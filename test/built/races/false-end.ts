import assert from 'node:assert/strict'
import { makeGroup } from './group.ts'
import { heard } from './heard.ts'
import type { Race } from './round.ts'

export const falseEnd: Race = {
  name: 'who is removed and added again elsewhere, then opens a socket where the news lag, is not sent away',
  width: 10,
  lagMs: 1_000,
  async round(round) {
    const { pair, name, random, moment, open } = round
    const [ann, bob, cem] = [name('ann'), name('bob'), name('cem')]
    const group = await makeGroup(round, ann, [ann, bob, cem])
    // Somebody who listens there keeps the group's live path open.
    const other = random() < 0.8 ? await open(pair.b, cem, `/ws/${group.id}`) : undefined
    await group.setMembers(ann, cem)
    await moment(5)
    await group.setMembers(ann, bob, cem)
    await moment(20)
    const socket = await open(pair.b, bob, `/ws/${group.id}`)
    await socket.next('connected')
    await group.rename('all news are told')
    const isTheEnd = socket.closed.then(({ code }) => assert.fail(`closed with ${code}`))
    isTheEnd.catch(() => undefined)
    await Promise.race([isTheEnd, socket.next('group_updated')])
    await Promise.race([isTheEnd, heard(socket, await group.send('still here'))])
    await Promise.all([socket.close(), other?.close()])
  },
}
