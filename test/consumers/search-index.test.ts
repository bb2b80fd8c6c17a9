import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { rebuildSearchIndex, startSearchIndex } from '../../src/consumers/search-index.ts'
import type { Group } from '../../src/domain/group.ts'
import { indexQueryOf, readQuery } from '../../src/domain/search.ts'
import type { Store } from '../../src/store/store.ts'
import type { OpenedStore } from '../contracts/store.ts'
import { openEmpty } from '../store/open.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aSend, erase, history, t0, user } from '../support/samples.ts'

let opened: OpenedStore
before(async () => {
  opened = await openEmpty()
})
after(() => opened.close())

const failures: unknown[] = []
const start = (store: Store = opened.store) =>
  startSearchIndex({
    store,
    clock: () => performance.now(),
    log: { warn: (_event, fields) => void failures.push(fields.error) },
  })
const found = async (group: Group, q: string, store = opened.store) => {
  const lookup = { ...indexQueryOf(readQuery(q)), groupIds: [group.id] }
  const page = { after: null, limit: 100, looks: 10_000 }
  return (await store.search.find(lookup, page)).found.map(({ messageId }) => messageId)
}
const finds = (group: Group, q: string, count: number) =>
  eventually(`${count} are found by ${q}`, async () => (await found(group, q)).length === count)

test('what was there before is found, then what is sent, edited, deleted and restored', async () => {
  const { store } = opened
  const group = await aGroup(store, { members: ['ann'] })
  const [first, second] = await history(store, group, 3)
  assert.ok(first && second)
  const index = start()
  await finds(group, 'message', 3)
  await history(store, group, 1)
  await finds(group, 'message', 4)
  await store.messages.edit(first.id, { content: 'house' }, user('ann'), t0)
  await finds(group, 'house', 1)
  assert.equal((await found(group, 'message')).length, 3)
  await erase(store, [second])
  await finds(group, 'message', 2)
  await store.messages.restore(second.id, { userId: 'op', admin: true }, t0)
  await finds(group, 'message', 3)
  await eventually('it has caught up', () => index.lagMs() === 0)
  await index.stop()
  await store.messages.edit(second.id, { content: 'hut' }, user('ann'), t0)
  const again = start()
  await finds(group, 'hut', 1)
  await again.stop()
  assert.deepEqual(failures, [])
})

test('what happened to messages while nobody kept the index, and is trimmed from the log, is made up for', async () => {
  const { store } = opened
  const group = await aGroup(store, { members: ['ann'] })
  const [first, second] = await history(store, group, 2)
  assert.ok(first && second)
  const index = start()
  await finds(group, 'message', 2)
  await store.messages.edit(second.id, { content: 'tent' }, user('ann'), t0)
  await finds(group, 'tent', 1)
  await index.stop()
  await store.messages.edit(first.id, { content: 'castle' }, user('ann'), t0)
  await store.messages.edit(second.id, { content: 'tower' }, user('ann'), t0 + 1)
  await store.log.trim(t0 + 100)
  const again = start()
  await finds(group, 'castle', 1)
  assert.equal((await found(group, 'message')).length, 0)
  await again.stop()
})

test('rebuilding finds everything again, and leaves the next service nothing to do', async () => {
  const { store } = opened
  const group = await aGroup(store, { members: ['ann'] })
  const messages = await history(store, group, 3)
  await store.messages.append(aSend(group, { content: 'gone' }), user('ann'))
  const progress: number[][] = []
  await rebuildSearchIndex(store, (...done) => progress.push(done))
  assert.deepEqual((await found(group, 'message')).toSorted(), messages.map(({ id }) => id).toSorted())
  assert.ok((progress.at(-1)?.[1] ?? 0) >= 4)
  const puts: (readonly string[])[] = []
  const watched: Store = Object.assign(Object.create(store), {
    search: { ...store.search, put: async (ids: readonly string[]) => void puts.push(ids) },
  })
  const index = start(watched)
  await eventually('it has begun', () => index.lagMs() === 0)
  const { value } = await store.messages.append(aSend(group), user('ann'))
  await eventually('the new one is put', () => puts.length > 0)
  assert.deepEqual(puts, [[value.id]])
  await index.stop()
})

test('rebuilding that ends half-way is gone on with by the next service', async () => {
  const { store } = opened
  const group = await aGroup(store, { members: ['ann'] })
  await history(store, group, 2)
  const broken: Store = Object.assign(Object.create(store), {
    search: { ...store.search, put: () => Promise.reject(new Error('no')) },
  })
  await assert.rejects(rebuildSearchIndex(broken, () => undefined))
  assert.deepEqual(await found(group, 'message'), [])
  const index = start()
  await finds(group, 'message', 2)
  await index.stop()
})
