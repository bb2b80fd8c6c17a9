import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DueGroup } from '../../src/store/retention.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, aSend, erase, failsWith, history, newId, seqs, t0, user } from '../support/samples.ts'

const dayMs = 24 * 3_600_000

export function retentionContract(store: () => Store): void {
  /** Those of these groups that are due, found page by page. */
  async function due(ids: readonly string[], days: number, at: number): Promise<DueGroup[]> {
    const found: DueGroup[] = []
    let after: string | null = null
    do {
      const page = await store().retention.due({ after, days, at, limit: 3 })
      found.push(...page.groups)
      after = page.next
    } while (after !== null)
    return found.filter(({ groupId }) => ids.includes(groupId))
  }

  test('old messages are gone in steps, each of which is logged', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'], owner: 'ann' })
    const messages = await history(store(), group, 5)
    const [first, second] = messages
    assert.ok(first && second)
    const { retention, log } = store()
    assert.deepEqual(await retention.clear(group.id, t0, 9, t0 + 90), { value: 0, changes: [] })

    const step = await retention.clear(group.id, t0 + 4, 2, t0 + 91)
    const entry = {
      groupId: group.id,
      rev: 1,
      type: 'history_cleared',
      seq: 5,
      deleted: 2,
      at: t0 + 91,
      data: { after_seq: 0, up_to_seq: 2 },
    }
    assert.deepEqual(step, { value: 2, changes: [entry] })
    const { changes } = await retention.clear(group.id, t0 + 4, 2, t0 + 92)
    assert.deepEqual(
      changes[0]?.data,
      { after_seq: 2, up_to_seq: 3 },
      'a step ends where messages are young enough',
    )
    assert.deepEqual(await retention.clear(group.id, t0 + 4, 2, t0 + 93), { value: 0, changes: [] })
    assert.deepEqual(
      (await log.read(group.id, { seq: 5, rev: 0 }, 9)).changes.map(({ type, deleted }) => [type, deleted]),
      [
        ['history_cleared', 2],
        ['history_cleared', 3],
      ],
    )
    assert.deepEqual(await log.readHead(group.id), { seq: 5, rev: 2, deleted: 3 })
    const gone = { ...first, content: '', isDeleted: true, updatedAt: t0 + 91, ver: 2 }
    assert.deepEqual(await store().messages.read(first.id), gone)
    assert.deepEqual(seqs(await store().messages.list(group.id, { limit: 9, offset: 0 })), [5, 4])
    const next = await store().messages.append(aSend(group), user('ann'))
    assert.equal(next.value.seq, 6)
  })

  test('nothing is left of what is too old: not what it said, nor what is about it', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'], owner: 'ann' })
    const { messages, reactions, pins, retention, revisions, mentions, reads } = store()
    const said = { mentions: ['bob'], mentionAll: true, metadata: { topic: 'lunch' } }
    const sent = (await messages.append(aSend(group, said), user('ann'))).value
    const answering = { replyTo: sent.id, threadId: sent.id, createdAt: t0 + 50 }
    const answer = (await messages.append(aSend(group, answering), user('ann'))).value
    await messages.edit(sent.id, { content: 'better' }, user('ann'), t0)
    await reactions.add(sent.id, '👍', user('bob'), t0)
    await pins.add(sent.id, user('ann'), t0)
    assert.equal(await mentions.count('bob', group.id, 0), 1)

    await retention.clear(group.id, t0 + 1, 9, t0 + 60)
    const [value] = await messages.listWithDeleted(group.id, { limit: 9, offset: 1 })
    assert.deepEqual(
      [value?.content, value?.mentions, value?.mentionAll, value?.metadata, value?.reactions.kinds],
      ['', [], false, {}, []],
    )
    assert.deepEqual(await revisions.list(sent.id), [])
    assert.deepEqual(await pins.list(group.id), [])
    assert.deepEqual(await reactions.listOwn('bob', [sent.id]), new Map())
    assert.equal(await mentions.count('bob', group.id, 0), 0)
    assert.equal((await reads.ofUser('bob', [group.id])).get(group.id)?.unreadCount, 1)
    assert.equal((await messages.listLast([group.id])).get(group.id)?.id, answer.id)
    assert.equal((await messages.read(answer.id))?.replyTo, sent.id, 'an answer stays one')
    await assert.rejects(messages.restore(sent.id, admin, t0), failsWith('wiped'))
    await assert.rejects(messages.edit(sent.id, { content: 'new' }, user('ann'), t0), failsWith('not_found'))
  })

  test('an answer that is too old does not count any more', async () => {
    const group = await aGroup(store(), { members: ['ann'], owner: 'ann' })
    const { messages, retention } = store()
    const root = (await messages.append(aSend(group, { createdAt: t0 + 50 }), user('ann'))).value
    const answering = { replyTo: root.id, threadId: root.id }
    await messages.append(aSend(group, answering), user('ann'))
    // A younger one comes before it, so that it stays.
    assert.deepEqual(await retention.clear(group.id, t0 + 1, 9, t0 + 60), { value: 0, changes: [] })
    assert.equal((await messages.read(root.id))?.replyCount, 1)
    await retention.clear(group.id, t0 + 51, 9, t0 + 60)
    assert.equal((await messages.read(root.id))?.replyCount, 0)
  })

  test('the kept text of a deleted message goes as well, and nobody is told', async () => {
    const group = await aGroup(store(), { members: ['ann'], owner: 'ann' })
    const [message] = await history(store(), group, 1)
    assert.ok(message)
    await erase(store(), [message])
    assert.deepEqual(await store().retention.clear(group.id, t0 + 9, 9, t0), { value: 1, changes: [] })
    const [found] = await store().messages.listWithDeleted(group.id, { limit: 1, offset: 0 })
    assert.equal(found?.content, '')
    assert.equal(found?.ver, 2)
    assert.deepEqual(await store().log.readHead(group.id), { seq: 1, rev: 1, deleted: 1 })
  })

  test('what is due is what a group keeps no longer, by its own days or those of the service', async () => {
    const own = await aGroup(store(), { members: ['ann'], owner: 'ann', retentionDays: 2 })
    const usual = await aGroup(store(), { members: ['ann'], owner: 'ann' })
    const empty = await aGroup(store(), { members: ['ann'], owner: 'ann', retentionDays: 1 })
    const ids = [own.id, usual.id, empty.id]
    for (const group of [own, usual]) await history(store(), group, 2)
    const at = t0 + 3 * dayMs
    assert.deepEqual(await due(ids, 0, at), [{ groupId: own.id, before: t0 + dayMs }])
    assert.deepEqual((await due(ids, 1, at)).map(({ groupId }) => groupId).sort(), [own.id, usual.id].sort())
    assert.deepEqual(await due(ids, 3, t0 + 2 * dayMs), [])
    await store().retention.clear(own.id, t0 + dayMs, 9, at)
    assert.deepEqual(await due(ids, 0, at), [])
    assert.deepEqual(await store().retention.clear(newId(), at, 9, at), { value: 0, changes: [] })
  })
}
