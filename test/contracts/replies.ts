import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GroupWithMembers } from '../../src/domain/group.ts'
import type { Message } from '../../src/domain/message.ts'
import { replyingTo } from '../../src/domain/reply.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, aSend, erase, numbers, seqs, t0, user } from '../support/samples.ts'

export function replyContract(store: () => Store): void {
  const send = async (group: GroupWithMembers, answered?: Message): Promise<Message> => {
    const sent = aSend(group, answered && replyingTo(answered))
    return (await store().messages.append(sent, user(sent.senderId))).value
  }
  const countOf = async ({ id }: Message) => (await store().messages.read(id))?.replyCount
  const whole = { after: 0, limit: 100 }

  test('an answer names what it answers and its thread, which has their number', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const root = await send(group)
    const [one, two] = [await send(group, root), await send(group, root)]
    const below = await send(group, one)
    assert.deepEqual([one.replyTo, one.threadId, one.replyCount], [root.id, root.id, 0])
    assert.deepEqual([below.replyTo, below.threadId], [one.id, root.id])
    assert.deepEqual(await Promise.all([root, one, two, below].map(countOf)), [2, 1, 0, 0])
    assert.deepEqual(await store().messages.read(two.id), two)
    const present = await store().messages.read(root.id)
    assert.deepEqual(present, { ...root, replyCount: 2 }, 'an answer changes neither version nor time')

    assert.deepEqual(seqs(await store().messages.listReplies(root, whole)), [2, 3])
    assert.deepEqual(seqs(await store().messages.listThread(root, whole)), [2, 3, 4])
    assert.deepEqual(seqs(await store().messages.listThread(root, { after: 2, limit: 1 })), [3])
    assert.deepEqual(seqs(await store().messages.listReplies(root, { after: 2, limit: 1 })), [3])
    assert.deepEqual(await store().messages.listReplies(below, whole), [])
  })

  test('an answer that is deleted is counted no more, an edited one is; one to a deleted message stays', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const root = await send(group)
    const [one, two, three] = [await send(group, root), await send(group, root), await send(group, root)]
    await store().messages.edit(two.id, { content: 'better' }, user('ann'), t0)
    await erase(store(), [one, one])
    assert.equal(await countOf(root), 2)
    await erase(store(), [root])
    assert.deepEqual(seqs(await store().messages.listReplies(root, whole)), [3, 4])
    assert.deepEqual(seqs(await store().messages.listThread(root, whole)), [3, 4])
    assert.equal((await store().messages.read(three.id))?.replyTo, root.id)
    const gone = (await store().messages.read(one.id)) ?? assert.fail()
    assert.deepEqual([gone.replyTo, gone.threadId], [root.id, root.id])
  })

  test('a repeated answer is counted once, and all that come at once are', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const root = await send(group)
    const again = aSend(group, { ...replyingTo(root), sendHash: 'same' })
    const sent = numbers(1, 120).map(() => send(group, root))
    const repeated = numbers(1, 5).map(() => store().messages.append(again, user('ann')))
    const deleted = sent.slice(0, 10).map(async (one) => erase(store(), [await one]))
    await Promise.all([...sent, ...repeated, ...deleted])
    await store().messages.append(again, user('ann'))
    assert.equal(await countOf(root), 111)
    assert.equal((await store().messages.listReplies(root, { after: 0, limit: 500 })).length, 111)
  })

  test('a history may leave answers out, whichever way it is read', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const root = await send(group)
    await send(group, root)
    await send(group)
    await send(group, root)
    const last = await send(group)
    await erase(store(), [await send(group)])
    const list = async (page: object) =>
      seqs(await store().messages.list(group.id, { limit: 2, offset: 0, roots: true, ...page }))
    assert.deepEqual(await list({}), [5, 3])
    assert.deepEqual(await list({ offset: 2 }), [1])
    assert.deepEqual(await list({ before: last.seq }), [3, 1])
    assert.deepEqual(await list({ after: 1 }), [3, 5])
  })

  test('answers of a deleted group are gone', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const root = await send(group)
    await send(group, root)
    await store().groups.delete(group.id, admin, t0)
    assert.deepEqual(await store().messages.listReplies(root, whole), [])
    assert.deepEqual(await store().messages.listThread(root, whole), [])
  })
}
