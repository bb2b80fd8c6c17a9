import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { MongoClient, ObjectId, type UpdateFilter } from 'mongodb'
import type { MessageView } from '../../src/domain/message.ts'
import { mongoMissing } from '../mongo/server.ts'
import { eventually } from '../support/eventually.ts'
import { newDatabaseEnv, startService, type TestService } from '../support/service.ts'
import type { Frame } from '../support/socket.ts'

interface GroupDoc {
  authorized_user_ids: string[]
}

const message = (frame: Frame) => frame.message as MessageView
const durable = (frames: readonly Frame[]) =>
  frames.filter((frame) => 'cursor' in frame && frame.type !== 'connected')

/** What a client that obeys the events shows. */
function stateOf(frames: readonly Frame[]): [id: string, content: string][] {
  const state = new Map<string, string>()
  for (const frame of durable(frames)) {
    if (frame.type === 'message_deleted') state.delete(String(frame.message_id))
    else state.set(message(frame).id, message(frame).content)
  }
  return [...state]
}

describe('two instances on one MongoDB', { skip: (await mongoMissing()) ?? false }, () => {
  let one: TestService
  let two: TestService
  let client: MongoClient
  let database: string
  before(async () => {
    const env = await newDatabaseEnv()
    database = env.DATABASE_NAME
    one = await startService(env)
    two = await startService(env)
    client = await new MongoClient(env.MONGODB_URL).connect()
  })
  after(async () => {
    await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()])
    await client.close()
  })

  /** As an operator does it in mongosh. */
  const byHand = (groupId: string, change: UpdateFilter<GroupDoc>) =>
    client
      .db(database)
      .collection<GroupDoc>('groups')
      .updateOne({ _id: new ObjectId(groupId) }, change)

  test('messages, edits and deletes of one are heard on the other, once and in the same order', async () => {
    const { group, path } = await one.group('alice', 'bob')
    const here = await one.socket('alice', path)
    const there = await two.socket('bob', path)
    await Promise.all([here.next('connected'), there.next('connected')])
    const sent = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? here : there).ask({ type: 'message', content: `${i}` })),
    )
    const mine = sent.filter((_, i) => i % 2).map((ack) => message(ack).id)
    for (const id of mine.slice(0, 5)) await here.ask({ type: 'edit', message_id: id, content: 'edited' })
    for (const id of mine.slice(3, 8)) await here.ask({ type: 'delete', message_id: id })
    const last = await here.ask({ type: 'message', content: 'last' })
    const { body } = await (await two.api('bob')).call(
      'GET',
      `/groups/${group.id}/messages?order=asc&page_size=100`,
    )
    const expected = (body.messages as MessageView[]).map(({ id, content }) => [id, content])
    for (const socket of [here, there]) {
      await socket.next((frame) => frame.type === 'new_message' && message(frame).id === message(last).id)
      // A change comes after its message, but a later message may come before it; an edit may be part of its message's form.
      while (!isDeepStrictEqual(stateOf(socket.frames), expected))
        await socket.next((frame) => 'cursor' in frame)
      const seqs = durable(socket.frames).flatMap((frame) =>
        frame.type === 'new_message' ? [message(frame).seq] : [],
      )
      assert.deepEqual(
        seqs,
        [...new Set(seqs)].sort((a, b) => a - b),
      )
    }
    await Promise.all([here.close(), there.close()])
  })

  test('who is mentioned on one instance is told so on the other, once', async () => {
    const { owner: alice, group } = await one.group('alice', 'bob')
    const [there, here] = [
      await two.socket('bob', '/ws?subscribe=none'),
      await one.socket('bob', '/ws?subscribe=none'),
    ]
    await Promise.all([here.next('connected'), there.next('connected')])
    const mention = async (content: string) => {
      const body = { content, mentions: ['bob'] }
      assert.equal((await alice.call('POST', `/groups/${group.id}/messages`, { body })).status, 201)
    }
    await mention('first')
    await mention('last')
    for (const socket of [here, there]) {
      const told = [await socket.next('mention'), await socket.next('mention')]
      assert.deepEqual(
        told.map((frame) => [frame.group_id, message(frame).content]),
        [
          [group.id, 'first'],
          [group.id, 'last'],
        ],
      )
    }
    await Promise.all([here.close(), there.close()])
  })

  test('a client that comes back to the other instance misses nothing', async () => {
    const { owner: alice, group, path } = await one.group('alice', 'bob')
    const first = await one.socket('bob', path)
    await alice.send(group.id, '1')
    const { cursor } = await first.next('new_message')
    await first.close()
    for (const content of ['2', '3']) await alice.send(group.id, content)
    const second = await two.socket('bob', path, { after: String(cursor) })
    await alice.send(group.id, '4')
    for (const content of ['2', '3', '4'])
      assert.equal(message(await second.next('new_message')).content, content)
    await second.close()
  })

  test('the same key on both instances is one message', async () => {
    const { group } = await one.group('alice', 'bob')
    const [a, b] = await Promise.all([one.api('alice'), two.api('alice')])
    const sent = await Promise.all([a, b, a, b].map((api) => api.send(group.id, 'same', { clientId: 'key' })))
    assert.equal(new Set(sent.map(({ id }) => id)).size, 1)
    const conflict = await b.call('POST', `/groups/${group.id}/messages`, {
      body: {
        content: 'other',
        client_id: 'key',
      },
    })
    assert.equal(conflict.status, 409)
  })

  test('presence is the sum over instances, and typing crosses', async () => {
    const { path } = await one.group('alice', 'bob')
    const watcher = await one.socket('alice', path)
    const tabs = [await one.socket('bob', path), await two.socket('bob', path)]
    assert.equal((await watcher.next('user_joined')).connection_count, 2)
    tabs[1]?.send({ type: 'typing' })
    assert.equal((await watcher.next('typing')).user_id, 'bob')
    // Signals of one instance come in order: with this one, all before it are known there.
    watcher.send({ type: 'typing' })
    assert.equal((await tabs[1]?.next('typing'))?.user_id, 'alice')
    const carolSees = await two.socket('alice', path)
    await tabs[0]?.close()
    await tabs[1]?.close()
    assert.equal((await watcher.next('user_left')).user_id, 'bob')
    assert.equal((await carolSees.next('user_left')).connection_count, 2)
    assert.equal(watcher.frames.filter((frame) => frame.type === 'user_joined').length, 1)
    await Promise.all([watcher.close(), carolSees.close()])
  })

  test('typing ends on both, wherever its user sends, leaves or falls silent', async () => {
    const { owner: alice, group, path } = await one.group('alice', 'bob')
    const listeners = [await one.socket('bob', path), await two.socket('bob', path)]
    let typer = await one.socket('alice', path)
    const states = async (instance: TestService, what: object = { type: 'typing' }) => {
      instance.advance(3_000)
      typer.send(what)
      return heard()
    }
    const heard = () => Promise.all(listeners.map(async (socket) => (await socket.next('typing')).state))
    const [started, stopped] = [
      ['start', 'start'],
      ['stop', 'stop'],
    ]
    assert.deepEqual(await states(one), started)
    assert.deepEqual(await states(one, { type: 'typing', content: 'stop' }), stopped)
    assert.deepEqual(await states(one), started)
    await (await two.api('alice')).send(group.id, 'sent over the other one')
    assert.deepEqual(await heard(), stopped)
    assert.deepEqual(await states(one), started)
    one.advance(6_000)
    assert.deepEqual(await heard(), stopped)
    assert.deepEqual(await states(one), started)
    await typer.close()
    assert.deepEqual(await heard(), stopped)
    typer = await two.socket('alice', path)
    assert.deepEqual(await states(two), started)
    await alice.send(group.id, 'again')
    assert.deepEqual(await heard(), stopped)
    await Promise.all([typer, ...listeners].map((socket) => socket.close()))
  })

  test('who is online is asked of either instance, also where nobody listens', async () => {
    const { owner: alice, group, path } = await one.group('alice', 'bob')
    const sockets = [
      await one.socket('alice', path),
      await one.socket('bob', '/ws'),
      await one.socket('bob', path),
    ]
    const bob = await two.api('bob')
    const online = async (api: typeof bob) => (await api.call('GET', `/groups/${group.id}/online`)).body
    const named = (user_id: string, connections: number) => ({
      user_id,
      username: user_id,
      display_name: user_id,
      connections,
    })
    const both = { users: [named('alice', 1), named('bob', 2)], total: 2 }
    assert.deepEqual(await online(alice), both)
    await eventually('both are known there', async () => isDeepStrictEqual(await online(bob), both))
    sockets.push(await two.socket('bob', path))
    const more = { users: [named('alice', 1), named('bob', 3)], total: 2 }
    assert.deepEqual(await online(bob), more)
    await eventually('the third is known here', async () => isDeepStrictEqual(await online(alice), more))
    for (const socket of sockets) await socket.close()
    const nobody = { users: [], total: 0 }
    for (const api of [alice, bob])
      await eventually('all are gone', async () => isDeepStrictEqual(await online(api), nobody))
  })

  test('access lost on one instance closes the sockets of the other', async () => {
    const { owner: alice, group, path } = await one.group('alice', 'bob')
    const there = await two.socket('bob', path)
    await alice.call('PUT', `/groups/${group.id}`, { body: { authorized_user_ids: ['alice'] } })
    assert.equal((await there.closed).code, 4500)
  })

  test('a group deleted on one instance ends on the other', async () => {
    const { owner: alice, group, path } = await one.group('alice', 'bob')
    const there = await two.socket('bob', path)
    await alice.call('DELETE', `/groups/${group.id}`)
    assert.equal((await there.closed).code, 4501)
  })

  test('a group made on one instance opens itself on the other', async () => {
    const inbox = await two.socket('dora', '/ws')
    await inbox.next('connected')
    const group = await (await one.api('alice')).createGroup('new', ['dora'])
    assert.equal((await inbox.next('subscribed')).group_id, group.id)
    await inbox.close()
  })

  test('members edited by hand in the database come and go within 2 s, and the others see it', async () => {
    const { group, path } = await one.group('alice', 'bob')
    const watcher = await one.socket('alice', path)
    const there = await two.socket('bob', path)
    const started = Date.now()
    await byHand(group.id, { $pull: { authorized_user_ids: 'bob' } })
    assert.equal((await there.closed).code, 4500)
    assert.equal((await watcher.next('member_removed')).user_id, 'bob')
    assert.ok(Date.now() - started < 2_000)
    const bob = await two.api('bob')
    assert.equal((await bob.call('GET', `/groups/${group.id}`)).status, 403)
    await byHand(group.id, { $push: { authorized_user_ids: 'bob' } })
    assert.equal((await watcher.next('member_added')).user_id, 'bob')
    assert.equal((await bob.call('GET', `/groups/${group.id}`)).status, 200)
    await watcher.close()
  })
})
