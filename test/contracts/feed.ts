import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Group } from '../../src/domain/group.ts'
import type { FeedPage } from '../../src/store/feed.ts'
import type { Store } from '../../src/store/store.ts'
import { eventually } from '../support/eventually.ts'
import { admin, aGroup, aSend, failsWith, history, newId, numbers, t0, user } from '../support/samples.ts'
import type { OpenedStore } from './store.ts'

/** A follower of the feed. It reads to the end, and knows of each group what it was told last. */
export function follow(store: () => Store, from: string | null = null, limit = 100) {
  let cursor = from
  const heads = new Map<string, string>()
  const told: string[] = []

  async function catchUp(): Promise<void> {
    for (let page: FeedPage | undefined; !page || page.hasMore; ) {
      page = await store().feed.read(cursor, limit)
      assert.ok(page.moved.length <= limit)
      for (const { groupId, head } of page.moved) {
        heads.set(groupId, `${head.seq}.${head.rev}`)
        told.push(groupId)
      }
      cursor = page.next
    }
  }

  return {
    told,
    catchUp,
    cursor: () => cursor,
    head: (group: Group) => heads.get(group.id),
    /** Resolves when the follower was told that the group's logs reach so far. Only a store of one process tells at once. */
    hears: (group: Group, head: string) =>
      eventually(`${head} is told, not ${heads.get(group.id)}`, async () => {
        await catchUp()
        return heads.get(group.id) === head
      }),
  }
}

