import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, history, newId, numbers, t0, user } from '../support/samples.ts'

export function revisionContract(store: () => Store): void {
  const ann = user('ann')
  const aMessage = async () => {
    const [message] = await history(store(), await aGroup(store(), { members: ['ann'] }), 1)
    return message ?? assert.fail()
  }

  test('what a message said before each edit, and when it was written', async () => {
    const { id, createdAt } = await aMessage()
    const edit = (edit: object, at: number) => store().messages.edit(id, edit, ann, t0 + at)
    assert.deepEqual(await store().revisions.list(id), [])
    await edit({ content: 'two' }, 10)
    await edit({ metadata: { a: 1 } }, 20)
    await edit({ content: 'two' }, 25)
    await edit({ content: 'three' }, 30)
    const expected = [
      { content: 'message 1', at: createdAt },
      { content: 'two', at: t0 + 10 },
    ]
    assert.deepEqual(await store().revisions.list(id), expected)
    await store().messages.edit(id, { content: 'unkept' }, ann, t0 + 40, false)
    assert.deepEqual(await store().revisions.list(id), expected)
    assert.deepEqual(await store().revisions.list(newId()), [])
  })

  test('the last 50 are kept, and none of a deleted message', async () => {
    const { id } = await aMessage()
    for (const n of numbers(1, 53)) await store().messages.edit(id, { content: `${n}` }, ann, t0 + 10 * n)
    const found = await store().revisions.list(id)
    assert.deepEqual(
      found,
      numbers(3, 52).map((n) => ({ content: `${n}`, at: t0 + 10 * n })),
    )
    await store().messages.delete(id, ann, t0)
    assert.deepEqual(await store().revisions.list(id), [])
    await store().messages.restore(id, admin, t0)
    assert.deepEqual(await store().revisions.list(id), found)
    await store().messages.edit(id, { content: 'new' }, ann, t0 + 600)
    assert.deepEqual((await store().revisions.list(id)).at(-1), { content: '53', at: t0 + 530 })
  })
}
