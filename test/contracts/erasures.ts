import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nothingErased } from '../../src/domain/erasure.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, aSend, newId, t0, user } from '../support/samples.ts'

export function erasureContract(store: () => Store): void {
  const isRefused = async (key: string, since: string | null = null) =>
    new Map((await store().erasures.refused(since)).keys).get(key)

  /** Erases what is apart from messages and reactions. */
  async function rest(userId: string, alias: string): Promise<void> {
    let place: string | null = null
    do place = (await store().erasures.rest(userId, alias, place, t0 + 90)).value
    while (place !== null)
  }

  const order = (alias: string, userId = 'eve') => ({ userId, by: 'root', alias })

  test('a user whose erasure has begun is refused until they are admitted; then it begins anew', async () => {
    const { erasures } = store()
    const key = newId()
    assert.equal(await isRefused(key), undefined)
    assert.deepEqual(await erasures.begin(key, order('one')), { alias: 'one', counts: nothingErased })
    assert.equal(await isRefused(key), true)
    await erasures.count(key, { messages: 2, reads: 1 })
    const counts = { ...nothingErased, messages: 5, reads: 1 }
    assert.deepEqual(await erasures.count(key, { messages: 3 }), counts)
    assert.deepEqual(await erasures.count(key, {}), counts)
    assert.deepEqual(await erasures.begin(key, order('two')), { alias: 'one', counts }, 'the same goes on')
    assert.equal(await erasures.admit(key), true)
    assert.equal(await erasures.admit(key), false)
    assert.notEqual(await isRefused(key), true)
    assert.deepEqual(await erasures.begin(key, order('two')), { alias: 'two', counts: nothingErased })
    assert.equal(await isRefused(key), true)
  })

  test('an erasure is unfinished until it is over or taken back; then nothing says whose it was', async () => {
    const { erasures } = store()
    const [one, two] = [newId(), newId()]
    const unfinished = async () =>
      (await erasures.unfinished(1_000)).filter(({ userId }) => userId === one || userId === two)
    await erasures.begin(one, order('alias', one))
    await erasures.begin(one, { userId: one, by: 'another', alias: 'another' })
    assert.deepEqual(await unfinished(), [{ userId: one, by: 'another', alias: 'alias' }])
    await erasures.begin(two, order('alias', two))
    assert.equal((await erasures.unfinished(1)).length, 1)
    await erasures.count(one, { files: 2 })
    assert.deepEqual(await erasures.end(one), { ...nothingErased, files: 2 })
    assert.deepEqual(await unfinished(), [order('alias', two)])
    assert.equal(await isRefused(one), true)
    await erasures.admit(two)
    assert.deepEqual(await unfinished(), [])
    await erasures.begin(one, order('again', one))
    assert.deepEqual(await unfinished(), [order('again', one)], 'what was over can be done again')
    assert.deepEqual(await erasures.end(one), { ...nothingErased, files: 2 })
  })

  test('who is listed again after an erasure is erased under another alias, and that is told again', async () => {
    const { erasures, members, log } = store()
    const [key, userId] = [newId(), newId()]
    const group = await aGroup(store(), { members: ['bob'], owner: 'bob' })
    for (const [i, wanted] of ['first', 'second'].entries()) {
      await members.add(group.id, [userId], 'added', user('bob'), t0)
      await members.remove(group.id, userId, user('bob'), t0)
      const { alias } = await erasures.begin(key, order(wanted, userId))
      assert.equal(alias, wanted)
      await rest(userId, alias)
      await erasures.end(key)
      const { changes } = await log.read(group.id, { seq: 9, rev: 0 }, 100)
      assert.equal(changes.filter(({ type }) => type === 'group_updated').length, i + 1)
    }
  })

  test('messages of an erased user are as deleted ones, of nobody, and nothing of them is left', async () => {
    const { erasures, messages, log, revisions, reactions } = store()
    const userId = newId()
    const groups = [
      await aGroup(store(), { members: [userId, 'bob'], owner: 'bob' }),
      await aGroup(store(), { members: [userId, 'bob'], owner: 'bob' }),
    ]
    const sent: string[] = []
    for (const group of groups)
      for (const n of [1, 2, 3]) {
        const send = aSend(group, { senderId: userId, clientId: `${n}`, sendHash: 'h', metadata: { n } })
        sent.push((await messages.append(send, user(userId))).value.id)
        await messages.append(aSend(group, { senderId: 'bob' }), user('bob'))
      }
    const [first = '', second = ''] = sent
    await messages.edit(first, { content: 'better' }, user(userId), t0)
    await reactions.add(first, '👍', user('bob'), t0)
    await messages.delete(second, user(userId), t0)

    const told = new Map<string, unknown>()
    let count = 0
    for (let value = 1; value > 0; count += value) {
      const step = await erasures.messages(userId, 'alias', 100, t0 + 9)
      for (const { groupId, type, data } of step.changes) told.set(groupId, [type, data.message_ids])
      value = step.value
    }
    assert.equal(count, 6)
    assert.deepEqual(
      told,
      new Map(
        groups.map(({ id }, i) => {
          const own = sent.slice(3 * i, 3 * i + 3).filter((each) => each !== second)
          return [id, ['messages_erased', own]]
        }),
      ),
    )
    for (const [i, { id }] of groups.entries()) {
      const { seq, deleted } = (await log.readHead(id)) ?? assert.fail()
      assert.deepEqual([seq, deleted], [6, 3])
      const all = await messages.listWithDeleted(id, { limit: 9, offset: 0 })
      const gone = all.filter(({ senderId }) => senderId === 'alias')
      assert.deepEqual(gone.map(({ id }) => id).reverse(), sent.slice(3 * i, 3 * i + 3))
      for (const message of gone)
        assert.deepEqual(
          [message.content, message.isDeleted, message.clientId, message.metadata, message.reactions.kinds],
          ['', true, null, {}, []],
        )
    }
    assert.deepEqual(await revisions.list(first), [])
    assert.deepEqual(await reactions.listOwn('bob', [first]), new Map())
    assert.deepEqual(await erasures.messages(userId, 'alias', 100, t0), { value: 0, changes: [] })
  })

  test('reactions of an erased user are found; those to deleted messages are gone at once', async () => {
    const { erasures, messages, reactions } = store()
    const userId = newId()
    const group = await aGroup(store(), { members: [userId, 'bob'], owner: 'bob' })
    const [shown, gone] = [
      (await messages.append(aSend(group, { senderId: 'bob' }), user('bob'))).value,
      (await messages.append(aSend(group, { senderId: 'bob' }), user('bob'))).value,
    ]
    for (const { id } of [shown, gone]) await reactions.add(id, '👍', user(userId), t0)
    await messages.delete(gone.id, user('bob'), t0)
    const found = await erasures.reactions(userId, 9)
    assert.deepEqual(found, { found: [{ messageId: shown.id, emoji: '👍' }], dropped: 1 })
    await messages.restore(gone.id, admin, t0)
    assert.deepEqual((await messages.read(gone.id))?.reactions.kinds, [])
    await reactions.remove(shown.id, '👍', { userId, admin: true }, t0)
    assert.deepEqual(await erasures.reactions(userId, 9), { found: [], dropped: 0 })
  })

  test('no log, mention, report, ban or preference names the user any more', async () => {
    const { messages, members, bans, preferences, reports, log, mentions, pins } = store()
    const userId = newId()
    const group = await aGroup(store(), { members: ['bob'], owner: 'bob' })
    const other = await aGroup(store(), { members: ['bob'], owner: 'bob' })
    const quiet = await aGroup(store(), { members: ['bob'], owner: 'bob' })
    await members.add(group.id, [userId], 'added', user('bob'), t0)
    await members.change(group.id, userId, { role: 'admin' }, user('bob'), t0)
    const send = aSend(group, { senderId: 'bob', mentions: [userId, 'bob'] })
    const { value: message } = await messages.append(send, user('bob'))
    await pins.add(message.id, user(userId), t0)
    await preferences.change(group.id, { pinned: true }, user(userId), t0)
    const mentioning = aSend(other, { senderId: 'bob', mentions: [userId] })
    const { value: alone } = await messages.append(mentioning, user('bob'))
    const { value: gone } = await messages.append(
      aSend(other, { senderId: 'bob', mentions: [userId] }),
      user('bob'),
    )
    await messages.delete(gone.id, user('bob'), t0)
    const toAll = aSend(other, { senderId: 'bob', mentions: [userId], mentionAll: true })
    const { value: calling } = await messages.append(toAll, user('bob'))
    await bans.put(other.id, userId, { reason: 'rude', until: null }, user('bob'), t0)
    const report = { id: newId(), messageId: message.id, groupId: group.id, senderId: 'bob' }
    await reports.add({ ...report, reporterId: userId, reason: 'he is rude', createdAt: t0 })
    await members.remove(group.id, userId, user(userId), t0)

    const alias = `alias-${newId()}`
    await rest(userId, alias)
    for (const { id } of [group, other]) {
      const { changes } = await log.read(id, { seq: 9, rev: 0 }, 100)
      assert.ok(!JSON.stringify(changes).includes(userId), JSON.stringify(changes))
      assert.equal(changes.at(-1)?.type, 'group_updated')
      assert.equal(changes.filter(({ type }) => type === 'group_updated').length, 1)
    }
    assert.equal((await log.readHead(quiet.id))?.rev, 0, 'of other groups nothing is told')
    assert.deepEqual((await messages.read(message.id))?.mentions, ['bob'])
    assert.deepEqual((await messages.read(alone.id))?.mentions, [])
    assert.deepEqual((await messages.read(calling.id))?.mentions, [])
    await messages.restore(gone.id, admin, t0 + 95)
    assert.deepEqual((await messages.read(gone.id))?.mentions, [], 'nor does one that comes back')
    assert.equal(await mentions.count(userId, group.id, 0), 0)
    assert.equal((await preferences.ofUser(userId, [group.id])).size, 0)
    const [ban] = await bans.list(other.id, user('bob'), t0)
    assert.deepEqual([ban?.userId, ban?.reason], [userId, ''], 'a ban holds, and says no more')
    const made = (await reports.list({ limit: 1_000 })).reports.find(({ id }) => id === report.id)
    assert.deepEqual([made?.reporterId, made?.reason], [alias, ''])
  })
}
