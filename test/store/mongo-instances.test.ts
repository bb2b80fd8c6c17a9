import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Document, ObjectId } from 'mongodb'
import type { MongoStore } from '../../src/store/mongo/options.ts'
import { mongoMissing } from '../mongo/server.ts'
import { recordingSink } from '../mongo/sink.ts'
import { startTwoInstances, type TwoInstances } from '../mongo/two-instances.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aSend, failsWith, history, numbers, seqs, t0, user } from '../support/samples.ts'

const missing = await mongoMissing()

/** What is done by hand is in force and told within this many milliseconds. */
const soonMs = 2_000

describe('several instances on one MongoDB', { skip: missing ?? false }, () => {
  let instances: TwoInstances
  let one: MongoStore
  let two: MongoStore

  before(async () => {
    instances = await startTwoInstances()
    ;({ one, two } = instances)
  })
  after(() => instances.close())

  const raw = (collection: string) => instances.raw<Document>(collection)
  const wholeLog = async (groupId: string) =>
    (await one.store.log.read(groupId, { seq: 0, rev: 0 }, 2_000)).messages

  test('two instances sending into one group at full speed: no hole, no double, one order', async () => {
    const senders = numbers(1, 32).map((n) => `sender-${n}`)
    const group = await aGroup(one.store, { members: senders })
    const acks = await Promise.all(
      senders.map(async (sender, i) => {
        const { store } = i % 2 ? one : two
        const own = []
        for (const n of numbers(1, 20)) {
          const send = aSend(group, { senderId: sender, content: `${n}` })
          own.push((await store.messages.append(send, user(sender))).value)
        }
        assert.deepEqual(
          seqs(own),
          seqs(own).toSorted((a, b) => a - b),
        )
        return own
      }),
    )
    const sent = acks.flat().sort((a, b) => a.seq - b.seq)
    assert.deepEqual(seqs(sent), numbers(1, 640))
    assert.deepEqual(await wholeLog(group.id), sent)
    assert.deepEqual(await two.store.log.readHead(group.id), { seq: 640, rev: 0, deleted: 0 })
  })

  test('edits of one message on two instances end the same, each with its own entry', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    const [message] = await history(one.store, group, 1)
    assert.ok(message)
    await Promise.all(
      numbers(1, 10).map((n) =>
        (n % 2 ? one : two).store.messages.edit(message.id, { content: `edit ${n}` }, user('ann'), t0 + n),
      ),
    )
    const { changes } = await one.store.log.read(group.id, { seq: 1, rev: 0 }, 100)
    assert.deepEqual(
      changes.map(({ rev, ver }) => [rev, ver]),
      numbers(1, 10).map((rev) => [rev, rev + 1]),
    )
    assert.deepEqual(await one.store.messages.read(message.id), await two.store.messages.read(message.id))
  })

  test('changes of one group on two instances: each is logged once', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    await Promise.all(
      numbers(1, 10).map((n) =>
        (n % 2 ? one : two).store.groups.update(group.id, { name: `Name ${n}` }, user('olga'), t0 + n),
      ),
    )
    const { changes } = await one.store.log.read(group.id, { seq: 0, rev: 0 }, 100)
    assert.deepEqual(
      changes.map(({ rev, type }) => [rev, type]),
      numbers(1, 10).map((rev) => [rev, 'group_updated']),
    )
  })

  test('what one writes the other is told', async () => {
    const sink = recordingSink()
    two.store.watch(sink)
    const group = await aGroup(one.store, { members: ['ann', 'bob'] })
    const messages = await history(one.store, group, 3)
    const {
      changes: [change],
    } = await one.store.messages.delete(messages[0]?.id ?? '', user('ann'), t0)
    await one.store.groups.update(group.id, { authorizedUserIds: ['ann'] }, user('olga'), t0)

    const told = () => ({
      messages: sink.messages.filter(({ groupId }) => groupId === group.id),
      changes: sink.changes.filter(({ groupId }) => groupId === group.id),
    })
    await eventually('two changes', () => told().changes.length === 2)
    await eventually('three messages', () => told().messages.length === 3)
    assert.deepEqual(told().messages, messages)
    assert.deepEqual(told().changes[0], change)
    assert.equal(told().changes[1]?.type, 'member_removed')
    assert.deepEqual(await two.lag().alive, true)
  })

  test('who was added or removed by one instance is so on the other', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    const send = (userId: string) =>
      two.store.messages.append(aSend(group, { senderId: userId }), user(userId))
    await send('ann')
    await assert.rejects(send('bob'), failsWith('forbidden'))
    await one.store.groups.update(group.id, { authorizedUserIds: ['bob'] }, user('olga'), t0)
    await send('bob')
    await eventually(
      'ann is out',
      () =>
        send('ann').then(
          () => false,
          () => true,
        ),
      soonMs,
    )
  })

  test('members edited by hand: in force within 2 s, and logged once', async () => {
    const group = await aGroup(one.store, { members: ['ann', 'bob'] })
    const sinks = [one, two].map(({ store }) => {
      const sink = recordingSink(() => [group.id])
      store.watch(sink)
      return sink
    })
    await two.store.messages.append(aSend(group), user('ann'))
    const _id = new ObjectId(group.id)
    await raw('groups').updateOne({ _id }, { $push: { authorized_user_ids: 'cem' } as object })
    await raw('groups').updateOne({ _id }, { $pull: { authorized_user_ids: 'bob' } as object })

    const entries = async () => (await one.store.log.read(group.id, { seq: 1, rev: 0 }, 10)).changes
    await eventually('both are logged', async () => (await entries()).length >= 2, soonMs)
    for (const { store } of [one, two]) {
      await store.messages.append(aSend(group, { senderId: 'cem' }), user('cem'))
      await assert.rejects(
        store.messages.append(aSend(group, { senderId: 'bob' }), user('bob')),
        failsWith('forbidden'),
      )
    }
    for (const sink of sinks) {
      await eventually('each sink hears of the group', () => sink.groups.includes(group.id), soonMs)
      await eventually('each sink hears of both', () => sink.changes.length >= 2, soonMs)
    }
    assert.deepEqual(
      (await entries()).map(({ rev, type, data }) => [rev, type, data.user_id]),
      [
        [1, 'member_added', 'cem'],
        [2, 'member_removed', 'bob'],
      ],
    )
  })

  test('a hand edit before a rename is logged before it', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    await raw('groups').updateOne(
      { _id: new ObjectId(group.id) },
      { $push: { authorized_user_ids: 'bob' } as object },
    )
    const { changes } = await one.store.groups.update(group.id, { name: 'New' }, user('olga'), t0)
    assert.deepEqual(
      changes.map(({ rev, type }) => [rev, type]),
      [[2, 'group_updated']],
    )
    assert.deepEqual((await one.store.groups.read(group.id))?.authorizedUserIds, ['ann', 'bob'])
  })

  test('entries of the version before are read as before, and it can read ours', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    await one.store.groups.update(group.id, { authorizedUserIds: ['ann', 'bob'] }, user('olga'), t0)
    const ours = await raw('changes').findOne({ group_id: group.id })
    assert.deepEqual([ours?.type, ours?.user_id, ours?.data.user_id], ['member_added', 'bob', 'bob'])
    await raw('changes').updateOne({ group_id: group.id }, { $unset: { data: '' } })
    const { changes } = await two.store.log.read(group.id, { seq: 0, rev: 0 }, 10)
    assert.deepEqual(
      changes.map(({ type, data }) => [type, data]),
      [['member_added', { user_id: 'bob' }]],
    )
  })

  test("a crash between an edit's two writes: any instance logs it within 10 s, once", async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    const [message] = await history(one.store, group, 1)
    assert.ok(message)
    const sink = recordingSink()
    two.store.watch(sink)
    const edit = { content: 'better', ver: 2, unlogged: 2, updated_at: new Date(t0 + 9) }
    await raw('messages').updateOne({ _id: new ObjectId(message.id) }, { $set: edit })

    const told = () => sink.changes.filter(({ groupId }) => groupId === group.id)
    await eventually('the edit is told', () => told().length > 0, 10_000)
    const { changes } = await one.store.log.read(group.id, { seq: 1, rev: 0 }, 10)
    const entry = {
      groupId: group.id,
      rev: 1,
      type: 'message_updated',
      seq: 1,
      deleted: 0,
      at: t0 + 9,
      data: {},
    }
    assert.deepEqual(changes, [{ ...entry, messageId: message.id, messageSeq: 1, ver: 2 }])
    await eventually(
      'the mark is gone',
      async () => !(await raw('messages').findOne({ _id: new ObjectId(message.id), unlogged: 2 })),
    )
    // And the next edit goes on from there.
    const next = await two.store.messages.delete(message.id, user('ann'), t0 + 10)
    assert.equal(next.changes[0]?.rev, 2)
    assert.equal(next.value.ver, 3)
  })

  test('what messages said before goes with their text, even after a crash between the two', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    const [now, later, crashed] = await history(one.store, group, 3)
    assert.ok(now && later && crashed)
    const all = [now, later, crashed]
    for (const { id } of all) await one.store.messages.edit(id, { content: 'new' }, user('ann'), t0)
    const kept = async () =>
      Promise.all(all.map(({ id: message_id }) => raw('revisions').countDocuments({ message_id })))
    await one.store.messages.delete(now.id, user('ann'), t0 + 1, false)
    for (const { id } of [later, crashed]) await one.store.messages.delete(id, user('ann'), 1)
    assert.deepEqual(await kept(), [0, 1, 1])
    await raw('messages').updateOne({ _id: new ObjectId(crashed.id) }, { $set: { content: '' } })
    await two.store.messages.wipe(2, 10)
    assert.deepEqual(await kept(), [0, 0, 0])
    assert.equal(await raw('messages').countDocuments({ group_id: group.id, kept_since: { $ne: null } }), 0)
  })

  test("a crash between a restore's two writes: any instance logs it, and counts one less deleted", async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    const [message] = await history(one.store, group, 1)
    assert.ok(message)
    await one.store.messages.delete(message.id, user('ann'), t0 + 1)
    const restore = { is_deleted: false, restores: true, ver: 3, unlogged: 3, updated_at: new Date(t0 + 9) }
    const _id = new ObjectId(message.id)
    await raw('messages').updateOne({ _id }, { $set: restore })
    await eventually(
      'the mark is gone',
      async () => !(await raw('messages').findOne({ _id, unlogged: 3 })),
      10_000,
    )
    const { changes } = await two.store.log.read(group.id, { seq: 1, rev: 1 }, 10)
    assert.deepEqual(
      changes.map(({ type, ver, deleted }) => [type, ver, deleted]),
      [['message_updated', 3, 0]],
    )
    const marks = await raw('messages').findOne(
      { _id },
      { projection: { restores: 1, kept_since: 1, deleted_by: 1 } },
    )
    assert.deepEqual(marks, { _id })
    assert.equal((await two.store.log.readHead(group.id))?.deleted, 0)
  })

  test("a crash between a reaction's two writes: any instance logs it within 10 s, once", async () => {
    const group = await aGroup(one.store, { members: ['ann', 'bob'] })
    const [message] = await history(one.store, group, 1)
    assert.ok(message)
    await one.store.reactions.add(message.id, '👍', user('ann'), t0)
    const sink = recordingSink()
    two.store.watch(sink)
    const taken = { is_there: false, ver: 2, at: new Date(t0 + 9), unlogged: new ObjectId().toHexString() }
    await raw('reactions').updateOne({ message_id: message.id }, { $set: taken })

    const told = () => sink.changes.filter(({ groupId, rev }) => groupId === group.id && rev === 2)
    await eventually('the reaction is told', () => told().length > 0, 10_000)
    const { changes } = await one.store.log.read(group.id, { seq: 1, rev: 1 }, 10)
    assert.deepEqual(
      changes.map(({ rev, type, at, data }) => [rev, type, at, data]),
      [[2, 'reactions', t0 + 9, { emoji: '👍', user_id: 'ann', added: false }]],
    )
    await eventually(
      'the mark is gone',
      async () => !(await raw('reactions').findOne({ message_id: message.id, unlogged: { $exists: true } })),
    )
    assert.deepEqual((await two.store.messages.read(message.id))?.reactions, { rev: 2, kinds: [] })
    assert.equal((await two.store.reactions.add(message.id, '👍', user('ann'), t0)).changes[0]?.rev, 3)
  })

  test('the same reaction on two instances at once is one', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    const [message] = await history(one.store, group, 1)
    assert.ok(message)
    const written = await Promise.all(
      [one, two].map(({ store }) => store.reactions.add(message.id, '👍', user('ann'), t0)),
    )
    assert.equal(written.flatMap(({ changes }) => changes).length, 1)
    assert.equal((await one.store.messages.read(message.id))?.reactions.kinds[0]?.count, 1)
  })

  test('an edit on top of one that was not logged logs both', async () => {
    const group = await aGroup(one.store, { members: ['ann'] })
    const [message] = await history(one.store, group, 1)
    assert.ok(message)
    const edit = { content: 'better', ver: 2, unlogged: 2, updated_at: new Date(t0 + 9) }
    await raw('messages').updateOne({ _id: new ObjectId(message.id) }, { $set: edit })
    const {
      changes: [change],
    } = await one.store.messages.edit(message.id, { content: 'best' }, user('ann'), t0 + 10)
    assert.deepEqual([change?.rev, change?.ver], [2, 3])
    assert.equal((await one.store.log.read(group.id, { seq: 0, rev: 0 }, 9)).changes.length, 2)
  })

  test('signals go to all instances, in the order sent', async () => {
    const heard: Record<string, unknown>[] = []
    two.signals.listen((signal) => heard.push(signal))
    for (const n of numbers(1, 50)) one.signals.send({ n, users: { $gt: 1, 'a.b': n } })
    await eventually('all are heard', () => heard.length === 50)
    assert.deepEqual(heard[49], { n: 50, users: { $gt: 1, 'a.b': 50 } })
    assert.deepEqual(
      heard.map(({ n }) => n),
      numbers(1, 50),
    )
  })
})
