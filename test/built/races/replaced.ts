import assert from 'node:assert/strict'
import { type Document, ObjectId } from 'mongodb'
import type { Frame } from '../../support/socket.ts'
import { makeGroup } from './group.ts'
import { heard, messageOf } from './heard.ts'
import type { Pair } from './pair.ts'
import type { Race } from './round.ts'

const times = 2

export const replaced: Race = {
  name: 'what a replaced document changes, and what is changed after it, is told once, at both instances',
  width: 10,
  async round(round) {
    const { pair, name, random, open } = round
    const [ann, bob] = [name('ann'), name('bob')]
    const members = [ann, bob]
    const group = await makeGroup(round, ann, members)
    const sent = await group.send('as it was sent')
    const at = pair.api(random() < 0.5 ? pair.a : pair.b, ann)
    const listeners = await Promise.all([pair.a, pair.b].map((at) => open(at, bob, `/ws/${group.id}`)))
    const all = (what: (frame: Frame) => boolean) => Promise.all(listeners.map(({ next }) => next(what)))
    await all(({ type }) => type === 'connected')

    const contents: string[] = []
    const isTold = async (content: string) => {
      contents.push(content)
      await all((frame) => frame.type === 'message_updated' && messageOf(frame).content === content)
    }
    for (let time = 1; time <= times; time++) {
      const added = name(`added ${time}`)
      members.push(added)
      await replace(pair, 'groups', group.id, { authorized_user_ids: members })
      await all(({ type, user_id }) => type === 'member_added' && user_id === added)
      const edit = `edit ${time}`
      const { status } = await at.call('PUT', `/messages/${sent.id}`, { body: { content: edit } })
      assert.equal(status, 200)
      await isTold(edit)
      await replace(pair, 'messages', sent.id, { content: `by hand ${time}` })
      await isTold(`by hand ${time}`)
    }
    // Each of those who noticed has had its say before this is told.
    await group.rename('the end')
    await all(({ type }) => type === 'group_updated')
    const last = await group.send('last')
    for (const listener of listeners) {
      await heard(listener, last)
      await listener.close()
      const told = <T>(type: string, what: (frame: Frame) => T) =>
        listener.frames.filter((frame) => frame.type === type).map(what)
      assert.deepEqual(
        told('member_added', ({ user_id }) => user_id),
        members.slice(2),
      )
      assert.deepEqual(
        told('message_updated', (frame) => messageOf(frame).content),
        contents,
      )
      assert.deepEqual(
        told('new_message', (frame) => messageOf(frame).id),
        [last.id],
      )
    }
  },
}

/** As a tool does it that knows nothing of how we count versions. */
async function replace(pair: Pair, name: string, id: string, change: object): Promise<void> {
  const collection = pair.collection(name)
  const _id = new ObjectId(id)
  const found: Document = (await collection.findOne({ _id })) ?? {}
  const { ver, logged_user_ids, unlogged, ...known } = found
  await collection.replaceOne({ _id }, { ...known, ...change })
}
