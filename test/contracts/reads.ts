import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GroupWithMembers } from '../../src/domain/group.ts'
import type { Store } from '../../src/store/store.ts'
import {
  admin,
  aGroup,
  aSend,
  erase,
  failsWith,
  history,
  newId,
  numbers,
  t0,
  user,
} from '../support/samples.ts'

export function readContract(store: () => Store): void {
  const mark = (group: GroupWithMembers, userId: string, seq: number, at = t0) =>
    store().reads.mark(group.id, seq, user(userId), at)
  const readingOf = async (group: GroupWithMembers, userId: string) =>
    (await store().reads.ofUser(userId, [group.id])).get(group.id)
  /** How far the user has read, and how many messages are unread. */
  const read = async (group: GroupWithMembers, userId: string) => {
    const found = await readingOf(group, userId)
    return [found?.readSeq, found?.unreadCount]
  }
  const setMembers = (group: GroupWithMembers, ...authorizedUserIds: string[]) =>
    store().groups.update(group.id, { authorizedUserIds }, admin, t0 + 1)

  test('what is read is marked, and never goes back', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    await history(store(), group, 5)
    assert.deepEqual(await read(group, 'bob'), [0, 5])
    assert.deepEqual(await mark(group, 'bob', 3), { value: { seq: 3, isNews: true }, changes: [] })
    assert.deepEqual(await read(group, 'bob'), [3, 2])
    for (const seq of [3, 1, 0])
      assert.deepEqual((await mark(group, 'bob', seq)).value, { seq: 3, isNews: false })
    assert.deepEqual(await read(group, 'bob'), [3, 2])
    await assert.rejects(mark(group, 'bob', 6), failsWith('invalid'))
    await assert.rejects(mark(group, 'eve', 1), failsWith('forbidden'))
    await assert.rejects(store().reads.mark(group.id, 1, admin, t0), failsWith('forbidden'))
    await assert.rejects(store().reads.mark(newId(), 0, user('ann'), t0), failsWith('not_found'))
    assert.deepEqual(await read(group, 'bob'), [3, 2])
  })

  test('who sends has read all up to their own message', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    await history(store(), group, 3)
    assert.deepEqual(await read(group, 'ann'), [3, 0])
    await store().messages.append(aSend(group, { senderId: 'bob' }), user('bob'))
    assert.deepEqual(await read(group, 'bob'), [4, 0])
    assert.deepEqual(await read(group, 'ann'), [3, 1])
    const send = aSend(group, { senderId: 'ann', clientId: 'key', sendHash: 'same' })
    await store().messages.append(send, user('ann'))
    await store().messages.append(aSend(group, { senderId: 'bob' }), user('bob'))
    assert.equal((await store().messages.append(send, user('ann'))).repeat, true)
    assert.deepEqual(await read(group, 'ann'), [5, 1], 'a repeat sends nothing')
  })

  test('what is deleted is not unread', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    const messages = await history(store(), group, 6)
    await mark(group, 'bob', 2)
    await erase(store(), [messages[0], messages[2], messages[5]])
    assert.deepEqual(await read(group, 'bob'), [2, 2])
    await erase(store(), [messages[3], messages[4], messages[4]])
    assert.deepEqual(await read(group, 'bob'), [2, 0])
    const back = (seq: number) => store().messages.restore(messages[seq - 1]?.id ?? '', admin, t0)
    await Promise.all([1, 5, 5].map(back))
    assert.deepEqual(await read(group, 'bob'), [2, 1], 'what is restored is unread again')
    await erase(store(), [messages[4]])
    assert.deepEqual(await read(group, 'bob'), [2, 0])
    await mark(group, 'bob', 6)
    assert.deepEqual(await read(group, 'bob'), [6, 0])
  })

  test('of thousands of messages those that are not deleted are unread, wherever the mark is', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob', 'cem'] })
    const sends = numbers(1, 2_100).map((n) => aSend(group, { content: `${n}` }))
    const messages = await Promise.all(
      sends.map(async (send) => (await store().messages.append(send, user('ann'))).value),
    )
    const bySeq = new Map(messages.map((message) => [message.seq, message]))
    const gone = [1, 2, 998, 999, 1_000, 1_001, 1_500, 1_999, 2_000, 2_050, 2_100]
    await erase(
      store(),
      gone.map((seq) => bySeq.get(seq)),
    )
    for (const seq of [0, 1, 997, 999, 1_000, 1_001, 1_998, 1_999, 2_000, 2_049, 2_050, 2_099, 2_100]) {
      await mark(group, 'bob', seq)
      const unread = 2_100 - seq - gone.filter((each) => each > seq).length
      assert.deepEqual(await read(group, 'bob'), [seq, unread])
    }
    const back = [1, 1_000, 1_001, 2_050]
    for (const seq of back) await store().messages.restore(bySeq.get(seq)?.id ?? '', admin, t0)
    assert.deepEqual(await read(group, 'cem'), [0, 2_100 - gone.length + back.length])
    await mark(group, 'cem', 1_000)
    assert.deepEqual(
      await read(group, 'cem'),
      [1_000, 1_100 - 4],
      '1,500, 1,999, 2,000 and 2,100 are deleted',
    )
  })

  test('who joins has read all that was there, and so who comes back', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    await history(store(), group, 3)
    await setMembers(group, 'ann', 'bob')
    assert.deepEqual(await read(group, 'bob'), [3, 0])
    assert.deepEqual(await store().reads.list(group.id, 10), [{ userId: 'ann', seq: 3, at: t0 + 3 }])
    await history(store(), group, 2)
    assert.deepEqual(await read(group, 'bob'), [3, 2])
    await mark(group, 'bob', 4)
    await setMembers(group, 'ann')
    assert.deepEqual(
      (await store().reads.list(group.id, 10)).map(({ userId }) => userId),
      ['ann'],
    )
    await history(store(), group, 2)
    await setMembers(group, 'ann', 'bob')
    assert.deepEqual(await read(group, 'bob'), [7, 0])
    assert.deepEqual(
      (await store().reads.list(group.id, 10)).map(({ userId }) => userId),
      ['ann'],
    )
  })

  test('a group is as one user has read it; for who is no member all is read', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'], owner: 'ann' })
    const other = await aGroup(store(), { members: ['bob'] })
    const empty = { seq: 0, lastMessageAt: null, readSeq: 0, unreadCount: 0 }
    assert.deepEqual(await readingOf(group, 'ann'), { role: 'owner', ...empty })
    await history(store(), group, 2)
    const last = { seq: 2, lastMessageAt: t0 + 2 }
    assert.deepEqual(
      await store().reads.ofUser('bob', [group.id, newId(), other.id]),
      new Map([
        [group.id, { role: 'member', ...last, readSeq: 0, unreadCount: 2 }],
        [other.id, { role: 'member', ...empty }],
      ]),
    )
    assert.deepEqual(await readingOf(group, 'eve'), { role: null, ...last, readSeq: 2, unreadCount: 0 })
    assert.deepEqual(await store().reads.ofUser('ann', []), new Map())
  })

  test('who has read most comes first, then who did so first', async () => {
    const strange = ['$gt', 'a:b', '__proto__', '{"$ne":1}']
    const group = await aGroup(store(), { members: ['ann', 'bob', 'cem', 'dee', ...strange] })
    await history(store(), group, 3)
    assert.deepEqual(await store().reads.list(newId(), 10), [])
    await mark(group, 'bob', 2, t0 + 9)
    await mark(group, 'cem', 2, t0 + 7)
    for (const [index, userId] of strange.entries()) await mark(group, userId, 1, t0 + index)
    const marks = [
      { userId: 'ann', seq: 3, at: t0 + 3 },
      { userId: 'cem', seq: 2, at: t0 + 7 },
      { userId: 'bob', seq: 2, at: t0 + 9 },
      ...strange.map((userId, index) => ({ userId, seq: 1, at: t0 + index })),
    ]
    assert.deepEqual(await store().reads.list(group.id, 100), marks)
    assert.deepEqual(await store().reads.list(group.id, 2), marks.slice(0, 2))
    await store().groups.delete(group.id, admin, t0)
    assert.deepEqual(await store().reads.list(group.id, 100), [])
  })

  test('counts are exact whatever happens at once', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob', 'cem'] })
    const messages = await history(store(), group, 40)
    await Promise.all([
      ...messages.slice(10, 30).map(({ id }) => store().messages.delete(id, user('ann'), t0)),
      ...messages.slice(20, 40).map(({ id }) => store().messages.delete(id, user('ann'), t0)),
      ...numbers(1, 20).map(() => store().messages.append(aSend(group, { senderId: 'cem' }), user('cem'))),
      ...numbers(1, 15).map((seq) => mark(group, 'bob', seq)),
    ])
    assert.deepEqual(await read(group, 'bob'), [15, 20])
    assert.deepEqual((await read(group, 'cem'))[1], 0)
  })

  test('the last message of each group that is not deleted', async () => {
    const groups = [
      await aGroup(store(), { members: ['ann'] }),
      await aGroup(store(), { members: ['ann'] }),
      await aGroup(store(), { members: ['ann'] }),
    ] as const
    const messages = await history(store(), groups[0], 30)
    await history(store(), groups[1], 1).then((all) => erase(store(), all))
    const ids = [...groups.map(({ id }) => id), newId()]
    const last = async () => [...(await store().messages.listLast(ids))]
    assert.deepEqual(await last(), [[groups[0].id, messages[29]]])
    await erase(store(), messages.slice(28))
    assert.deepEqual(await last(), [[groups[0].id, messages[27]]])
    await erase(store(), messages.slice(2))
    assert.deepEqual(await last(), [[groups[0].id, messages[1]]])
    const { value } = await store().reactions.add(messages[1]?.id ?? '', '👍', user('ann'), t0)
    assert.deepEqual(await last(), [[groups[0].id, value]])
    await store().groups.delete(groups[0].id, admin, t0)
    assert.deepEqual(await last(), [])
  })
}