export function feedContract(store: () => Store, open: () => Promise<OpenedStore>): void {
  const withStore = async (run: (opened: OpenedStore) => Promise<void>) => {
    const opened = await open()
    try {
      await run(opened)
    } finally {
      await opened.close()
    }
  }
  const cursorNow = async (): Promise<string | null> => {
    const reader = follow(store)
    await reader.catchUp()
    return reader.cursor()
  }

  test('feed.read tells a group whose log moved: by a message, a reaction, an edit, a delete, a change of members or name', async () => {
    const reader = follow(store, await cursorNow())
    const group = await aGroup(store(), { members: ['ann'] })
    const ann = user('ann')
    const { value: message } = await store().messages.append(aSend(group), ann)
    await reader.hears(group, '1.0')
    await store().reactions.add(message.id, '👍', ann, t0)
    await reader.hears(group, '1.1')
    await store().messages.edit(message.id, { content: 'better' }, ann, t0)
    await reader.hears(group, '1.2')
    await store().messages.delete(message.id, ann, t0)
    await reader.hears(group, '1.3')
    await store().groups.update(group.id, { authorizedUserIds: ['ann', 'bob'] }, user('olga'), t0)
    await reader.hears(group, '1.4')
    await store().groups.update(group.id, { name: 'New' }, user('olga'), t0)
    await reader.hears(group, '1.5')
    await store().messages.append(aSend(group), ann)
    await reader.hears(group, '2.5')
  })

  test('feed.read tells what is in the logs already, and does not tell what has nothing in them', () =>
    withStore(async ({ store }) => {
      const [one, two, silent] = [
        await aGroup(store, { members: ['ann'] }),
        await aGroup(store, { members: ['ann'] }),
        await aGroup(store, { members: ['ann'] }),
      ]
      await history(store, one, 3)
      await history(store, two, 2)
      await store.messages.append(aSend(one), user('ann'))
      const reader = follow(() => store)
      await reader.hears(one, '4.0')
      await reader.hears(two, '2.0')
      assert.equal(reader.head(silent), undefined)
    }))

  test('feed.read comes to an end, and from there tells nothing that has not moved', async () => {
    const groups = await Promise.all(numbers(1, 3).map(() => aGroup(store(), { members: ['ann'] })))
    for (const group of groups) await history(store(), group, 1)
    const reader = follow(store, null, 2)
    for (const group of groups) await reader.hears(group, '1.0')
    const [quiet, , busy] = groups
    assert.ok(quiet && busy)
    reader.told.length = 0
    for (const n of numbers(2, 4)) {
      await history(store(), busy, 1)
      await reader.hears(busy, `${n}.0`)
    }
    assert.deepEqual(new Set(reader.told), new Set([busy.id]))
  })

  test('feed.read misses no move of any group, whoever writes meanwhile and however small the pages are', async () => {
    const groups = await Promise.all(numbers(1, 12).map(() => aGroup(store(), { members: ['ann'] })))
    const readers = numbers(1, 3).map((limit) => follow(store, null, limit * 2))
    let isWriting = true
    const reading = readers.map(async (reader) => {
      while (isWriting) {
        await reader.catchUp()
        // A store may answer without letting anything else run in between.
        await nextTurn()
      }
    })
    await Promise.all(
      groups.map(async (group, i) => {
        for (const _ of numbers(0, i)) {
          const { value } = await store().messages.append(aSend(group), user('ann'))
          if (i % 3 === 0) await store().messages.delete(value.id, user('ann'), t0)
        }
      }),
    )
    isWriting = false
    await Promise.all(reading)
    for (const [i, group] of groups.entries())
      for (const reader of readers) await reader.hears(group, `${i + 1}.${i % 3 === 0 ? i + 1 : 0}`)
  })

  test('feed.read tells a group that moves all the time, though others fill the pages before it', async () => {
    const others = await Promise.all(numbers(1, 9).map(() => aGroup(store(), { members: ['ann'] })))
    const busy = await aGroup(store(), { members: ['ann'] })
    let cursor = await cursorNow()
    for (const group of [busy, ...others]) await history(store(), group, 1)
    const told: string[] = []
    for (let reads = 0; reads < 500 && !told.includes(busy.id); reads++) {
      const page = await store().feed.read(cursor, 2)
      told.push(...page.moved.map(({ groupId }) => groupId))
      cursor = page.next
      await store().messages.append(aSend(busy), user('ann'))
    }
    assert.ok(told.includes(busy.id))
  })

  test('feed.read leaves a deleted group out, and goes on behind it', async () => {
    const reader = follow(store, await cursorNow(), 1)
    const [gone, last, other] = [
      await aGroup(store(), { members: ['ann'] }),
      await aGroup(store(), { members: ['ann'] }),
      await aGroup(store(), { members: ['ann'] }),
    ]
    await history(store(), gone, 1)
    await store().groups.delete(gone.id, admin, t0)
    await history(store(), last, 1)
    await reader.hears(last, '1.0')
    await store().groups.delete(last.id, admin, t0)
    await history(store(), other, 1)
    await reader.hears(other, '1.0')
    assert.equal(reader.head(gone), undefined)
    assert.equal(follow(store).head(last), undefined)
  })

  test('feed.read goes on after a restart, also where the group that moved last is gone', () =>
    withStore(async ({ store, reopen }) => {
      let current = store
      const [group, last] = [
        await aGroup(store, { members: ['ann'] }),
        await aGroup(store, { members: ['ann'] }),
      ]
      const reader = follow(() => current)
      await history(store, last, 1)
      await reader.hears(last, '1.0')
      await store.groups.delete(last.id, admin, t0)
      current = await reopen()
      await history(current, group, 1)
      await reader.hears(group, '1.0')
    }))

  test('feed.save keeps a cursor for each consumer, over a restart', () =>
    withStore(async ({ store, reopen }) => {
      assert.equal(await store.feed.load('webhooks'), null)
      const group = await aGroup(store, { members: ['ann'] })
      await history(store, group, 1)
      const reader = follow(() => store)
      await reader.hears(group, '1.0')
      const cursor = reader.cursor()
      assert.ok(cursor)
      await store.feed.save('webhooks', 'before')
      await store.feed.save('webhooks', cursor)
      assert.equal(await store.feed.load('webhooks'), cursor)
      assert.equal(await store.feed.load('search'), null)

      const again = await reopen()
      assert.equal(await again.feed.load('webhooks'), cursor)
      await history(again, group, 1)
      await follow(() => again, cursor).hears(group, '2.0')
    }))

  test('feed.reach keeps how far a consumer has dealt with each group, which never goes back', async () => {
    const [one, two] = [
      await aGroup(store(), { members: ['ann'] }),
      await aGroup(store(), { members: ['ann'] }),
    ]
    const consumer = newId()
    const positions = () => store().feed.positions(consumer, [one.id, two.id, newId()])
    assert.deepEqual(await positions(), new Map())
    await store().feed.reach(consumer, new Map([[one.id, { seq: 3, rev: 1 }]]))
    await store().feed.reach(
      consumer,
      new Map([
        [one.id, { seq: 2, rev: 2 }],
        [two.id, { seq: 1, rev: 0 }],
      ]),
    )
    const reached = new Map([
      [one.id, { seq: 3, rev: 2 }],
      [two.id, { seq: 1, rev: 0 }],
    ])
    assert.deepEqual(await positions(), reached)
    assert.deepEqual(await store().feed.positions(newId(), [one.id]), new Map())

    await store().groups.delete(two.id, admin, t0)
    await eventually('a group that is gone has none', async () => !(await positions()).has(two.id))
    await store().feed.save(consumer, 'cursor')
    await store().feed.forget(consumer)
    assert.deepEqual([await store().feed.load(consumer), await positions()], [null, new Map()])
  })

  test('feed.read refuses what is no cursor', async () => {
    for (const cursor of ['', 'abc', '-1', '1.2.3.4', '1 OR 1', '{"$gt":0}', newId().repeat(20)])
      await assert.rejects(store().feed.read(cursor, 10), failsWith('malformed'), cursor)
  })
}
