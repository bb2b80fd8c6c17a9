import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '../../src/domain/message.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, aSend, failsWith, newId, numbers, t0, user } from '../support/samples.ts'

const emojis = [
  ...'😀😁😂🤣😃😄😅😆😉😊😋😎😍😘🥰😗😙🥲😚🙂🤗🤩🤔🫡🤨😐😑😶🫥😏😣😥😮🤐😯😪😫🥱😴😌😛😜😝🤤😒😓😔😕🫤🙃🫠',
]

export function reactionContract(store: () => Store): void {
  const add = (message: Message, emoji: string, userId: string, at = t0) =>
    store().reactions.add(message.id, emoji, user(userId), at)
  const remove = (message: Message, emoji: string, userId: string, at = t0) =>
    store().reactions.remove(message.id, emoji, user(userId), at)
  const kinds = ({ reactions }: Message) =>
    reactions.kinds.map(({ emoji, count, userIds }) => [emoji, count, ...userIds])

  async function aMessage(...members: string[]): Promise<Message> {
    const group = await aGroup(store(), { members })
    return (await store().messages.append(aSend(group), user(members[0] ?? ''))).value
  }

  test('reactions are there wherever the message is read, first come first', async () => {
    const message = await aMessage('ann', 'bob', 'cem')
    await add(message, '👍', 'bob')
    await add(message, '🎉', 'ann')
    const { value } = await add(message, '👍', 'cem')
    const expected = [
      ['👍', 2, 'bob', 'cem'],
      ['🎉', 1, 'ann'],
    ]
    assert.deepEqual(kinds(value), expected)
    const { groupId } = message
    for (const read of [
      await store().messages.read(message.id),
      (await store().messages.readMany([message.id]))[0],
      (await store().messages.list(groupId, { offset: 0, limit: 5 }))[0],
      (await store().messages.list(groupId, { before: 9, limit: 5 }))[0],
      (await store().messages.list(groupId, { after: 0, limit: 5 }))[0],
      (await store().log.read(groupId, { seq: 0, rev: 0 }, 5)).messages[0],
    ])
      assert.deepEqual(read, value)
  })

  test('each is an entry of the log, and again is none', async () => {
    const message = await aMessage('ann')
    const { changes } = await add(message, '👍', 'ann', t0 + 3)
    assert.deepEqual(changes, [
      {
        groupId: message.groupId,
        rev: 1,
        type: 'reactions',
        seq: 1,
        deleted: 0,
        at: t0 + 3,
        messageId: message.id,
        messageSeq: 1,
        data: { emoji: '👍', user_id: 'ann', added: true },
      },
    ])
    assert.deepEqual((await add(message, '👍', 'ann')).changes, [])
    const [removed] = (await remove(message, '👍', 'ann')).changes
    assert.deepEqual(removed?.data, { emoji: '👍', user_id: 'ann', added: false })
    const again = await remove(message, '👍', 'ann')
    assert.deepEqual([again.changes, kinds(again.value), again.value.reactions.rev], [[], [], 2])
    const { changes: logged } = await store().log.read(message.groupId, { seq: 0, rev: 0 }, 9)
    assert.deepEqual(
      logged.map(({ rev, data }) => [rev, data.added]),
      [
        [1, true],
        [2, false],
      ],
    )
  })

  test('a reaction changes neither the version nor the time of the message', async () => {
    const message = await aMessage('ann')
    const { value } = await add(message, '👍', 'ann', t0 + 9)
    const { reactions: _, ...rest } = value
    const { reactions: __, ...before } = message
    assert.deepEqual(rest, before)
  })

  test('who takes one back and reacts again comes last', async () => {
    const message = await aMessage('ann', 'bob')
    await add(message, '👍', 'ann')
    await add(message, '👍', 'bob')
    await add(message, '🎉', 'bob')
    await remove(message, '👍', 'ann')
    assert.deepEqual(kinds((await add(message, '👍', 'ann')).value), [
      ['👍', 2, 'bob', 'ann'],
      ['🎉', 1, 'bob'],
    ])
    await remove(message, '👍', 'ann')
    await remove(message, '👍', 'bob')
    assert.deepEqual(kinds((await add(message, '👍', 'ann')).value), [
      ['🎉', 1, 'bob'],
      ['👍', 1, 'ann'],
    ])
  })

  test('an edit and a repeated send tell the reactions too, and a deleted message takes none', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const send = aSend(group, { sendHash: 'same' })
    const { value: message } = await store().messages.append(send, user('ann'))
    await add(message, '👍', 'ann')
    const edited = await store().messages.edit(message.id, { content: 'better' }, user('ann'), t0 + 1)
    assert.deepEqual(kinds(edited.value), [['👍', 1, 'ann']])
    const repeated = await store().messages.append(send, user('ann'))
    assert.deepEqual(kinds(repeated.value), [['👍', 1, 'ann']])
    await store().messages.delete(message.id, user('ann'), t0 + 2)
    assert.deepEqual(kinds((await store().messages.read(message.id)) ?? assert.fail()), [])
    await assert.rejects(add(message, '🎉', 'ann'), failsWith('not_found'))
    await assert.rejects(remove(message, '👍', 'ann'), failsWith('not_found'))
  })

  test('members and operators react, to messages that are there', async () => {
    const message = await aMessage('ann')
    await assert.rejects(add(message, '👍', 'eve'), failsWith('forbidden'))
    await assert.rejects(remove(message, '👍', 'eve'), failsWith('forbidden'))
    await store().reactions.add(message.id, '👍', admin, t0)
    const nowhere = { ...message, id: newId() }
    await assert.rejects(add(nowhere, '👍', 'ann'), failsWith('not_found'))
    await store().groups.delete(message.groupId, admin, t0)
    await assert.rejects(add(message, '👍', 'ann'), failsWith('not_found'))
  })

  test('at most 50 kinds on a message: another is refused, one of them is not', async () => {
    const message = await aMessage('ann', 'bob')
    for (const emoji of emojis.slice(0, 50)) await add(message, emoji, 'ann')
    await assert.rejects(add(message, '🎉', 'bob'), failsWith('limit_reached'))
    await add(message, emojis[0] as string, 'bob')
    await remove(message, emojis[1] as string, 'ann')
    await add(message, '🎉', 'bob')
    assert.equal((await store().messages.read(message.id))?.reactions.kinds.length, 50)
  })

  test('many who react at once are all counted, and 20 of them named, over all kinds', async () => {
    const users = numbers(1, 60).map((n) => `user ${n}`)
    const message = await aMessage(...users)
    const written = await Promise.all(
      users.map((userId, index) => add(message, index % 2 ? '👍' : '🎉', userId)),
    )
    const revs = written.flatMap(({ changes }) => changes.map(({ rev }) => rev))
    assert.deepEqual(
      revs.sort((a, b) => a - b),
      numbers(1, 60),
    )
    const { reactions } = (await store().messages.read(message.id)) ?? assert.fail()
    assert.deepEqual(
      reactions.kinds.map(({ count }) => count),
      [30, 30],
    )
    assert.equal(reactions.rev, 60)
    const named = reactions.kinds.flatMap(({ userIds }) => userIds)
    assert.equal(named.length, 20)
    const { changes } = await store().log.read(message.groupId, { seq: 0, rev: 0 }, 100)
    const first = changes.slice(0, 20).map(({ data }) => data.user_id)
    assert.deepEqual(named.toSorted(), first.toSorted())
  })

  test('what one user asks for again and again ends as they asked last', async () => {
    const message = await aMessage('ann', 'bob')
    for (const _ of numbers(1, 10)) {
      const asked = [add, remove, add, remove, add].map((way) => way(message, '👍', 'ann'))
      await Promise.all([...asked, add(message, '👍', 'bob'), remove(message, '👍', 'bob')])
      const { reactions } = (await store().messages.read(message.id)) ?? assert.fail()
      assert.deepEqual(reactions.kinds, [{ emoji: '👍', count: 1, userIds: ['ann'] }])
    }
  })

  test("one's own, by message, by any name and of any emoji", async () => {
    const strange = '$a:b\'{"x":1}'
    const group = await aGroup(store(), { members: [strange, 'bob'] })
    const [one, two, none] = (await Promise.all(
      numbers(1, 3).map(async () => (await store().messages.append(aSend(group), user(strange))).value),
    )) as [Message, Message, Message]
    await add(one, '🎉', strange)
    await add(one, '👩‍👩‍👧', strange)
    await add(two, '👍', strange)
    await add(none, '👍', 'bob')
    await add(two, '🎉', strange)
    await remove(two, '🎉', strange)
    const own = await store().reactions.listOwn(strange, [one.id, two.id, none.id, newId()])
    assert.deepEqual(
      own,
      new Map([
        [one.id, ['🎉', '👩‍👩‍👧']],
        [two.id, ['👍']],
      ]),
    )
  })

  test('the reactions of a deleted group are gone', async () => {
    const message = await aMessage('ann')
    await add(message, '👍', 'ann')
    await store().groups.delete(message.groupId, admin, t0)
    assert.equal((await store().reactions.listOwn('ann', [message.id])).size, 0)
  })
}
