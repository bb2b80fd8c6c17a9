import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MessagePage, sentMessage } from '../../src/domain/message.ts'
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
  seqs,
  t0,
  user,
} from '../support/samples.ts'

export function messageContract(store: () => Store): void {
  test('a sent message is answered and read as it was sent, with the next seq', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    const first = aSend(group, { content: 'one', clientId: 'c-1', sendHash: 'h-1' })
    const second = aSend(group, { senderId: 'bob', content: 'two', createdAt: t0 - 5 })

    for (const [seq, send] of [
      [1, first],
      [2, second],
    ] as const) {
      const message = sentMessage(send, seq)
      assert.deepEqual(await store().messages.append(send, user(send.senderId)), {
        value: message,
        changes: [],
        repeat: false,
        shownTo: [],
      })
      assert.deepEqual(await store().messages.read(send.id), message)
      assert.deepEqual(await store().log.readHead(group.id), { seq, rev: 0, deleted: 0 })
    }
  })

  test('the longest message is kept whole', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const content = '😀'.repeat(10_000)
    const { value: message } = await store().messages.append(aSend(group, { content }), user('ann'))
    assert.equal((await store().messages.read(message.id))?.content, content)
  })

  test('only members and an admin may send, and a refused send leaves no hole', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const by = (userId: string) => store().messages.append(aSend(group, { senderId: userId }), user(userId))
    await by('ann')
    await assert.rejects(by('outsider'), failsWith('forbidden'))
    await assert.rejects(by('olga'), failsWith('forbidden'))
    const asAdmin = await store().messages.append(aSend(group, { senderId: admin.userId }), admin)
    assert.equal(asAdmin.value.seq, 2)
    const nowhere = { ...group, id: newId() }
    await assert.rejects(store().messages.append(aSend(nowhere), user('ann')), failsWith('not_found'))
    await assert.rejects(store().messages.append(aSend(nowhere), admin), failsWith('not_found'))
  })

  test('who was removed may no longer send, not even a repeat; who was added may', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    const send = aSend(group, { sendHash: 'h' })
    await store().messages.append(send, user('ann'))
    await store().groups.update(group.id, { authorizedUserIds: ['bob', 'cem'] }, user('olga'), t0)
    await assert.rejects(store().messages.append(send, user('ann')), failsWith('forbidden'))
    const { value: message } = await store().messages.append(aSend(group, { senderId: 'cem' }), user('cem'))
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
          const refused = store().messages.append(aSend(group, { senderId: 'outsider' }), user('outsider'))
          const sent = store().messages.append(send, user(sender))
          await assert.rejects(refused, failsWith('forbidden'))
          own.push((await sent).value)
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
    const { messages } = await store().log.read(group.id, { seq: 0, rev: 0 }, 1_000)
    assert.deepEqual(messages, sent)
    assert.deepEqual(await store().log.readHead(group.id), { seq: 320, rev: 0, deleted: 0 })
  })

  test('sends made in one turn are numbered in the order they were made', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const acks = await Promise.all(
      numbers(1, 30).map((n) => store().messages.append(aSend(group, { content: `${n}` }), user('ann'))),
    )
    assert.deepEqual(
      acks.map(({ value }) => value.content),
      acks.map(({ value }) => `${value.seq}`),
    )
  })

  test('each group counts for itself', async () => {
    const groups = await Promise.all(numbers(1, 4).map(() => aGroup(store(), { members: ['ann'] })))
    const acks = await Promise.all(
      numbers(1, 10).flatMap(() => groups.map((group) => store().messages.append(aSend(group), user('ann')))),
    )
    for (const group of groups) {
      const own = acks.map(({ value }) => value).filter((message) => message.groupId === group.id)
      assert.deepEqual(
        seqs(own).sort((a, b) => a - b),
        numbers(1, 10),
      )
    }
  })

  test('a repeat is answered with the message as it is now', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    const send = aSend(group, { clientId: 'c', sendHash: 'h' })
    const { value: first } = await store().messages.append(send, user('ann'))
    const repeat = () => store().messages.append({ ...send, createdAt: t0 + 99 }, user('ann'))

    assert.deepEqual(await repeat(), { value: first, changes: [], repeat: true, shownTo: [] })
    await history(store(), group, 2)
    const { value: edited } = await store().messages.edit(
      first.id,
      { content: 'better' },
      user('ann'),
      t0 + 1,
    )
    assert.deepEqual(await repeat(), { value: edited, changes: [], repeat: true, shownTo: [] })
    const { value: deleted } = await store().messages.delete(first.id, user('ann'), t0 + 2)
    assert.deepEqual(await repeat(), { value: deleted, changes: [], repeat: true, shownTo: [] })
    assert.equal((await store().log.readHead(group.id))?.seq, 3)
  })

  test('a send without a hash may be tried again under its id', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const send = aSend(group)
    const { value: message } = await store().messages.append(send, user('ann'))
    assert.deepEqual(await store().messages.append(send, user('ann')), {
      value: message,
      changes: [],
      repeat: true,
      shownTo: [],
    })
  })

  test('another message under the same id is a conflict and writes nothing', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const send = aSend(group, { clientId: 'c', sendHash: 'h-1' })
    const { value: message } = await store().messages.append(send, user('ann'))
    const other = { ...send, content: 'other', sendHash: 'h-2' }
    await assert.rejects(store().messages.append(other, user('ann')), failsWith('conflict'))
    assert.deepEqual(await store().messages.read(send.id), message)
    assert.deepEqual(await store().log.readHead(group.id), { seq: 1, rev: 0, deleted: 0 })
  })

  test('equal sends at the same time are one message, sent once', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const send = aSend(group, { clientId: 'c', sendHash: 'h' })
    const others = numbers(1, 3).map(() => store().messages.append(aSend(group), user('ann')))
    const acks = await Promise.all(numbers(1, 5).map(() => store().messages.append(send, user('ann'))))
    await Promise.all(others)

    assert.equal(new Set(acks.map(({ value }) => value.seq)).size, 1)
    assert.equal(acks.filter(({ repeat }) => !repeat).length, 1)
    assert.equal((await store().log.readHead(group.id))?.seq, 4)
  })

  test('different sends under one id at the same time: one is the message, the others a conflict', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const id = newId()
    const outcomes = await Promise.allSettled(
      numbers(1, 4).map((n) =>
        store().messages.append(aSend(group, { id, sendHash: `h-${n}` }), user('ann')),
      ),
    )
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const outcome of outcomes) if (outcome.status === 'rejected') failsWith('conflict')(outcome.reason)
    assert.equal((await store().log.readHead(group.id))?.seq, 1)
  })

  test('messages.readMany: those that exist, deleted ones too', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const [first, second, third] = await history(store(), group, 3)
    assert.ok(first && second && third)
    const { value: deleted } = await store().messages.delete(second.id, user('ann'), t0 + 1)
    const found = await store().messages.readMany([third.id, newId(), second.id])
    assert.deepEqual(
      found.sort((a, b) => a.seq - b.seq),
      [deleted, third],
    )
    assert.deepEqual(await store().messages.readMany([]), [])
    assert.deepEqual(await store().messages.readMany([newId()]), [])
    assert.equal(await store().messages.read(newId()), null)
  })

  test('messages.list: by offset and before newest first, by after oldest first, deleted ones left out', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const messages = await history(store(), group, 10)
    await erase(store(), [messages[3], messages[8]])
    const expected: [MessagePage, number[]][] = [
      [{ limit: 100, offset: 0 }, [10, 8, 7, 6, 5, 3, 2, 1]],
      [{ limit: 3, offset: 0 }, [10, 8, 7]],
      [{ limit: 3, offset: 3 }, [6, 5, 3]],
      [{ limit: 3, offset: 6 }, [2, 1]],
      [{ limit: 3, offset: 8 }, []],
      [{ limit: 3, before: 9 }, [8, 7, 6]],
      [{ limit: 3, before: 6 }, [5, 3, 2]],
      [{ limit: 3, before: 1_000_000 }, [10, 8, 7]],
      [{ limit: 3, before: 1 }, []],
      [{ limit: 3, before: 0 }, []],
      [{ limit: 3, after: 0 }, [1, 2, 3]],
      [{ limit: 3, after: 3 }, [5, 6, 7]],
      [{ limit: 3, after: 8 }, [10]],
      [{ limit: 3, after: 10 }, []],
    ]
    for (const [page, wanted] of expected)
      assert.deepEqual(seqs(await store().messages.list(group.id, page)), wanted, JSON.stringify(page))
    assert.deepEqual(await store().messages.list(newId(), { limit: 3, offset: 0 }), [])
  })

  test('messages.list: whole messages, in their present form, of this group only', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    await history(store(), await aGroup(store(), { members: ['ann'] }), 3)
    const [first, second] = await history(store(), group, 2)
    assert.ok(first && second)
    const { value: edited } = await store().messages.edit(
      first.id,
      { content: 'better' },
      user('ann'),
      t0 + 50,
    )
    assert.deepEqual(await store().messages.list(group.id, { limit: 5, offset: 0 }), [second, edited])
  })
}
