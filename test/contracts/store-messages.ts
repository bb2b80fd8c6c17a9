import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, aSend, failsWith, history, newId, numbers, seqs, t0, user } from './samples.ts'

export function messageContract(store: () => Store): void {
  test('a sent message is answered and read as it was sent, with the next seq', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    const first = aSend(group, { content: 'one', clientId: 'c-1', sendHash: 'h-1' })
    const second = aSend(group, { senderId: 'bob', content: 'two', createdAt: t0 - 5 })

    for (const [seq, send] of [
      [1, first],
      [2, second],
    ] as const) {
      const { sendHash: _, ...sent } = send
      const message = { ...sent, updatedAt: send.createdAt, isDeleted: false, seq, ver: 1 }
      assert.deepEqual(await store().appendMessage(send, user(send.senderId)), { message, repeat: false })
      assert.deepEqual(await store().readMessage(send.id), message)
      assert.deepEqual(await store().readHead(group.id), { seq, rev: 0, deleted: 0 })
    }
  })

  test('the longest message is kept whole', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const content = '😀'.repeat(10_000)
    const { message } = await store().appendMessage(aSend(group, { content }), user('ann'))
    assert.equal((await store().readMessage(message.id))?.content, content)
  })

  test('only members and an admin may send, and a refused send leaves no hole', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const by = (userId: string) => store().appendMessage(aSend(group, { senderId: userId }), user(userId))
    await by('ann')
    await assert.rejects(by('outsider'), failsWith('forbidden'))
    await assert.rejects(by('olga'), failsWith('forbidden'))
    const asAdmin = await store().appendMessage(aSend(group, { senderId: admin.userId }), admin)
    assert.equal(asAdmin.message.seq, 2)
    const nowhere = { ...group, id: newId() }
    await assert.rejects(store().appendMessage(aSend(nowhere), user('ann')), failsWith('not_found'))
    await assert.rejects(store().appendMessage(aSend(nowhere), admin), failsWith('not_found'))
  })

  test('who was removed may no longer send, not even a repeat; who was added may', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    const send = aSend(group, { sendHash: 'h' })
    await store().appendMessage(send, user('ann'))
    await store().updateGroup(group.id, { authorizedUserIds: ['bob', 'cem'] }, user('olga'), t0)
    await assert.rejects(store().appendMessage(send, user('ann')), failsWith('forbidden'))
    const { message } = await store().appendMessage(aSend(group, { senderId: 'cem' }), user('cem'))
    assert.equal(message.seq, 2)
  })

  test('sends at the same time: gapless, each sender in its own order, the refused ones no hole', async () => {
    const senders = numbers(1, 64).map((n) => `sender-${n}`)
    const group = await aGroup(store(), { members: senders })
    const acks = await Promise.all(
      senders.map(async (sender) => {
        const own = []
        for (const n of numbers(1, 5)) {
          const send = aSend(group, { senderId: sender, content: `${sender} ${n}` })
          const refused = store().appendMessage(aSend(group, { senderId: 'outsider' }), user('outsider'))
          const sent = store().appendMessage(send, user(sender))
          await assert.rejects(refused, failsWith('forbidden'))
          own.push((await sent).message)
        }
        assert.deepEqual(
          seqs(own),
          seqs(own).toSorted((a, b) => a - b),
        )
        return own
      }),
    )
    const sent = acks.flat().sort((a, b) => a.seq - b.seq)
    assert.deepEqual(seqs(sent), numbers(1, 320))
    const { messages } = await store().readLog(group.id, { seq: 0, rev: 0 }, 1_000)
    assert.deepEqual(messages, sent)
    assert.deepEqual(await store().readHead(group.id), { seq: 320, rev: 0, deleted: 0 })
  })

  test('sends made in one turn are numbered in the order they were made', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const acks = await Promise.all(
      numbers(1, 30).map((n) => store().appendMessage(aSend(group, { content: `${n}` }), user('ann'))),
    )
    assert.deepEqual(
      acks.map(({ message }) => message.content),
      acks.map(({ message }) => `${message.seq}`),
    )
  })

  test('each group counts for itself', async () => {
    const groups = await Promise.all(numbers(1, 4).map(() => aGroup(store(), { members: ['ann'] })))
    const acks = await Promise.all(
      numbers(1, 10).flatMap(() => groups.map((group) => store().appendMessage(aSend(group), user('ann')))),
    )
    for (const group of groups) {
      const own = acks.map(({ message }) => message).filter((message) => message.groupId === group.id)
      assert.deepEqual(
        seqs(own).sort((a, b) => a - b),
        numbers(1, 10),
      )
    }
  })

  test('a repeat is answered with the message as it is now', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    const send = aSend(group, { clientId: 'c', sendHash: 'h' })
    const { message: first } = await store().appendMessage(send, user('ann'))
    const repeat = () => store().appendMessage({ ...send, createdAt: t0 + 99 }, user('ann'))

    assert.deepEqual(await repeat(), { message: first, repeat: true })
    await history(store(), group, 2)
    const { message: edited } = await store().editMessage(first.id, 'better', user('ann'), t0 + 1)
    assert.deepEqual(await repeat(), { message: edited, repeat: true })
    const { message: deleted } = await store().deleteMessage(first.id, user('ann'), t0 + 2)
    assert.deepEqual(await repeat(), { message: deleted, repeat: true })
    assert.equal((await store().readHead(group.id))?.seq, 3)
  })

  test('a send without a hash may be tried again under its id', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const send = aSend(group)
    const { message } = await store().appendMessage(send, user('ann'))
    assert.deepEqual(await store().appendMessage(send, user('ann')), { message, repeat: true })
  })

  test('another message under the same id is a conflict and writes nothing', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const send = aSend(group, { clientId: 'c', sendHash: 'h-1' })
    const { message } = await store().appendMessage(send, user('ann'))
    const other = { ...send, content: 'other', sendHash: 'h-2' }
    await assert.rejects(store().appendMessage(other, user('ann')), failsWith('conflict'))
    assert.deepEqual(await store().readMessage(send.id), message)
    assert.deepEqual(await store().readHead(group.id), { seq: 1, rev: 0, deleted: 0 })
  })

  test('equal sends at the same time are one message, sent once', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const send = aSend(group, { clientId: 'c', sendHash: 'h' })
    const others = numbers(1, 3).map(() => store().appendMessage(aSend(group), user('ann')))
    const acks = await Promise.all(numbers(1, 5).map(() => store().appendMessage(send, user('ann'))))
    await Promise.all(others)

    assert.equal(new Set(acks.map(({ message }) => message.seq)).size, 1)
    assert.equal(acks.filter(({ repeat }) => !repeat).length, 1)
    assert.equal((await store().readHead(group.id))?.seq, 4)
  })

  test('different sends under one id at the same time: one is the message, the others a conflict', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const id = newId()
    const outcomes = await Promise.allSettled(
      numbers(1, 4).map((n) => store().appendMessage(aSend(group, { id, sendHash: `h-${n}` }), user('ann'))),
    )
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const outcome of outcomes) if (outcome.status === 'rejected') failsWith('conflict')(outcome.reason)
    assert.equal((await store().readHead(group.id))?.seq, 1)
  })

  test('readMessages: those that exist, deleted ones too', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const [first, second, third] = await history(store(), group, 3)
    assert.ok(first && second && third)
    const { message: deleted } = await store().deleteMessage(second.id, user('ann'), t0 + 1)
    const found = await store().readMessages([third.id, newId(), second.id])
    assert.deepEqual(
      found.sort((a, b) => a.seq - b.seq),
      [deleted, third],
    )
    assert.deepEqual(await store().readMessages([]), [])
    assert.deepEqual(await store().readMessages([newId()]), [])
    assert.equal(await store().readMessage(newId()), null)
  })
}
