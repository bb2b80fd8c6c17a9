import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessagePage } from '../../src/domain/message.ts'
import type { Store } from '../../src/store/store.ts'
import { aGroup, erase, history, newId, numbers, seqs, t0, user } from './samples.ts'

export function pageContract(store: () => Store): void {
  test('listMessages: by offset and before newest first, by after oldest first, deleted ones left out', async () => {
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
      assert.deepEqual(seqs(await store().listMessages(group.id, page)), wanted, JSON.stringify(page))
    assert.deepEqual(await store().listMessages(newId(), { limit: 3, offset: 0 }), [])
  })

  test('listMessages: whole messages, in their present form, of this group only', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    await history(store(), await aGroup(store(), { members: ['ann'] }), 3)
    const [first, second] = await history(store(), group, 2)
    assert.ok(first && second)
    const { message: edited } = await store().editMessage(first.id, 'better', user('ann'), t0 + 50)
    assert.deepEqual(await store().listMessages(group.id, { limit: 5, offset: 0 }), [second, edited])
  })

  test('readLog: both logs after a position, oldest first, deleted messages too', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const messages = await history(store(), group, 6)
    await erase(store(), [messages[1], messages[4]])
    await store().updateGroup(group.id, { name: 'New' }, user('olga'), t0)

    const log = async (seq: number, rev: number, limit: number) => {
      const { messages, changes } = await store().readLog(group.id, { seq, rev }, limit)
      return [seqs(messages), changes.map((change) => change.rev)]
    }
    assert.deepEqual(await log(0, 0, 100), [numbers(1, 6), numbers(1, 3)])
    assert.deepEqual(await log(0, 0, 2), [
      [1, 2],
      [1, 2],
    ])
    assert.deepEqual(await log(2, 2, 2), [[3, 4], [3]])
    assert.deepEqual(await log(4, 1, 9), [
      [5, 6],
      [2, 3],
    ])
    assert.deepEqual(await log(6, 3, 9), [[], []])
    assert.deepEqual(await store().readLog(newId(), { seq: 0, rev: 0 }, 5), { messages: [], changes: [] })

    const { messages: replayed } = await store().readLog(group.id, { seq: 1, rev: 0 }, 1)
    assert.deepEqual(replayed, await store().readMessages([messages[1]?.id ?? '']))
    assert.equal(replayed[0]?.content, '')
  })

  test('readHead: zeros in a new group, null without one', async () => {
    const group = await aGroup(store())
    assert.deepEqual(await store().readHead(group.id), { seq: 0, rev: 0, deleted: 0 })
    assert.equal(await store().readHead(newId()), null)
  })
}
