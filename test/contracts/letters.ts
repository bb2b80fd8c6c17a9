import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupEndLetter, type Letter } from '../../src/domain/letter.ts'
import type { Store } from '../../src/store/store.ts'
import { eventually } from '../support/eventually.ts'
import { admin, aGroup, newId, numbers, t0 } from '../support/samples.ts'
import { createReferenceStore } from './reference/store.ts'
import type { OpenedStore } from './store.ts'

type Letters = Pick<Store, 'letters'>

const idsOf = (letters: readonly Letter[]) => letters.map(({ id }) => id)

export function letterContract(open: () => Promise<OpenedStore>): void {
  /** On a store without other letters, and on the reference store. */
  const onEach = async (run: (store: Letters) => Promise<void>) => {
    await run(createReferenceStore())
    const opened = await open()
    try {
      await run(opened.store)
    } finally {
      await opened.close()
    }
  }
  const groupId = newId()
  const letter = (over: Partial<Letter> = {}): Letter => ({
    id: newId(),
    groupId,
    type: 'new_message',
    entry: { log: 'messages', seq: 7, rev: 2 },
    at: t0,
    nth: 0,
    attempts: 1,
    since: t0,
    failure: 'it answered 500',
    dueAt: t0 + 5,
    ...over,
  })

  test('letters are kept as they are, replaced by their ids, and removed', () =>
    onEach(async ({ letters }) => {
      const [one, two] = [
        letter(),
        letter({ entry: null, since: null, failure: null, attempts: 0, at: t0 + 1 }),
      ]
      await letters.put([one, two])
      assert.deepEqual(await letters.listWaiting(groupId, 10), [one, two])
      const again = { ...one, attempts: 2, dueAt: null, entry: { log: 'changes', seq: 7, rev: 3 } as const }
      await letters.put([again])
      assert.deepEqual(await letters.list('all', 10), [two, again])
      await letters.remove([two.id, newId()])
      await letters.put([])
      assert.deepEqual(await letters.list('all', 10), [again])
    }))

  test('a group has its waiting letters in their order, dead ones left out', () =>
    onEach(async ({ letters }) => {
      const third = letter({ at: t0 + 1, dueAt: t0 })
      const second = letter({ nth: 1, dueAt: t0 + 9 })
      const first = letter({ dueAt: t0 + 99 })
      await letters.put([third, second, first, letter({ dueAt: null }), letter({ groupId: newId() })])
      assert.deepEqual(idsOf(await letters.listWaiting(groupId, 10)), [first.id, second.id, third.id])
      assert.deepEqual(idsOf(await letters.listWaiting(groupId, 2)), [first.id, second.id])
    }))

  test('groups are due by their earliest letters, each once, and may be postponed', () =>
    onEach(async ({ letters }) => {
      const [one, two, three] = [newId(), newId(), newId()]
      await letters.put([
        letter({ groupId: one, dueAt: t0 + 2 }),
        letter({ groupId: one, dueAt: t0 + 2, nth: 1 }),
        letter({ groupId: two, dueAt: t0 + 1 }),
        letter({ groupId: three, dueAt: t0 + 3 }),
        letter({ groupId: newId(), dueAt: null }),
      ])
      assert.deepEqual(await letters.dueGroups(t0, 10), [])
      assert.deepEqual(await letters.dueGroups(t0 + 2, 10), [two, one])
      assert.deepEqual(await letters.dueGroups(t0 + 3, 1), [two])
      await letters.postpone(two, t0 + 50)
      await letters.postpone(three, t0)
      assert.deepEqual(await letters.dueGroups(t0 + 3, 10), [one, three])
      assert.deepEqual(await letters.dueGroups(t0 + 50, 10), [one, three, two])
      assert.deepEqual(await letters.count(), { waiting: 4, dead: 1 })
    }))

  test('dead letters are listed, tried again or dropped, all or those that are named', () =>
    onEach(async ({ letters }) => {
      const dead = numbers(1, 4).map((n) => letter({ at: t0 + n, dueAt: null, attempts: 14 }))
      const [one, two, three, four] = dead as [Letter, Letter, Letter, Letter]
      const waiting = letter({ at: t0 + 9, dueAt: t0 + 3_600_000, attempts: 3 })
      await letters.put([...dead, waiting])
      assert.deepEqual(idsOf(await letters.list('dead', 3)), [four.id, three.id, two.id])
      assert.deepEqual(idsOf(await letters.list('waiting', 3)), [waiting.id])
      assert.equal(await letters.retry([one.id, newId()], t0 + 5), 1)
      const tried = { ...one, attempts: 0, since: null, dueAt: t0 + 5 }
      assert.deepEqual(await letters.listWaiting(groupId, 10), [tried, waiting])
      assert.equal(await letters.drop([two.id, waiting.id, newId()]), 1)
      assert.equal(await letters.trim(three.at), 0)
      assert.equal(await letters.trim(three.at + 1), 1)
      assert.equal(await letters.retry(null, t0 + 6), 3)
      assert.deepEqual(await letters.count(), { waiting: 3, dead: 0 })
      await letters.put([{ ...four, dueAt: null }])
      assert.equal(await letters.drop(null), 1)
      assert.deepEqual(idsOf(await letters.list('all', 9)), [waiting.id, one.id])
    }))

  test('letters are there after a restart', async () => {
    const opened = await open()
    const kept = letter()
    await opened.store.letters.put([kept])
    const again = await opened.reopen()
    assert.deepEqual(await again.letters.list('all', 10), [kept])
    await opened.close()
  })

  test('unless it was asked for, a group that is deleted leaves no letter', async () => {
    const opened = await open()
    const { store } = opened
    const group = await aGroup(store, { members: ['ann'] })
    await store.groups.delete(group.id, admin, t0)
    assert.deepEqual(await store.letters.list('all', 10), [])
    await opened.close()
  })
}

/** `open`: gives an empty store that tells of groups' ends. */
export function groupEndContract(open: () => Promise<OpenedStore>): void {
  test('a group that ends leaves its letter, and those about its entries go', async () => {
    const opened = await open()
    const { store } = opened
    try {
      const [deleted, left, stays] = [
        await aGroup(store, { members: ['ann'] }),
        await aGroup(store, { members: ['ann'], owner: 'ann' }),
        await aGroup(store, { members: ['ann', 'bob'] }),
      ]
      const about = {
        ...groupEndLetter(deleted.id, t0),
        id: newId(),
        entry: { log: 'messages', seq: 1, rev: 0 },
      } as const
      await store.letters.put([about])
      await store.groups.delete(deleted.id, admin, t0 + 1)
      await store.members.remove(left.id, 'ann', { userId: 'ann', admin: false }, t0 + 2)
      await store.members.remove(stays.id, 'bob', admin, t0 + 3)
      assert.deepEqual(await store.letters.listWaiting(left.id, 10), [groupEndLetter(left.id, t0 + 2)])
      await eventually('what was about its entries is gone', async () => {
        const found = await store.letters.list('all', 10)
        return found.length === 2 && found.every(({ entry }) => entry === null)
      })
      assert.deepEqual(await store.letters.dueGroups(t0 + 2, 10), [deleted.id, left.id])
    } finally {
      await opened.close()
    }
  })
}
