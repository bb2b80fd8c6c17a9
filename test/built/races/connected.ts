import assert from 'node:assert/strict'
import { keepSending, makeGroup } from './group.ts'
import { assertRun, heard, seqsOf } from './heard.ts'
import type { Race } from './round.ts'

export const connected: Race = {
  name: 'the seq and the cursor of `connected` are of one moment, while messages are sent elsewhere',
  width: 20,
  async round({ pair, name, random, moment }) {
    const [ann, bob] = [name('ann'), name('bob')]
    const group = await makeGroup(pair, ann, [ann, bob])
    // A group without messages has ends of its own.
    if (random() < 0.5) await group.sendMany(2)
    const stop = keepSending(group, moment)
    const sockets = await Promise.all(
      [0, 1, 2].map(async () => {
        await moment(60)
        const socket = await pair.open(pair.b, bob, '/ws')
        const [seen] = (await socket.next('connected')).groups as { seq: number; cursor: string }[]
        assert.ok(seen)
        const resumed = await pair.open(pair.b, bob, `/ws/${group.id}`, seen.cursor)
        return { from: seen.seq, both: [socket, resumed] }
      }),
    )
    await stop()
    const last = await group.send('last')
    for (const { from, both } of sockets)
      for (const socket of both) {
        await heard(socket, last)
        await socket.close()
        assertRun(seqsOf(socket.frames, group.id), from, last.seq)
      }
  },
}
