import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '../../src/domain/message.ts'
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

export function pinContract(store: () => Store): void {
  const pin = (message: Message, userId = 'ann', at = t0) => store().pins.add(message.id, user(userId), at)
  const unpin = (message: Message, userId = 'ann', at = t0) =>
    store().pins.remove(message.id, user(userId), at)
  const pinned = async (groupId: string) => (await store().pins.list(groupId)).map(({ id }) => id)

  async function messages(count: number): Promise<[Message, ...Message[]]> {
    const group = await aGroup(store(), { members: ['ann', 'bob', 'cem'], ownerIds: ['ann', 'bob'] })
    return (await history(store(), group, count)) as [Message, ...Message[]]
  }

  test('a pin is there wherever the message is read, and the latest comes first', async () => {
    const [one, two] = (await messages(2)) as [Message, Message]
    const { groupId } = one
    await pin(two, 'ann', t0 + 1)
    const { value } = await pin(one, 'bob', t0 + 2)
    assert.deepEqual(value, { ...one, pinnedAt: t0 + 2, pinRev: 2 })
    for (const read of [
      await store().messages.read(one.id),
      (await store().messages.readMany([one.id]))[0],
      (await store().messages.list(groupId, { offset: 1, limit: 5 }))[0],
      (await store().messages.list(groupId, { before: 2, limit: 5 }))[0],
      (await store().messages.list(groupId, { after: 0, limit: 5 }))[0],
      (await store().log.read(groupId, { seq: 0, rev: 0 }, 5)).messages[0],
      (await store().pins.list(groupId))[0],
    ])
      assert.deepEqual(read, value)
    assert.deepEqual(await pinned(groupId), [one.id, two.id])
    await unpin(two)
    assert.deepEqual((await pin(two, 'ann', t0 + 3)).value.pinnedAt, t0 + 3)
    assert.deepEqual(await pinned(groupId), [two.id, one.id])
    assert.deepEqual(await store().pins.list(newId()), [])
  })

  test('each is an entry of the log, and again is none', async () => {
    const [message] = await messages(1)
    const { groupId } = message
    const about = { groupId, seq: 1, deleted: 0, messageId: message.id, messageSeq: 1 }
    const first = await pin(message, 'bob', t0 + 3)
    const entry = { ...about, rev: 1, type: 'message_pinned', at: t0 + 3, data: { by: 'bob' } }
    assert.deepEqual(first.changes, [entry])
    assert.deepEqual(await pin(message, 'ann', t0 + 4), { ...first, changes: [] })
    const gone = await unpin(message, 'ann', t0 + 5)
    assert.deepEqual(gone.changes, [{ ...about, rev: 2, type: 'message_unpinned', at: t0 + 5, data: {} }])
    assert.deepEqual(gone.value, { ...message, pinRev: 2 }, 'neither the version nor the time changes')
    assert.deepEqual(await unpin(message), { ...gone, changes: [] })
    const { changes } = await store().log.read(groupId, { seq: 0, rev: 0 }, 9)
    assert.deepEqual(changes, [...first.changes, ...gone.changes])
  })

  test('an edit and a repeated send tell the pin too; what is deleted is not pinned', async () => {
    const group = await aGroup(store(), { members: ['ann'], owner: 'ann' })
    const send = aSend(group, { sendHash: 'same' })
    const { value: message } = await store().messages.append(send, user('ann'))
    await pin(message)
    const edited = await store().messages.edit(message.id, { content: 'better' }, user('ann'), t0 + 1)
    assert.equal(edited.value.pinnedAt, t0)
    assert.equal((await store().messages.append(send, user('ann'))).value.pinnedAt, t0)
    const deleted = await store().messages.delete(message.id, user('ann'), t0 + 2)
    assert.deepEqual([deleted.value.pinnedAt, deleted.value.pinRev, deleted.changes.length], [null, 1, 1])
    assert.deepEqual(await pinned(group.id), [])
    await assert.rejects(pin(message), failsWith('not_found'))
    await assert.rejects(unpin(message), failsWith('not_found'))
  })

  test('admins, owners and operators pin, messages that are there', async () => {
    const [message] = await messages(1)
    for (const userId of ['eve', 'cem']) {
      await assert.rejects(pin(message, userId), failsWith('forbidden'))
      await assert.rejects(unpin(message, userId), failsWith('forbidden'))
    }
    await store().members.change(message.groupId, 'cem', { role: 'admin' }, user('ann'), t0)
    await pin(message, 'cem')
    await unpin(message, 'cem')
    await store().members.change(message.groupId, 'cem', { mutedUntil: t0 + 1 }, user('ann'), t0)
    await assert.rejects(pin(message, 'cem'), failsWith('muted'))
    await store().pins.add(message.id, admin, t0)
    const nowhere = { ...message, id: newId() }
    await assert.rejects(pin(nowhere), failsWith('not_found'))
    await assert.rejects(unpin(nowhere), failsWith('not_found'))
    await store().groups.delete(message.groupId, admin, t0)
    await assert.rejects(pin(message), failsWith('not_found'))
    assert.deepEqual(await store().pins.list(message.groupId), [])
  })

  test('at most 50 in a group, also when many pin at once; one that is deleted or unpinned makes room', async () => {
    const all = await messages(60)
    for (const message of all.slice(0, 45)) await pin(message)
    const outcomes = await Promise.allSettled(all.slice(45).map((message) => pin(message)))
    const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
    assert.equal(refused.length, 10)
    for (const reason of refused) failsWith('limit_reached')(reason)
    const ids = await pinned(all[0].groupId)
    assert.equal(new Set(ids).size, 50)
    const inside = all.filter(({ id }) => ids.includes(id)) as [Message, Message]
    const outside = all.filter(({ id }) => !ids.includes(id)) as [Message, Message]
    await pin(inside[0])
    await assert.rejects(pin(outside[0]), failsWith('limit_reached'))
    await unpin(inside[0])
    await pin(outside[0])
    await erase(store(), [inside[1]])
    await pin(outside[1])
    await assert.rejects(pin(inside[0]), failsWith('limit_reached'))
    assert.deepEqual((await pinned(all[0].groupId)).slice(0, 2), [outside[1].id, outside[0].id])
  })

  test('the log of pins and unpins at once is gapless, and what it says last is so', async () => {
    const [message] = await messages(1)
    await Promise.all(numbers(1, 20).map((n) => (n % 2 ? pin(message) : unpin(message, 'bob'))))
    const { changes } = await store().log.read(message.groupId, { seq: 0, rev: 0 }, 100)
    assert.deepEqual(
      changes.map(({ rev, type }) => [rev, type]),
      changes.map((_, index) => [index + 1, index % 2 ? 'message_unpinned' : 'message_pinned']),
    )
    const now = (await store().messages.read(message.id)) ?? assert.fail()
    assert.equal(now.pinRev, changes.length)
    assert.equal(now.pinnedAt !== null, changes.length % 2 === 1)
  })
}
