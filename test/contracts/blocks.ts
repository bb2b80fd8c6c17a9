import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '../../src/domain/limits.ts'
import { textOnly } from '../../src/domain/message.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, aSend, failsWith, newId, t0, user } from '../support/samples.ts'

export function blockContract(store: () => Store): void {
  const blocks = () => store().blocks
  const aChat = async () => {
    const run = newId()
    const [ann, bob] = [`${run} ann`, `${run} bob`]
    const chat = await aGroup(store(), { kind: 'direct', members: [ann, bob], owner: null })
    return { chat, ann, bob }
  }

  test('whom a user has blocked is listed, oldest first, until it is taken back', async () => {
    const ann = newId()
    assert.deepEqual(await blocks().list(ann), [])
    assert.deepEqual(await blocks().put(ann, 'eve', t0 + 1), { userId: 'eve', createdAt: t0 + 1 })
    await blocks().put(ann, 'bob', t0)
    assert.deepEqual(await blocks().put(ann, 'eve', t0 + 9), { userId: 'eve', createdAt: t0 + 1 })
    assert.deepEqual(await blocks().list(ann), [
      { userId: 'bob', createdAt: t0 },
      { userId: 'eve', createdAt: t0 + 1 },
    ])
    await blocks().remove(ann, 'bob')
    await blocks().remove(ann, 'bob')
    assert.deepEqual(await blocks().list(ann), [{ userId: 'eve', createdAt: t0 + 1 }])
  })

  test('those who have blocked a user are told among others', async () => {
    const [ann, bob, cem, eve] = [newId(), newId(), newId(), newId()] as [string, string, string, string]
    await blocks().put(ann, eve, t0)
    await blocks().put(cem, eve, t0)
    await blocks().put(eve, bob, t0)
    assert.deepEqual([...(await blocks().among(eve, [ann, bob, cem]))].sort(), [ann, cem].sort())
    assert.deepEqual(await blocks().among(eve, [bob]), new Set())
    assert.deepEqual(await blocks().among(eve, []), new Set())
  })

  test('there are only so many', async () => {
    const ann = newId()
    const puts: Promise<unknown>[] = []
    for (let n = 0; n < limits.blocks; n++) puts.push(blocks().put(ann, `user ${n}`, t0))
    await Promise.all(puts)
    await assert.rejects(blocks().put(ann, 'one more', t0), failsWith('limit_reached'))
    assert.equal((await blocks().put(ann, 'user 1', t0)).createdAt, t0)
  })

  test('who is blocked writes nothing in the direct chat, at once and until it is taken back', async () => {
    const { chat, ann, bob } = await aChat()
    const send = (by: string) => store().messages.append(aSend(chat, { senderId: by }), user(by))
    const { value: sent } = await send(bob)
    const { value: other } = await send(ann)
    await blocks().put(ann, bob, t0)
    assert.equal((await store().members.read(chat.id, bob))?.isBlocked, true)
    assert.equal((await store().members.read(chat.id, ann))?.isBlocked, undefined)
    const by = user(bob)
    const blocked = failsWith('blocked')
    await assert.rejects(send(bob), blocked)
    await assert.rejects(store().messages.edit(sent.id, { content: 'new' }, by, t0), blocked)
    await assert.rejects(store().reactions.add(other.id, '👍', by, t0), blocked)
    await assert.rejects(store().pins.add(other.id, by, t0), blocked)
    await send(ann)
    await store().messages.delete(sent.id, by, t0)
    await blocks().remove(ann, bob)
    await send(bob)
  })

  test('in a group who is blocked may do all as before', async () => {
    const { ann, bob } = await aChat()
    const group = await aGroup(store(), { members: [ann, bob] })
    await blocks().put(ann, bob, t0)
    await store().messages.append(aSend(group, { senderId: bob }), user(bob))
    assert.equal((await store().members.read(group.id, bob))?.isBlocked, undefined)
    await store().groups.delete(group.id, admin, t0)
  })

  test('mentions by somebody who is blocked do not count', async () => {
    const { ann, bob } = await aChat()
    const group = await aGroup(store(), { members: [ann, bob, 'cem'] })
    const mention = (by: string, over: object) =>
      store().messages.append(aSend(group, { senderId: by, ...textOnly, ...over }), user(by))
    await mention(bob, { mentions: [ann] })
    await mention(bob, { mentionAll: true })
    await mention('cem', { mentions: [ann] })
    const counts = async (userId: string) => [
      await store().mentions.count(userId, group.id, 0),
      (await store().mentions.countMany(userId, [{ groupId: group.id, seq: 0 }])).get(group.id) ?? 0,
    ]
    assert.deepEqual(await counts(ann), [3, 3])
    await blocks().put(ann, bob, t0)
    assert.deepEqual(await counts(ann), [1, 1])
    await blocks().put(ann, 'cem', t0)
    assert.deepEqual(await counts(ann), [0, 0])
    assert.deepEqual(await counts('cem'), [1, 1])
    await blocks().remove(ann, bob)
    assert.deepEqual(await counts(ann), [2, 2])
  })
}
