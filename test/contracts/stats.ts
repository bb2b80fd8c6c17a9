import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, aSend, erase, failsWith, history, newId, t0, user } from '../support/samples.ts'
import type { OpenedStore } from './store.ts'

const hour = 3_600_000
const day = 24 * hour

export function statsContract(open: () => Promise<OpenedStore>): void {
  const withStore = async (run: (store: Store, opened: OpenedStore) => Promise<void>) => {
    const opened = await open()
    try {
      await run(opened.store, opened)
    } finally {
      await opened.close()
    }
  }

  test('stats of an empty store', () =>
    withStore(async (store) => {
      const { bytes, ...stats } = await store.stats.read(t0)
      assert.deepEqual(stats, {
        groups: 0,
        messages: 0,
        deleted: 0,
        files: { count: 0, bytes: 0 },
        growth: { groups: 0, messages: 0 },
        openReports: 0,
        erasures: 0,
        active: [],
      })
      assert.ok(bytes === null || bytes > 0)
    }))

  test('stats count groups, messages and deleted ones, and go on after a restart', () =>
    withStore(async (store, { reopen }) => {
      const [busy, gone] = [
        await aGroup(store, { members: ['ann'] }),
        await aGroup(store, { members: ['ann'] }),
      ]
      const sent = await history(store, busy, 5)
      await erase(store, [sent[0], sent[1]])
      await erase(store, [sent[0]])
      await erase(store, [(await history(store, gone, 3))[0]])
      const counts = async (from: Store) => {
        const { groups, messages, deleted } = await from.stats.read(t0)
        return { groups, messages, deleted }
      }
      assert.deepEqual(await counts(store), { groups: 2, messages: 8, deleted: 3 })
      await store.messages.restore(sent[1]?.id ?? '', admin, t0)
      assert.deepEqual(await counts(store), { groups: 2, messages: 8, deleted: 2 })

      await store.groups.delete(gone.id, admin, t0)
      assert.deepEqual(await counts(store), { groups: 1, messages: 5, deleted: 1 })
      assert.deepEqual(await counts(await reopen()), { groups: 1, messages: 5, deleted: 1 })
    }))

  test('stats count the reports that nobody has closed', () =>
    withStore(async (store) => {
      const { id: groupId } = await aGroup(store, { members: ['ann'] })
      const report = { messageId: newId(), groupId, senderId: 'bob', reporterId: 'ann', reason: 'spam' }
      const ids = [newId(), newId()]
      for (const id of ids) await store.reports.add({ ...report, id, createdAt: t0 })
      assert.equal((await store.stats.read(t0)).openReports, 2)
      await store.reports.decide(ids[0] ?? '', { status: 'dismissed' }, admin, t0)
      assert.equal((await store.stats.read(t0)).openReports, 1)
    }))

  test('stats count the erasures that are not over', () =>
    withStore(async (store) => {
      const order = { userId: 'eve', by: 'root', alias: 'nobody' }
      for (const key of ['one', 'two', 'three']) await store.erasures.begin(key, { ...order, userId: key })
      assert.equal((await store.stats.read(t0)).erasures, 3)
      await store.erasures.end('one')
      await store.erasures.admit('two')
      assert.equal((await store.stats.read(t0)).erasures, 1)
    }))

  test('stats do not count what was refused or repeated', () =>
    withStore(async (store) => {
      const group = await aGroup(store, { members: ['ann'] })
      const send = aSend(group, { clientId: 'k', sendHash: 'h' })
      await store.messages.append(send, user('ann'))
      await store.messages.append(send, user('ann'))
      await assert.rejects(store.messages.append(aSend(group), user('eve')), failsWith('forbidden'))
      await assert.rejects(store.groups.create(group), failsWith('conflict'))
      const { groups, messages, growth } = await store.stats.read(t0)
      assert.deepEqual(
        { groups, messages, growth },
        { groups: 1, messages: 1, growth: { groups: 1, messages: 1 } },
      )
    }))

  test('growth is what was made in the last 24 hours, to the hour', () =>
    withStore(async (store) => {
      const group = await aGroup(store, { members: ['ann'], createdAt: t0 })
      const send = (createdAt: number) => store.messages.append(aSend(group, { createdAt }), user('ann'))
      await send(t0)
      await send(t0 + 2 * hour)
      await send(t0 + 3 * hour)
      await aGroup(store, { createdAt: t0 + 4 * hour })
      const growth = async (at: number) => (await store.stats.read(at)).growth
      assert.deepEqual(await growth(t0 + 5 * hour), { groups: 2, messages: 3 })
      assert.deepEqual(await growth(t0 + day + hour), { groups: 1, messages: 2 })
      assert.deepEqual(await growth(t0 + day + 2 * hour), { groups: 1, messages: 1 })
      assert.deepEqual(await growth(t0 + 3 * day), { groups: 0, messages: 0 })
    }))

  test('the most active groups, at most ten: a message counts half as much with every week', () =>
    withStore(async (store) => {
      for (let i = 0; i < 11; i++) {
        const quiet = await aGroup(store, { members: ['ann'] })
        await store.messages.append(aSend(quiet, { createdAt: t0 - i * day }), user('ann'))
      }
      await aGroup(store)
      const lately = await aGroup(store, { id: newId(), members: ['ann'], name: 'lately' })
      const once = await aGroup(store, {
        id: newId(),
        members: ['ann', 'bob', 'cyd'],
        name: 'once',
        visibility: 'open',
      })
      for (const [group, count, at] of [
        [once, 6, t0],
        [lately, 4, t0 + 7 * day],
      ] as const)
        for (let i = 0; i < count; i++)
          await store.messages.append(aSend(group, { createdAt: at + i }), user('ann'))
      const [last] = await store.messages.list(once.id, { offset: 0, limit: 1 })
      await erase(store, [last])
      await store.members.remove(once.id, 'cyd', user('cyd'), t0)

      const { active } = await store.stats.read(t0 + 8 * day)
      assert.equal(active.length, 10)
      assert.deepEqual(active.slice(0, 2), [
        {
          ...{ id: lately.id, name: 'lately', kind: 'group', visibility: 'private', memberCount: 1 },
          ...{ messages: 4, deleted: 0, lastAt: t0 + 7 * day + 3 },
        },
        {
          ...{ id: once.id, name: 'once', kind: 'group', visibility: 'open', memberCount: 2 },
          ...{ messages: 5, deleted: 1, lastAt: t0 + 5 },
        },
      ])
    }))
}
