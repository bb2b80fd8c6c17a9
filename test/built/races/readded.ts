import assert from 'node:assert/strict'
import { eventually } from '../../support/eventually.ts'
import type { Frame } from '../../support/socket.ts'
import { keepSending, makeGroup } from './group.ts'
import { heard, isMessage, messageOf, seqsOf } from './heard.ts'
import type { Race } from './round.ts'

const times = 4

export const readded: Race = {
  name: 'who is removed and added again elsewhere while messages flow ends subscribed and hears everything after',
  width: 20,
  lagMs: 1_000,
  async round(round) {
    const { pair, name, moment, open } = round
    const [ann, bob] = [name('ann'), name('bob')]
    const group = await makeGroup(round, ann, [ann, bob])
    await group.sendMany(3)
    const socket = await open(pair.b, bob, '/ws')
    const connected = await socket.next('connected')

    for (let time = 0; time < times; time++) {
      const stop = keepSending(group, round)
      await moment(100)
      await group.setMembers(ann)
      await moment(5)
      await group.setMembers(ann, bob)
      await moment(100)
      await stop()
      const settled = await group.send('settled')
      await eventually('something is heard again', async () => {
        await group.send('does it hear?')
        await moment(200)
        return (seqsOf(socket.frames, group.id).at(-1) ?? 0) > settled.seq
      }).catch((error) => assert.fail(`${error.message}: ${story(socket.frames)}`))
    }
    const last = await group.send('last')
    await heard(socket, last)
    await socket.close()
    assertWhole([connected, ...socket.frames], group.id, last.seq)
  },
}

/** Each time that the client is told where it stands, what it hears goes on from there, without a hole or a double. */
function assertWhole(frames: readonly Frame[], groupId: string, last: number): void {
  let at: number | undefined
  for (const frame of frames) {
    if (frame.type === 'connected') at = (frame.groups as { seq: number }[])[0]?.seq
    if (frame.group_id !== groupId) continue
    if (frame.type === 'subscribed') at = Number(frame.seq)
    if (frame.type === 'unsubscribed') at = undefined
    if (!isMessage(frame)) continue
    const { seq } = messageOf(frame)
    assert.ok(at !== undefined, `${seq} was heard while unsubscribed`)
    assert.equal(seq, at + 1, story(frames))
    at = seq
  }
  assert.equal(at, last)
}

/** What was told, in short. */
const story = (frames: readonly Frame[]): string =>
  frames
    .map(
      (frame) =>
        `${frame.type} ${isMessage(frame) ? messageOf(frame).seq : (frame.seq ?? frame.user_id ?? '')}`,
    )
    .join(', ')
