import assert from 'node:assert/strict'
import { keepSending, makeGroup } from './group.ts'
import { assertNoneTwice, assertRun, heard, seqsOf } from './heard.ts'
import type { Race } from './round.ts'

const missed = 20

export const resume: Race = {
  name: 'who resumes on the socket for all groups while the group is touched hears everything, once and in order',
  width: 10,
  async round(round) {
    const { pair, name, random, moment, open } = round
    const bob = name('bob')
    const members = [name('ann'), bob]
    const group = await makeGroup(round, name('ann'), members)
    const cursor = await group.cursor()
    await group.sendMany(missed)
    const socket = await open(pair.b, bob, '/ws?subscribe=none')
    await socket.next('connected')

    const stop = keepSending(group, round)
    const touches = [
      () => group.rename(`race ${random()}`),
      () => group.setMembers(...members, name(`new ${random()}`)),
      () => group.touch(),
    ]
    const touch = async () => {
      await moment(60)
      await touches[Math.floor(random() * touches.length)]?.()
    }
    const subscribe = async () => {
      await moment(60)
      const answer = await socket.ask({ type: 'subscribe', group_id: group.id, after: cursor })
      assert.equal(answer.type, 'ack')
    }
    await Promise.all([subscribe(), ...Array.from({ length: 4 }, touch)])
    await stop()
    const last = await group.send('last')
    await heard(socket, last)
    await socket.close()
    assertRun(seqsOf(socket.frames, group.id), 0, last.seq)
    assertNoneTwice(socket.frames, group.id)
  },
}
