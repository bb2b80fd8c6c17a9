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
