import assert from 'node:assert/strict'
import { makeGroup } from './group.ts'
import { heard, messageOf } from './heard.ts'
import type { Race } from './round.ts'

export const unsubscribed: Race = {
  name: 'who subscribes and unsubscribes in one go ends unsubscribed, and stays so when the group is touched',
  width: 10,
  async round(round) {
    const { pair, name, random, moment, open } = round
    const [ann, bob] = [name('ann'), name('bob')]
    const group = await makeGroup(round, ann, [ann, bob])
    const cursor = await group.cursor()
    await group.sendMany(5)
    const socket = await open(pair.b, bob, random() < 0.5 ? '/ws' : '/ws?subscribe=none')
    await socket.next('connected')

    await moment(60)
    const after = random() < 0.5 ? { after: cursor } : undefined
    const early = random() < 0.5
    const [first, second] = await Promise.all([
      socket.ask({ type: 'subscribe', group_id: group.id, ...after }),
      socket.ask({ type: 'unsubscribe', group_id: group.id }),
      early && group.touch(),
    ])
    assert.deepEqual([first.type, second.type], ['ack', 'ack'])
    const heardBefore = socket.frames.length
    await group.rename(`race ${random()}`)
    await group.touch()
    await group.setMembers(ann, bob, name('cem'))
    await group.send('not for bob')

    // What comes of a touch comes before what comes of a group that is made later.
    const later = await makeGroup(round, ann, [ann, bob])
    await socket.next((frame) => frame.type === 'subscribed' && frame.group_id === later.id)
    await heard(socket, await later.send('for bob'))
    const strays = socket.frames.slice(heardBefore).filter(({ group_id }) => group_id === group.id)
    assert.deepEqual(strays, [])

    await socket.ask({ type: 'subscribe', group_id: group.id })
    const last = await group.send('for bob again')
    assert.equal(messageOf(await heard(socket, last)).seq, last.seq)
    await socket.close()
  },
}
