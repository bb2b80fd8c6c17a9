import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Document, ObjectId } from 'mongodb'
import { replyingTo } from '../../src/domain/reply.ts'
import type { MongoStore } from '../../src/store/mongo/options.ts'
import { mongoMissing } from '../mongo/server.ts'
import { startTwoInstances, type TwoInstances } from '../mongo/two-instances.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aSend, history, numbers, t0, user } from '../support/samples.ts'

const missing = await mongoMissing()

describe('answers on MongoDB', { skip: missing ?? false }, () => {
  let instances: TwoInstances
  let one: MongoStore
  let two: MongoStore

  before(async () => {
    instances = await startTwoInstances()
    ;({ one, two } = instances)
  })
  after(() => instances.close())

  async function aRoot() {
    const group = await aGroup(one.store, { members: ['ann'] })
    const [root] = await history(one.store, group, 1)
    assert.ok(root)
    const answer = async (store = one.store) =>
      (await store.messages.append(aSend(group, replyingTo(root)), user('ann'))).value
    const count = async () => (await two.store.messages.read(root.id))?.replyCount
    const doc = (id: string) => instances.raw<Document>('messages').findOne({ _id: new ObjectId(id) })
    const set = (id: string, update: Document) =>
      instances.raw<Document>('messages').updateOne({ _id: new ObjectId(id) }, update)
    return { root, answer, count, doc, set }
  }

  test('two instances answer and delete at once: all are counted, each once', async () => {
    const { answer, count } = await aRoot()
    const answers = numbers(1, 60).map((n) => answer(n % 2 ? one.store : two.store))
    await Promise.all(
      answers.map(async (sent, n) => {
        const { id } = await sent
        if (n % 3 === 0) await (n % 2 ? one : two).store.messages.delete(id, user('ann'), t0)
      }),
    )
    assert.equal(await count(), 40)
  })

  test('an answer whose sender crashed before it was counted is counted by whoever finds it, once', async () => {
    const { root, answer, count, doc, set } = await aRoot()
    const [lost, kept] = [await answer(), await answer()]
    // One crashed before the number was raised, and one after.
    const mark = { $set: { count_mark: { id: 'sent', by: 1 } }, $unset: { is_counted: '' } }
    await set(lost.id, mark)
    await set(root.id, { $inc: { reply_count: -1 }, $pull: { counted: `${lost.seq}.sent` } })
    await set(kept.id, mark)
    for (const { id } of [lost, kept])
      await eventually('its mark is gone', async () => (await doc(id))?.count_mark === undefined, 20_000)
    assert.equal(await count(), 2)
  })

  test('an answer that is deleted before it was counted is not counted in the end', async () => {
    const { answer, count, set, root } = await aRoot()
    const lost = await answer()
    await set(lost.id, { $set: { count_mark: { id: 'sent', by: 1 } }, $unset: { is_counted: '' } })
    await set(root.id, { $inc: { reply_count: -1 }, $pull: { counted: `${lost.seq}.sent` } })
    await two.store.messages.delete(lost.id, user('ann'), t0)
    assert.equal(await count(), 0)
  })
})
