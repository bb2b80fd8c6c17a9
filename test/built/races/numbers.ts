import assert from 'node:assert/strict'
import type { HeadDoc } from '../../../src/store/mongo/documents.ts'
import { eventually } from '../../support/eventually.ts'
import { makeGroup } from './group.ts'
import { heard, messageOf } from './heard.ts'
import type { Race } from './round.ts'

const sent = 6

export const numbers: Race = {
  name: 'numbers go on where the newest messages or changes were deleted by hand, and everybody hears what comes',
  width: 10,
  async round(round) {
    const { pair, name, random, open } = round
    const [ann, bob] = [name('ann'), name('bob')]
    const group = await makeGroup(round, ann, [ann, bob])
    const listeners = await Promise.all([pair.a, pair.b].map((at) => open(at, bob, `/ws/${group.id}`)))
    await Promise.all(listeners.map((listener) => listener.next('connected')))
    const allHear = (message: Parameters<typeof heard>[1]) =>
      Promise.all(listeners.map((listener) => heard(listener, message)))
    const allHearChange = (content: string) =>
      Promise.all(
        listeners.map(({ next }) =>
          next((frame) => frame.type === 'message_updated' && messageOf(frame).content === content),
        ),
      )
    const heads = pair.collection<HeadDoc>('heads')
    /** Nobody deletes by hand what was sent a millisecond ago. */
    const isKept = (what: string, holds: (head: HeadDoc) => boolean) =>
      eventually(`${what} is kept`, async () => {
        const head = await heads.findOne({ _id: group.id })
        return head !== null && holds(head)
      })
    const ofNewest = () => 1 + Math.floor(random() * sent)

    for (let i = 1; i <= sent; i++) await allHear(await group.send(`${i}`))
    await isKept('the last number', ({ seq }) => seq === sent)
    await pair.collection('messages').deleteMany({ group_id: group.id, seq: { $gt: sent - ofNewest() } })
    // This instance has sent nothing into the group: it has to look for the last number.
    const there = pair.api(pair.b, ann)
    const next = await there.send(group.id, 'elsewhere')
    assert.equal(next.seq, sent + 1)
    await allHear(next)
    const one = await group.send('here')
    assert.equal(one.seq, sent + 2)
    await allHear(one)

    const edit = async (api: typeof there, content: string) => {
      assert.equal((await api.call('PUT', `/messages/${one.id}`, { body: { content } })).status, 200)
      await allHearChange(content)
    }
    for (let i = 1; i <= sent; i++) await edit(group.owner, `edit ${i}`)
    await isKept('the last change', ({ changes }) => changes?.rev === sent)
    await pair.collection('changes').deleteMany({ group_id: group.id, rev: { $gt: sent - ofNewest() } })
    await edit(there, 'edited elsewhere')
    await edit(group.owner, 'edited here')
    await Promise.all(listeners.map((listener) => listener.close()))
  },
}
