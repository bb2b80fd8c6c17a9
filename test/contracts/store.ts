import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Store } from '../../src/store/store.ts'
import { aGroup, aSend, failsWith, newId, numbers, t0, user } from './samples.ts'
import { changeContract } from './store-changes.ts'
import { groupContract } from './store-groups.ts'
import { messageContract } from './store-messages.ts'
import { pageContract } from './store-pages.ts'
import { statsContract } from './store-stats.ts'

export interface OpenedStore {
  store: Store
  /** Closes the store and opens another on the same data. `close` then closes that one. */
  reopen(): Promise<Store>
  /** Closes the store and frees all that opening it made. */
  close(): Promise<void>
}

/** The promises of src/store/store.ts, as tests. Every store runs this one suite; `open` gives an empty store. */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} keeps the store contract`, () => {
    // One store for all of them: each test makes groups and users of its own.
    let opened: OpenedStore
    before(async () => {
      opened = await open()
    })
    after(() => opened.close())
    const store = () => opened.store

    groupContract(store)
    messageContract(store)
    pageContract(store)
    changeContract(store)
    statsContract(open)
    lifeContract(open)
  })
}

function lifeContract(open: () => Promise<OpenedStore>): void {
  const withStore = async (run: (opened: OpenedStore) => Promise<void>) => {
    const opened = await open()
    try {
      await run(opened)
    } finally {
      await opened.close()
    }
  }

  test('an open store answers, and says what it is', () =>
    withStore(async ({ store }) => {
      await store.ping()
      assert.match(store.kind, /^[a-z]+$/)
      assert.match(store.epoch, /^[A-Za-z0-9]{1,32}$/)
    }))

  test('what was written is there after a restart, in the same epoch', () =>
    withStore(async ({ store, reopen }) => {
      const group = await aGroup(store, { members: ['ann', 'bob'] })
      const { message } = await store.appendMessage(aSend(group), user('ann'))
      await store.editMessage(message.id, 'better', user('ann'), t0 + 1)
      const before = {
        epoch: store.epoch,
        group: await store.readGroup(group.id),
        log: await store.readLog(group.id, { seq: 0, rev: 0 }, 10),
        head: await store.readHead(group.id),
      }

      const again = await reopen()
      assert.deepEqual(
        {
          epoch: again.epoch,
          group: await again.readGroup(group.id),
          log: await again.readLog(group.id, { seq: 0, rev: 0 }, 10),
          head: await again.readHead(group.id),
        },
        before,
      )
      const next = await again.appendMessage(aSend(group), user('ann'))
      assert.equal(next.message.seq, 2)
    }))

  test('a closing store settles every write, and what it acknowledged is there', () =>
    withStore(async ({ store, reopen }) => {
      const group = await aGroup(store, { members: ['ann'] })
      const writes = numbers(1, 50).map(() => store.appendMessage(aSend(group), user('ann')))
      const settled = Promise.allSettled(writes)
      await store.close()

      const acknowledged: string[] = []
      for (const outcome of await settled) {
        if (outcome.status === 'fulfilled') acknowledged.push(outcome.value.message.id)
        else failsWith('unavailable')(outcome.reason)
      }
      const again = await reopen()
      const found = await again.readMessages(acknowledged)
      assert.deepEqual(found.map((message) => message.id).sort(), acknowledged.sort())
    }))

  test('a closed store says unavailable to everything, and closes again without complaint', () =>
    withStore(async ({ store }) => {
      const group = await aGroup(store, { members: ['ann'] })
      const ann = user('ann')
      await store.close()
      await store.close()

      const calls: Record<
        Exclude<keyof Store, 'kind' | 'epoch' | 'watch' | 'close'>,
        () => Promise<unknown>
      > = {
        ping: () => store.ping(),
        createGroup: () => store.createGroup({ ...group, id: newId() }),
        readGroup: () => store.readGroup(group.id),
        confirmGroup: () => store.confirmGroup(group.id),
        listGroups: () => store.listGroups('ann', { offset: 0, limit: 1 }),
        listGroupIds: () => store.listGroupIds('ann', 1),
        updateGroup: () => store.updateGroup(group.id, { name: 'new' }, ann, t0),
        deleteGroup: () => store.deleteGroup(group.id, ann),
        appendMessage: () => store.appendMessage(aSend(group), ann),
        editMessage: () => store.editMessage(newId(), 'new', ann, t0),
        deleteMessage: () => store.deleteMessage(newId(), ann, t0),
        readMessage: () => store.readMessage(newId()),
        readMessages: () => store.readMessages([newId()]),
        listMessages: () => store.listMessages(group.id, { offset: 0, limit: 1 }),
        readHead: () => store.readHead(group.id),
        readLog: () => store.readLog(group.id, { seq: 0, rev: 0 }, 1),
        readLogStart: () => store.readLogStart(group.id),
        trimChanges: () => store.trimChanges(t0),
        stats: () => store.stats(t0),
      }
      for (const [name, call] of Object.entries(calls))
        await assert.rejects(call, failsWith('unavailable'), `${name} after close`)
    }))
}
