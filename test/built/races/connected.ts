import assert from 'node:assert/strict'
import { keepSending, makeGroup } from './group.ts'
import { assertRun, heard, seqsOf } from './heard.ts'
import type { Race } from './round.ts'

const groupsOfEach = 4

export const connected: Race = {
  name: 'the seq and the cursor of each group in `connected` are of one moment, while messages are sent elsewhere',
  width: 5,
  async round(round) {
    const { pair, name, random, moment, open } = round
    const [ann, bob] = [name('ann'), name('bob')]
    const groups = await Promise.all(
      Array.from({ length: groupsOfEach }, async () => {
        const group = await makeGroup(round, ann, [ann, bob])
        // A group without messages has ends of its own.
        if (random() < 0.5) await group.sendMany(2)
        return group
      }),
    )
    const stops = groups.map((group) => keepSending(group, round))
    await moment(100)
    const socket = await open(pair.b, bob, '/ws')
    const seen = (await socket.next('connected')).groups as {
      group_id: string
      seq: number
      cursor: string
    }[]
    const resumed = await Promise.all(
      seen.map(async ({ group_id, seq, cursor }) => {
        const own = await open(pair.b, bob, `/ws/${group_id}`, cursor)
        return { group_id, from: seq, sockets: [socket, own] }
      }),
    )
    assert.equal(resumed.length, groupsOfEach)
    for (const stop of stops) await stop()
    for (const { group_id, from, sockets } of resumed) {
      const last = await groups.find(({ id }) => id === group_id)?.send('last')
      assert.ok(last)
      for (const each of sockets) {
        await heard(each, last)
        assertRun(seqsOf(each.frames, group_id), from, last.seq)
      }
    }
    await Promise.all([socket, ...resumed.map(({ sockets }) => sockets[1])].map((each) => each?.close()))
  },
}
