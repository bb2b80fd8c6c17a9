import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GroupWithMembers } from '../../src/domain/group.ts'
import type { Message, Send } from '../../src/domain/message.ts'
import { indexQueryOf, readQuery } from '../../src/domain/search.ts'
import type { Lookup } from '../../src/store/search.ts'
import type { Store } from '../../src/store/store.ts'
import { eventually } from '../support/eventually.ts'
import { aFile, aGroup, aSend, failsWith, newId, numbers, t0, user } from '../support/samples.ts'

export function searchContract(store: () => Store): void {
  /** The n-th message is sent in the n-th millisecond, by turns to these groups, and has its entry. */
  async function say(
    groups: readonly GroupWithMembers[],
    contents: readonly string[],
    over: Partial<Send> = {},
  ) {
    const said: Message[] = []
    for (const [n, content] of contents.entries()) {
      const group = groups[n % groups.length]
      assert.ok(group)
      const send = aSend(group, { content, createdAt: t0 + n, ...over })
      said.push((await store().messages.append(send, user(send.senderId))).value)
    }
    await put(said)
    return said
  }
  async function put(messages: readonly Message[]): Promise<void> {
    const ids = messages.map(({ id }) => id)
    for (let at = 0; at < ids.length; at += 100) await store().search.put(ids.slice(at, at + 100))
  }
  const groupsOf = async (count: number) =>
    Promise.all(numbers(1, count).map(() => aGroup(store(), { members: ['ann', 'bob'] })))
  const look = (q: string, groups: readonly GroupWithMembers[], over: Partial<Lookup> = {}): Lookup => ({
    ...indexQueryOf(readQuery(q)),
    groupIds: groups.map(({ id }) => id),
    ...over,
  })
  const page = { after: null, limit: 100, looks: 10_000 }
  const find = async (lookup: Lookup, over: Partial<typeof page> = {}) =>
    (await store().search.find(lookup, { ...page, ...over })).found.map(({ messageId }) => messageId)
  const ids = (messages: readonly (Message | undefined)[]) => messages.map((message) => message?.id)

  test('search.find finds messages of these groups by the beginnings of all words, newest first', async () => {
    const [one, two, other] = await groupsOf(3)
    assert.ok(one && two && other)
    const said = await say([one, two], ['red house', 'green house', 'Haus', 'Grüße aus dem HOUSE', 'x'])
    await say([other], ['another house'])
    const [red, green, haus, greeting, x] = said
    const both = [one, two]
    assert.deepEqual(await find(look('house', both)), ids([greeting, green, red]))
    assert.deepEqual(await find(look('hous gr', both)), ids([greeting, green]))
    assert.deepEqual(await find(look('grusse', both)), ids([greeting]))
    assert.deepEqual(await find(look('house', [one])), ids([red]))
    assert.deepEqual(await find(look('ha', both)), ids([haus]))
    assert.deepEqual(await find(look('x', both)), ids([x]))
    assert.deepEqual(await find(look('house -green', both)), ids([greeting, red]))
    assert.deepEqual(await find(look('nothing', both)), [])
    assert.deepEqual(await find(look('house', [])), [])
  })

  test('search.find keeps to a sender and to times, both inclusive', async () => {
    const [group] = await groupsOf(1)
    assert.ok(group)
    const said = await say(
      [group],
      numbers(1, 6).map((n) => `house ${n}`),
    )
    const bobs = await say([group], ['house of bob'], { senderId: 'bob', createdAt: t0 + 3 })
    assert.deepEqual(await find(look('house', [group], { senderId: 'bob' })), ids(bobs))
    assert.deepEqual(await find(look('house', [group], { senderId: 'ann' })), ids(said.toReversed()))
    const between = await find(look('house', [group], { senderId: 'ann', from: t0 + 1, until: t0 + 3 }))
    assert.deepEqual(
      ids(said.slice(1, 4)).filter((id) => id && !between.includes(id)),
      [],
    )
    assert.ok(!between.includes(said[0]?.id ?? '') && !between.includes(said[5]?.id ?? ''), 'times bound it')
  })

  test('search.find keeps to messages that have files, as long as they have them', async () => {
    const [group] = await groupsOf(1)
    assert.ok(group)
    const file = aFile(group)
    await store().files.add(file, user(file.uploadedBy), 1_000_000)
    const id = newId()
    const attachments = await store().files.reserve([file.id], { id, groupId: group.id }, user('ann'), t0)
    const [plain] = await say([group], ['a house'])
    const said = await say([group], ['a house on a picture'], { id, attachments })
    assert.deepEqual(await find(look('house', [group], { hasFile: true })), [id])
    assert.deepEqual((await find(look('house', [group]))).toSorted(), [id, plain?.id].toSorted())
    await store().files.remove(file.id, user('ann'), t0 + 9)
    await put(said)
    assert.deepEqual(await find(look('house', [group], { hasFile: true })), [])
  })

  test('search.find follows edits, deletions, restored messages, and repeats of all that', async () => {
    const [group] = await groupsOf(1)
    assert.ok(group)
    const said = await say([group], ['house', 'hut'])
    const [house, hut] = said
    assert.ok(house && hut)
    await store().messages.edit(house.id, { content: 'tent' }, user('ann'), t0 + 9)
    await put(said)
    assert.deepEqual(await find(look('house', [group])), [])
    assert.deepEqual(await find(look('tent', [group])), [house.id])
    await store().messages.delete(hut.id, user('ann'), t0 + 9)
    await put(said)
    await put(said)
    assert.deepEqual(await find(look('hut', [group])), [])
    await store().messages.restore(hut.id, { userId: 'op', admin: true }, t0 + 10)
    await put(said)
    assert.deepEqual(await find(look('hut', [group])), [hut.id])
  })

  test('search.find goes on page by page, through messages of one millisecond and of many groups', async () => {
    const groups = await groupsOf(40)
    const said = [
      ...(await say(
        groups,
        numbers(1, 60).map(() => 'common'),
        { createdAt: t0 },
      )),
      ...(await say(
        groups,
        numbers(1, 60).map(() => 'common'),
      )),
    ]
    for (const among of [groups, groups.slice(0, 5)]) {
      const found: string[] = []
      for (let after: string | null = null; ; ) {
        const { found: some, next } = await store().search.find(look('common', among), {
          after,
          limit: 7,
          looks: 10_000,
        })
        found.push(...some.map(({ messageId }) => messageId))
        if (next === null) break
        after = next
      }
      const groupIds = new Set(among.map(({ id }) => id))
      const expected = said.filter(({ groupId }) => groupIds.has(groupId))
      assert.deepEqual(found.toSorted(), ids(expected).toSorted(), 'each once')
      const messages = await Promise.all(found.map((id) => store().messages.read(id)))
      const times = messages.map((message) => message?.createdAt ?? 0)
      assert.deepEqual(
        times,
        times.toSorted((a, b) => b - a),
      )
    }
  })

  test('search.find looks at no more than it may, and goes on from there', async () => {
    const groups = await groupsOf(40)
    const contents = numbers(1, 400).map((n) => (n === 1 ? 'odd even' : n % 2 ? 'odd' : 'even'))
    const said = await say(groups, contents)
    for (const [q, among] of [
      ['odd even', groups],
      ['odd even', groups.slice(0, 3)],
      ['odd -odd', groups],
    ] as const) {
      const found: string[] = []
      let calls = 0
      for (let after: string | null = null; ; ) {
        const { found: some, next } = await store().search.find(look(q, among), {
          after,
          limit: 5,
          looks: 20,
        })
        calls++
        found.push(...some.map(({ messageId }) => messageId))
        if (next === null) break
        assert.notEqual(next, after)
        after = next
      }
      assert.deepEqual(found, q === 'odd even' ? [said[0]?.id] : [], q)
      if (among === groups) assert.ok(calls > 2, `${q}: ${calls} calls`)
    }
    const rare = await store().search.find(look('odd even', groups), { ...page, looks: 1_000 })
    assert.deepEqual([rare.found.map(({ messageId }) => messageId), rare.next], [[said[0]?.id], null])
  })

  test('search.find refuses what is no place', async () => {
    const [group] = await groupsOf(1)
    assert.ok(group)
    for (const after of ['', 'x', '1.x', '-', `${2 ** 60}9`])
      await assert.rejects(
        store().search.find(look('a', [group]), { ...page, after }),
        failsWith('malformed'),
        after,
      )
  })

  test('what is put of a group that is deleted goes with it, and what is not there is no message', async () => {
    const [group, other] = await groupsOf(2)
    assert.ok(group && other)
    const said = await say([group], ['house'])
    const others = await say([other], ['house'])
    await store().groups.delete(group.id, user('olga'), t0)
    await eventually(
      'its entries are gone',
      async () => !(await find(look('house', [group, other]))).includes(said[0]?.id ?? ''),
    )
    await put(said)
    assert.deepEqual(await find(look('house', [group, other])), ids(others))
  })

  test('search.clear removes all entries, and all can be put again', async () => {
    const [group] = await groupsOf(1)
    assert.ok(group)
    const said = await say([group], ['house'])
    await store().search.clear()
    assert.deepEqual(await find(look('house', [group])), [])
    await put(said)
    assert.deepEqual(await find(look('house', [group])), ids(said))
  })
}
