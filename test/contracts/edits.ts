import assert from 'node:assert/strict'
import { test } from 'node:test'
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

export function editContract(store: () => Store): void {
  test('an edit raises ver and is logged', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const [first] = await history(store(), group, 3)
    assert.ok(first)
    const message = { ...first, content: 'better', updatedAt: t0 + 9, editedAt: t0 + 9, ver: 2 }
    const change = {
      groupId: group.id,
      rev: 1,
      type: 'message_updated',
      seq: 3,
      deleted: 0,
      at: t0 + 9,
      data: {},
      messageId: first.id,
      messageSeq: 1,
      ver: 2,
    }
    const edit = () => store().messages.edit(first.id, { content: 'better' }, user('ann'), t0 + 9)
    assert.deepEqual(await edit(), { value: message, changes: [change] })
    assert.deepEqual(await store().messages.read(first.id), message)
    assert.deepEqual((await store().log.read(group.id, { seq: 0, rev: 0 }, 9)).changes, [change])

    assert.deepEqual(await edit(), { value: message, changes: [] }, 'the same content again changes nothing')
    assert.deepEqual(await store().log.readHead(group.id), { seq: 3, rev: 1, deleted: 0 })
  })

  test('a delete empties the message, raises ver, is counted and logged; again is a no-op', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const messages = await history(store(), group, 3)
    const [first, second] = messages
    assert.ok(first && second)
    await store().messages.edit(second.id, { content: 'better' }, user('ann'), t0 + 7)
    await store().messages.delete(first.id, user('ann'), t0 + 8)

    const message = {
      ...second,
      content: '',
      isDeleted: true,
      deletedBy: 'ann',
      updatedAt: t0 + 9,
      editedAt: t0 + 7,
      ver: 3,
    }
    const change = {
      groupId: group.id,
      rev: 3,
      type: 'message_deleted',
      seq: 3,
      deleted: 2,
      at: t0 + 9,
      data: { by: 'ann' },
      messageId: second.id,
      messageSeq: 2,
      ver: 3,
    }
    assert.deepEqual(await store().messages.delete(second.id, user('ann'), t0 + 9), {
      value: message,
      changes: [change],
    })
    assert.deepEqual(await store().messages.read(second.id), message)
    assert.deepEqual((await store().log.read(group.id, { seq: 3, rev: 2 }, 9)).changes, [change])

    assert.deepEqual(await store().messages.delete(second.id, user('ann'), t0 + 10), {
      value: message,
      changes: [],
    })
    assert.deepEqual(await store().log.readHead(group.id), { seq: 3, rev: 3, deleted: 2 })
  })

  test('only the sender, as one who may write here, may edit a message', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'], owner: 'ann' })
    const { value: message } = await store().messages.append(aSend(group, { senderId: 'bob' }), user('bob'))
    const edit = (by: typeof admin, id = message.id) =>
      store().messages.edit(id, { content: 'better' }, by, t0 + 9)
    for (const caller of [user('ann'), user('outsider'), admin])
      await assert.rejects(edit(caller), failsWith('forbidden'))
    await store().members.change(group.id, 'bob', { mutedUntil: t0 + 10 }, user('ann'), t0)
    await assert.rejects(edit(user('bob')), failsWith('muted'))
    await store().members.remove(group.id, 'bob', user('ann'), t0)
    await assert.rejects(edit(user('bob')), failsWith('forbidden'))
    assert.deepEqual(await store().messages.read(message.id), message)
    assert.equal((await store().log.readHead(group.id))?.rev, 2)

    await edit({ userId: 'bob', admin: true })
    assert.equal((await store().log.readHead(group.id))?.rev, 3)
    await assert.rejects(edit(user('bob'), newId()), failsWith('not_found'))
  })

  test('a sender deletes their own, even when muted; admins, owners and operators those of others', async () => {
    const group = await aGroup(store(), { members: ['ann', 'adam', 'bob', 'cem'], owner: 'ann' })
    await store().members.change(group.id, 'adam', { role: 'admin' }, user('ann'), t0)
    const sent = async () =>
      (await store().messages.append(aSend(group, { senderId: 'bob' }), user('bob'))).value
    const [message, other, third, own] = [await sent(), await sent(), await sent(), await sent()]
    const remove = (by: typeof admin, { id } = message) => store().messages.delete(id, by, t0 + 9)
    for (const caller of [user('cem'), user('outsider')])
      await assert.rejects(remove(caller), failsWith('forbidden'))
    await store().members.change(group.id, 'bob', { mutedUntil: t0 + 100 }, user('ann'), t0)
    assert.equal((await remove(user('bob'), own)).value.deletedBy, 'bob')
    await store().members.remove(group.id, 'bob', user('ann'), t0)
    await assert.rejects(remove(user('bob')), failsWith('forbidden'))
    assert.deepEqual(await store().messages.read(message.id), message)

    const { value, changes } = await remove(user('ann'))
    assert.deepEqual([value.deletedBy, changes[0]?.data], ['ann', { by: 'ann' }])
    assert.equal((await remove(admin)).value.deletedBy, 'ann', 'who deletes it again did not delete it')
    assert.equal((await remove(admin, other)).value.deletedBy, admin.userId)
    assert.equal((await remove(user('adam'), third)).value.deletedBy, 'adam')
    await assert.rejects(remove(user('ann'), { ...message, id: newId() }), failsWith('not_found'))
    const away = await aGroup(store(), { members: ['bob'], owner: 'olga' })
    const { value: unseen } = await store().messages.append(aSend(away), user('bob'))
    await assert.rejects(remove(user('olga'), unseen), failsWith('forbidden'))
  })

  test('a deleted message cannot be edited, and whose it was is not told to others', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    const [message] = await history(store(), group, 1)
    assert.ok(message)
    await erase(store(), [message])
    const edit = (userId: string) =>
      store().messages.edit(message.id, { content: 'again' }, user(userId), t0 + 9)
    await assert.rejects(edit('ann'), failsWith('not_found'))
    await assert.rejects(edit('bob'), failsWith('forbidden'))
    await assert.rejects(edit('outsider'), failsWith('forbidden'))
    assert.deepEqual(await store().log.readHead(group.id), { seq: 1, rev: 1, deleted: 1 })
  })

  test('a deleted message comes back as it was, but for its pin: ver goes up, and the count of deleted ones down', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    const said = { mentions: ['bob'], metadata: { a: [1] }, content: 'hello' }
    const send = aSend(group, said)
    const { value: sent } = await store().messages.append(send, user('ann'))
    await store().reactions.add(sent.id, '👍', user('bob'), t0 + 1)
    const { value: before } = await store().pins.add(sent.id, admin, t0 + 2)
    const { value: deleted } = await store().messages.delete(sent.id, user('ann'), t0 + 3)
    assert.deepEqual([deleted.content, deleted.mentions, deleted.reactions.kinds], ['', [], []])
    assert.equal((await store().log.readHead(group.id))?.deleted, 1)

    const restore = () => store().messages.restore(sent.id, admin, t0 + 4)
    const message = { ...before, pinnedAt: null, updatedAt: t0 + 4, ver: 3 }
    const change = {
      groupId: group.id,
      rev: 4,
      type: 'message_updated',
      seq: 1,
      deleted: 0,
      at: t0 + 4,
      data: {},
      messageId: sent.id,
      messageSeq: 1,
      ver: 3,
    }
    assert.deepEqual(await restore(), { value: message, changes: [change] })
    assert.deepEqual(await restore(), { value: message, changes: [] }, 'again changes nothing')
    assert.deepEqual(await store().messages.list(group.id, { offset: 0, limit: 5 }), [message])
    assert.deepEqual(await store().pins.list(group.id), [])
    assert.deepEqual(await store().log.readHead(group.id), { seq: 1, rev: 4, deleted: 0 })
    assert.deepEqual((await store().log.read(group.id, { seq: 1, rev: 3 }, 9)).changes, [change])

    await erase(store(), [message])
    assert.equal((await store().log.readHead(group.id))?.deleted, 1)
    assert.equal((await restore()).value.content, 'hello')
    const edited = await store().messages.edit(sent.id, { content: 'better' }, user('ann'), t0 + 5)
    assert.equal(edited.value.ver, 6)
  })

  test('what was deleted is seen in a list of its own, whichever way it is read', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const messages = await history(store(), group, 4)
    const [, second, third] = messages
    assert.ok(second && third)
    await erase(store(), [second])
    await store().messages.delete(third.id, user('ann'), t0 + 1_000, false)
    const texts = async (page: Parameters<Store['messages']['list']>[1]) =>
      (await store().messages.listWithDeleted(group.id, page)).map(({ seq, content, isDeleted }) => [
        seq,
        content,
        isDeleted,
      ])
    const one = [1, 'message 1', false]
    const two = [2, 'message 2', true]
    const three = [3, '', true]
    const four = [4, 'message 4', false]
    assert.deepEqual(await texts({ offset: 0, limit: 9 }), [four, three, two, one])
    assert.deepEqual(await texts({ offset: 1, limit: 2 }), [three, two])
    assert.deepEqual(await texts({ before: 4, limit: 2 }), [three, two])
    assert.deepEqual(await texts({ after: 1, limit: 2 }), [two, three])
    const [gone] = await store().messages.listWithDeleted(group.id, { after: 1, limit: 1 })
    assert.deepEqual([gone?.deletedBy, gone?.ver, gone?.updatedAt], ['ann', 2, t0 + 1_000])
    for (const read of [
      await store().messages.read(second.id),
      ...(await store().messages.readMany([second.id])),
      (await store().log.read(group.id, { seq: 1, rev: 0 }, 1)).messages[0],
    ])
      assert.deepEqual([read?.content, read?.isDeleted], ['', true])
    assert.deepEqual(await store().messages.listWithDeleted(newId(), { offset: 0, limit: 9 }), [])
  })

  test('only operators restore, what is there and whose text is kept', async () => {
    const group = await aGroup(store(), { members: ['ann'], owner: 'ann' })
    const [kept, lost] = await history(store(), group, 2)
    assert.ok(kept && lost)
    await erase(store(), [kept])
    await store().messages.delete(lost.id, user('ann'), t0, false)
    const restore = (id: string, by = admin) => store().messages.restore(id, by, t0)
    for (const caller of [user('ann'), user('outsider')])
      await assert.rejects(restore(kept.id, caller), failsWith('forbidden'))
    await assert.rejects(restore(newId()), failsWith('not_found'))
    await assert.rejects(restore(lost.id), failsWith('wiped'))
    assert.deepEqual(await store().log.readHead(group.id), { seq: 2, rev: 2, deleted: 2 })
    await store().groups.delete(group.id, admin, t0)
    await assert.rejects(restore(kept.id), failsWith('not_found'))
  })

  test('texts that were kept for long enough are wiped, a few at a time', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const messages = await history(store(), group, 5)
    for (const [n, { id }] of messages.entries()) await store().messages.delete(id, user('ann'), n + 1)
    await store().messages.restore(messages[0]?.id ?? '', admin, 10)
    assert.equal(await store().messages.wipe(5, 2), 2)
    assert.equal(await store().messages.wipe(5, 2), 1)
    assert.equal(await store().messages.wipe(5, 2), 0)
    const left = await store().messages.listWithDeleted(group.id, { after: 0, limit: 9 })
    assert.deepEqual(
      left.map(({ content }) => content),
      ['message 1', '', '', '', 'message 5'],
    )
    await assert.rejects(store().messages.restore(messages[1]?.id ?? '', admin, 11), failsWith('wiped'))
    await store().messages.restore(messages[4]?.id ?? '', admin, 11)
    assert.deepEqual(await store().log.readHead(group.id), { seq: 5, rev: 7, deleted: 3 })
  })

  test('restores at the same time are one restore', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const [message] = await history(store(), group, 1)
    assert.ok(message)
    await erase(store(), [message])
    const results = await Promise.all(
      numbers(1, 5).map(() => store().messages.restore(message.id, admin, t0)),
    )
    assert.equal(results.flatMap(({ changes }) => changes).length, 1)
    assert.deepEqual(await store().log.readHead(group.id), { seq: 1, rev: 2, deleted: 0 })
  })

  test('edits at the same time: one order of vers and revs, and no event older than the message it tells', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const [message] = await history(store(), group, 1)
    assert.ok(message)
    const results = await Promise.all(
      numbers(1, 20).map((n) =>
        store().messages.edit(message.id, { content: `edit ${n}` }, user('ann'), t0 + n),
      ),
    )
    for (const { value: message, changes } of results) {
      const [change] = changes
      assert.ok(change?.ver)
      assert.ok(message.ver >= change.ver)
    }
    const { changes } = await store().log.read(group.id, { seq: 1, rev: 0 }, 100)
    assert.deepEqual(
      changes.map(({ rev, ver }) => [rev, ver]),
      numbers(1, 20).map((rev) => [rev, rev + 1]),
    )
    const last = await store().messages.read(message.id)
    assert.equal(last?.ver, 21)
    assert.match(last?.content ?? '', /^edit \d+$/)
  })

  test('deletes at the same time are one delete', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const [message] = await history(store(), group, 1)
    assert.ok(message)
    const results = await Promise.all(
      numbers(1, 5).map(() => store().messages.delete(message.id, user('ann'), t0)),
    )
    assert.equal(results.flatMap(({ changes }) => changes).length, 1)
    for (const result of results) assert.equal(result.value.isDeleted, true)
    assert.deepEqual(await store().log.readHead(group.id), { seq: 1, rev: 1, deleted: 1 })
  })

  test('the log of everything at once is gapless, and counts up', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const messages = await history(store(), group, 10)
    await Promise.all([
      ...messages.slice(0, 5).map(({ id }) => store().messages.delete(id, user('ann'), t0)),
      ...messages.slice(5).map(({ id }) => store().messages.edit(id, { content: 'better' }, user('ann'), t0)),
      ...numbers(1, 5).map(() => store().messages.append(aSend(group), user('ann'))),
      store().groups.update(group.id, { name: 'New' }, user('olga'), t0),
    ])
    const { changes } = await store().log.read(group.id, { seq: 0, rev: 0 }, 100)
    assert.deepEqual(
      changes.map((change) => change.rev),
      numbers(1, 11),
    )
    const deletions = changes.filter((change) => change.type === 'message_deleted')
    assert.deepEqual(
      deletions.map((change) => change.deleted),
      numbers(1, 5),
    )
    const heads = changes.map((change) => change.seq)
    assert.deepEqual(
      heads,
      heads.toSorted((a, b) => a - b),
    )
    assert.deepEqual(await store().log.readHead(group.id), { seq: 15, rev: 11, deleted: 5 })
  })
}
