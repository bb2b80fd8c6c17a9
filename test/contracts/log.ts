import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Group } from '../../src/domain/group.ts'
import type { Store } from '../../src/store/store.ts'
import { aGroup, erase, history, newId, numbers, seqs, t0, user } from '../support/samples.ts'

export function logContract(store: () => Store): void {
  const revs = async (group: Group) =>
    (await store().log.read(group.id, { seq: 0, rev: 0 }, 1_000)).changes.map((change) => change.rev)

  test('log.read: both logs after a position, oldest first, deleted messages too', async () => {
    const group = await aGroup(store(), { members: ['ann'] })
    const messages = await history(store(), group, 6)
    await erase(store(), [messages[1], messages[4]])
    await store().groups.update(group.id, { name: 'New' }, user('olga'), t0)

    const log = async (seq: number, rev: number, limit: number) => {
      const { messages, changes } = await store().log.read(group.id, { seq, rev }, limit)
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
    assert.deepEqual(await store().log.read(newId(), { seq: 0, rev: 0 }, 5), { messages: [], changes: [] })

    const { messages: replayed } = await store().log.read(group.id, { seq: 1, rev: 0 }, 1)
    assert.deepEqual(replayed, await store().messages.readMany([messages[1]?.id ?? '']))
    assert.equal(replayed[0]?.content, '')
  })

  test('log.readHead: zeros in a new group, null without one', async () => {
    const group = await aGroup(store())
    assert.deepEqual(await store().log.readHead(group.id), { seq: 0, rev: 0, deleted: 0 })
    assert.equal(await store().log.readHead(newId()), null)
  })

  test('log.readHeads: of many groups what log.readHead says of each', async () => {
    const groups = await Promise.all(numbers(1, 20).map(() => aGroup(store(), { members: ['ann'] })))
    for (const [count, group] of groups.entries()) {
      const messages = await history(store(), group, count % 4)
      if (count % 3 === 0) await erase(store(), messages.slice(1))
      if (count % 5 === 0) await store().groups.update(group.id, { name: 'New' }, user('olga'), t0)
    }
    const ids = groups.map(({ id }) => id)
    const each = new Map(
      await Promise.all(ids.map(async (id) => [id, await store().log.readHead(id)] as const)),
    )
    assert.deepEqual(new Map([...(await store().log.readHeads(ids))].sort()), new Map([...each].sort()))
    assert.deepEqual(await store().log.readHeads([newId()]), new Map())
    assert.deepEqual(await store().log.readHeads([]), new Map())

    const [group] = groups
    assert.ok(group)
    await history(store(), group, 1)
    assert.equal((await store().log.readHeads(ids)).get(group.id)?.seq, 1)
    await store().groups.delete(group.id, user('olga'), t0)
    assert.equal((await store().log.readHeads(ids)).has(group.id), false)
  })

  // Trimming goes over all groups: the entries that these tests trim lie in the year 1971, those of all others in 2026.
  const early = Date.UTC(1971)
  const cleanStart = () => store().log.trim(Date.UTC(1972))
  const rename = (group: Group, at: number) =>
    store().groups.update(group.id, { name: `Name at ${at}` }, user('olga'), at)

  test('log.trim drops the old entries, and says how many', async () => {
    await cleanStart()
    const group = await aGroup(store())
    const other = await aGroup(store())
    for (const n of numbers(1, 5)) await rename(group, early + n)
    for (const n of numbers(3, 4)) await rename(other, early + n)
    assert.equal(await store().log.readStart(group.id), 0)

    assert.equal(await store().log.trim(early + 4), 4)
    assert.deepEqual(await revs(group), [4, 5])
    assert.equal(await store().log.readStart(group.id), 3)
    assert.deepEqual(await revs(other), [2])
    assert.equal(await store().log.readStart(other.id), 1)
    assert.equal(await store().log.trim(early + 4), 0)
  })

  test("log.trim keeps each group's last entry, and numbers go on", async () => {
    await cleanStart()
    const group = await aGroup(store())
    for (const n of numbers(101, 103)) await rename(group, early + n)
    assert.equal(await store().log.trim(early + 200), 2)
    assert.deepEqual(await revs(group), [3])
    assert.equal(await store().log.readStart(group.id), 2)
    assert.deepEqual(await store().log.readHead(group.id), { seq: 0, rev: 3, deleted: 0 })

    const { changes } = await rename(group, t0)
    assert.equal(changes[0]?.rev, 4)
    assert.equal(await store().log.trim(early + 300), 1)
    assert.deepEqual(await revs(group), [4])
  })

  test('log.trim leaves no hole behind a clock that went back', async () => {
    await cleanStart()
    const group = await aGroup(store())
    for (const at of [401, 405, 402, 403, t0 - early]) await rename(group, early + at)
    assert.equal(await store().log.trim(early + 404), 1)
    assert.deepEqual(await revs(group), [2, 3, 4, 5])
    assert.equal(await store().log.readStart(group.id), 1)
  })

  test('log.readStart is 0 for a group without changes, and for none', async () => {
    assert.equal(await store().log.readStart((await aGroup(store())).id), 0)
    assert.equal(await store().log.readStart(newId()), 0)
  })
}
