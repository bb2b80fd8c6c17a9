import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GroupWithMembers } from '../../src/domain/group.ts'
import type { Message, Send } from '../../src/domain/message.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, aSend, newId, t0, user } from '../support/samples.ts'

export function mentionContract(store: () => Store): void {
  const send = async (group: GroupWithMembers, over: Partial<Send>): Promise<Message> => {
    const sent = aSend(group, over)
    return (await store().messages.append(sent, user(sent.senderId))).value
  }
  const counts = (group: GroupWithMembers, ...users: string[]) =>
    Promise.all(users.map((userId) => store().mentions.count(userId, group.id, 0)))

  test('a message is read with all that was said of it, as an edit left it', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    const metadata = { $set: { 'a.b': [1, null, '\u0000\ud800'] }, __proto: 1, '': {} }
    const message = await send(group, { mentions: ['bob', 'ann'], mentionAll: true, metadata })
    assert.deepEqual(
      [message.mentions, message.mentionAll, message.metadata],
      [['bob', 'ann'], true, metadata],
    )
    assert.deepEqual(await store().messages.read(message.id), message)
    const edit = { mentions: ['ann'], metadata: { x: JSON.parse('['.repeat(500) + ']'.repeat(500)) } }
    const { value } = await store().messages.edit(message.id, edit, user('ann'), t0 + 5)
    assert.deepEqual(value, { ...message, ...edit, ver: 2, updatedAt: t0 + 5, editedAt: t0 + 5 })
    const same = await store().messages.edit(message.id, { ...edit, content: 'hello' }, user('ann'), t0 + 9)
    assert.deepEqual(same, { value, changes: [] })
    const cleared = await store().messages.edit(
      message.id,
      { mentions: [], metadata: {} },
      user('ann'),
      t0 + 9,
    )
    assert.deepEqual([cleared.value.mentions, cleared.value.metadata, cleared.value.ver], [[], {}, 3])
    const { value: deleted } = await store().messages.delete(message.id, user('ann'), t0 + 10)
    assert.deepEqual([deleted.mentions, deleted.mentionAll, deleted.metadata], [[], false, {}])
    assert.deepEqual([deleted.editedAt, deleted.updatedAt], [t0 + 9, t0 + 10])
  })

  test("mentions of a user after a seq are counted: others' messages, each once, all included", async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob', 'cem'] })
    await send(group, { mentions: ['bob'] })
    await send(group, { mentions: ['bob', 'cem', 'ann'] })
    await send(group, { mentions: ['bob'], mentionAll: true })
    await send(group, {})
    await send(group, { senderId: 'bob', mentionAll: true })
    assert.deepEqual(await counts(group, 'ann', 'bob', 'cem', 'dan'), [1, 3, 3, 2])
    const after = (seq: number) => store().mentions.count('bob', group.id, seq)
    assert.deepEqual([await after(1), await after(2), await after(3), await after(9)], [2, 1, 0, 0])
  })

  test('an edit and a deletion change what is counted', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob', 'cem'] })
    const first = await send(group, { mentions: ['bob'] })
    const all = await send(group, { mentionAll: true })
    const edit = (mentions: string[]) => store().messages.edit(first.id, { mentions }, user('ann'), t0)
    await edit(['cem', 'ann'])
    assert.deepEqual(await counts(group, 'ann', 'bob', 'cem'), [0, 1, 2])
    await store().messages.edit(first.id, { content: 'new' }, user('ann'), t0)
    await edit([])
    await edit(['bob'])
    assert.deepEqual(await counts(group, 'ann', 'bob', 'cem'), [0, 2, 1])
    await store().messages.delete(all.id, user('ann'), t0)
    assert.deepEqual(await counts(group, 'ann', 'bob', 'cem'), [0, 1, 0])
    await store().messages.delete(first.id, user('ann'), t0)
    assert.deepEqual(await counts(group, 'ann', 'bob', 'cem'), [0, 0, 0])
    for (const { id } of [all, first]) await store().messages.restore(id, admin, t0)
    assert.deepEqual(await counts(group, 'ann', 'bob', 'cem'), [0, 2, 1])
  })

  test('many groups are counted at once, each from its own seq, whatever the name', async () => {
    const strange = '$a*:b\'{"x":1}'
    const groups = await Promise.all(
      [1, 2, 3, 4].map(() => aGroup(store(), { members: ['ann', strange, '*'] })),
    )
    const [one, two, none, gone] = groups as [
      GroupWithMembers,
      GroupWithMembers,
      GroupWithMembers,
      GroupWithMembers,
    ]
    for (const group of [one, one, two, gone]) await send(group, { mentions: [strange] })
    await send(two, { mentionAll: true })
    await send(none, { mentions: ['*'] })
    await store().groups.delete(gone.id, admin, t0)
    const marks = [
      { groupId: one.id, seq: 1 },
      ...[two, none, gone].map(({ id }) => ({ groupId: id, seq: 0 })),
      { groupId: newId(), seq: 0 },
    ]
    const expected = new Map([
      [one.id, 1],
      [two.id, 2],
    ])
    assert.deepEqual(await store().mentions.countMany(strange, marks), expected)
    assert.deepEqual(await store().mentions.countMany(strange, []), new Map())
    assert.equal(await store().mentions.count(strange, gone.id, 0), 0)
  })
}
