import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '../../src/store/store.ts'
import { aGroup, aSend, newId, t0, user } from '../support/samples.ts'

export function exportContract(store: () => Store): void {
  const taken = async <T>(reading: Promise<AsyncIterable<readonly T[]>>): Promise<T[]> => {
    const all: T[] = []
    for await (const page of await reading) {
      assert.ok(page.length <= 100)
      all.push(...page)
    }
    return all
  }

  test('an export has all that a user sent and reacted with, page by page, and of nobody else', async () => {
    const { messages, reactions, members, exports } = store()
    const userId = newId()
    const groups = [
      await aGroup(store(), { members: [userId, 'bob'], owner: 'bob' }),
      await aGroup(store(), { members: [userId, 'bob'], owner: 'bob' }),
    ]
    const [first, second] = groups
    assert.ok(first && second)
    for (let n = 0; n < 120; n++) {
      const group = n % 2 ? second : first
      await messages.append(aSend(group, { senderId: userId, content: `${n}` }), user(userId))
    }
    const { value: deleted } = await messages.append(
      aSend(first, { senderId: userId, content: 'kept' }),
      user(userId),
    )
    await messages.delete(deleted.id, user(userId), t0)
    const { value: other } = await messages.append(aSend(first, { senderId: 'bob' }), user('bob'))
    await reactions.add(other.id, '👍', user(userId), t0)
    await reactions.add(other.id, '🎉', user(userId), t0)
    await reactions.add(other.id, '🎉', user('bob'), t0)
    await members.remove(second.id, userId, user(userId), t0)

    const sent = await taken(exports.messages(userId))
    assert.deepEqual(
      sent.map(({ content }) => content).sort(),
      [...Array.from({ length: 120 }, (_, n) => `${n}`), 'kept'].sort(),
    )
    assert.equal(sent.find(({ id }) => id === deleted.id)?.isDeleted, true)
    assert.deepEqual(
      (await taken(exports.reactions(userId))).map(({ messageId, emoji }) => [messageId, emoji]).sort(),
      [
        [other.id, '👍'],
        [other.id, '🎉'],
      ].sort(),
    )
    assert.deepEqual(await taken(exports.messages(newId())), [])
  })
}
