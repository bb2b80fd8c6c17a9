import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type Chat,
  type ChatError,
  type ChatEvent,
  type ConnectOptions,
  connect,
} from '../../src/client/client.ts'
import { eventually } from '../support/eventually.ts'
import { tokenFor } from '../support/process.ts'
import { startService, type TestService } from '../support/service.ts'
import { type CuttingProxy, startProxy } from './proxy.ts'

let service: TestService
let proxy: CuttingProxy
before(async () => {
  service = await startService()
  proxy = await startProxy(service.url)
})
after(async () => {
  await proxy.close()
  await service[Symbol.asyncDispose]()
})

/** A client through the proxy, and all events that it told. */
function client(sub: string, options: Partial<ConnectOptions> = {}) {
  const heard: ChatEvent[] = []
  const chat = connect({
    url: proxy.url,
    token: () => tokenFor(sub),
    reconnect: { minMs: 10, maxMs: 50 },
    onError: (error) => assert.fail(String(error)),
    ...options,
  })
  chat.on('event', (event) => heard.push(event))
  const contents = (groupId: string) =>
    heard.flatMap((event) =>
      event.type === 'new_message' && event.group_id === groupId ? [event.message.content] : [],
    )
  return { chat, heard, contents, [Symbol.dispose]: () => chat.close() }
}

const isOnline = ({ chat }: { chat: Chat }) => eventually('it is online', () => chat.state === 'online')

const refusedWith = (code: string) => (error: ChatError) => {
  assert.equal(error.code, code)
  assert.ok(error.detail)
  return true
}

test('a send resolves with the message when it is durable; the sender and others hear it once', async () => {
  const { group } = await service.group('alice', 'bob')
  using alice = client('alice')
  using bob = client('bob')
  await isOnline(bob)
  const message = await alice.chat.group(group.id).send('hello', { mentions: ['bob'], metadata: { a: 1 } })
  assert.deepEqual([message.content, message.seq, message.mentions], ['hello', 1, ['bob']])
  await eventually('both heard it', () => [alice, bob].every((each) => each.contents(group.id).length === 1))
  assert.deepEqual([alice.chat.pending, alice.chat.userId], [[], 'alice'])
  const answer = await bob.chat.group(group.id).send('an answer', { replyTo: message.id })
  assert.equal(answer.reply_to, message.id)
})

test('what is sent while it is away goes out in its order, and what was missed comes once and in order', async () => {
  const { group, owner } = await service.group('alice', 'bob')
  using alice = client('alice')
  using bob = client('bob')
  await Promise.all([isOnline(alice), isOnline(bob)])
  proxy.refusing = true
  proxy.cut()
  await eventually('both are away', () => [alice, bob].every(({ chat }) => chat.state !== 'online'))
  const sends = ['1', '2', '3'].map((content) => alice.chat.group(group.id).send(content))
  assert.deepEqual(
    alice.chat.pending.map(({ content, state, groupId }) => [content, state, groupId]),
    ['1', '2', '3'].map((content) => [content, 'waiting', group.id]),
  )
  await owner.send(group.id, '0')
  proxy.refusing = false
  const messages = await Promise.all(sends)
  assert.deepEqual(
    messages.map(({ seq }) => seq),
    [2, 3, 4],
  )
  for (const each of [alice, bob]) await eventually('all came', () => each.contents(group.id).length === 4)
  assert.deepEqual(
    [alice.contents(group.id), bob.contents(group.id)],
    [
      ['0', '1', '2', '3'],
      ['0', '1', '2', '3'],
    ],
  )
})

test('groups that one came into while away are listened to; one that was lost is told', async () => {
  const { group } = await service.group('alice', 'bob')
  using bob = client('bob')
  await isOnline(bob)
  proxy.refusing = true
  proxy.cut()
  await eventually('it is away', () => bob.chat.state !== 'online')
  const { group: later, owner } = await service.group('alice', 'bob')
  await owner.call('DELETE', `/groups/${group.id}/members/bob`)
  proxy.refusing = false
  await isOnline(bob)
  await eventually('the loss is told', () =>
    bob.heard.some(({ type, group_id }) => type === 'unsubscribed' && group_id === group.id),
  )
  await eventually('the new one is told', () =>
    bob.heard.some(({ type, group_id }) => type === 'subscribed' && group_id === later.id),
  )
  await owner.send(later.id, 'welcome')
  await eventually('it is heard', () => bob.contents(later.id).length === 1)
})

test('one goes on from a cursor that was kept, also in an open group that one is no member of', async () => {
  const { group, owner } = await service.group('alice')
  await owner.call('PUT', `/groups/${group.id}`, { body: { visibility: 'open' } })
  const { body } = await owner.call('GET', `/groups/${group.id}/events`)
  await owner.send(group.id, 'before')
  using guest = client('guest')
  await guest.chat.group(group.id).subscribe({ after: String(body.cursor) })
  await owner.send(group.id, 'after')
  await eventually('both came', () => guest.contents(group.id).length === 2)
  assert.deepEqual(guest.contents(group.id), ['before', 'after'])
  await guest.chat.group(group.id).unsubscribe()
  await assert.rejects(guest.chat.group('0123456789abcdef01234567').subscribe(), refusedWith('not_found'))
})

test('a refused send rejects with why, and stays as failed until it is let go of; the connection stays', async () => {
  using alice = client('alice')
  await isOnline(alice)
  const nowhere = alice.chat.group('0123456789abcdef01234567')
  await assert.rejects(nowhere.send('hello', { clientId: 'key' }), refusedWith('not_found'))
  assert.deepEqual(
    alice.chat.pending.map(({ clientId, state, error }) => [clientId, state, error?.code]),
    [['key', 'failed', 'not_found']],
  )
  alice.chat.discard('key')
  assert.deepEqual([alice.chat.pending, alice.chat.state], [[], 'online'])
  const { group } = await service.group('alice')
  const huge = alice.chat.group(group.id).send('x'.repeat(200_000))
  const small = alice.chat.group(group.id).send('small')
  await assert.rejects(huge, refusedWith('too_large'))
  assert.equal((await small).content, 'small')
})

test('a token that is refused, a wrong address and an ended stay end in closed, with the sentence of the service', async () => {
  const cases: [Partial<ConnectOptions>, number, string][] = [
    [{ token: 'nonsense' }, 401, 'unauthenticated'],
    [{ token: 'no, not this' }, 401, 'unauthenticated'],
    [{ prefix: '/elsewhere' }, 404, 'not_found'],
  ]
  for (const [options, code, reason] of cases) {
    using alice = client('alice', options)
    const send = alice.chat.group('0123456789abcdef01234567').send('waits')
    await assert.rejects(send, refusedWith(reason))
    assert.equal(alice.chat.state, 'closed')
    assert.deepEqual([alice.chat.closed?.code, alice.chat.closed?.reason], [code, reason])
    assert.ok(alice.chat.closed?.detail)
  }
  for (const url of ['nowhere', 'ftp://example.com', 'http://', '', 'http://a b'])
    assert.throws(() => connect({ url, token: '' }), TypeError)
})

test('a token is asked for again before it expires, and replaced in place', async () => {
  const asked: number[] = []
  using alice = client('alice', {
    token() {
      asked.push(Date.now())
      return tokenFor('alice', { ttlS: asked.length === 1 ? 2 : 3_600 })
    },
  })
  const states: string[] = []
  await isOnline(alice)
  alice.chat.on('event', () => states.push(alice.chat.state))
  await eventually('another is asked for', () => asked.length === 2)
  const { group } = await service.group('alice')
  await alice.chat.group(group.id).send('still here')
  assert.equal(asked.length, 2)
})

test('sends survive a reload where there is storage, once, and only for their own user', async () => {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
  const { group, owner } = await service.group('alice', 'bob')
  proxy.refusing = true
  {
    using alice = client('alice', { storage })
    alice.chat
      .group(group.id)
      .send('kept', { clientId: 'kept' })
      .catch(() => undefined)
    await eventually('it is stored', () => [...kept.values()].some((text) => text.includes('kept')))
  }
  using again = client('alice', { storage })
  await eventually('it waits', () => again.chat.pending.length === 1)
  assert.equal(again.chat.pending[0]?.state, 'waiting')
  proxy.refusing = false
  await eventually('it is sent', () => again.chat.pending.length === 0)
  assert.deepEqual(
    (await owner.history(group.id)).map(({ content }) => content),
    ['kept'],
  )
  await eventually('nothing is stored', () => [...kept.values()].every((text) => text === '[]'))
})

test('it is told whenever something else waits, and a client that ends leaves what waits as it was', async () => {
  const { group } = await service.group('alice', 'bob')
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
  const told: string[] = []
  using alice = client('alice', {
    storage,
    onPending: () => {
      const state = alice.chat.pending.map(({ content, state: each }) => `${content} ${each}`).join()
      if (told.at(-1) !== state) told.push(state)
    },
  })
  await isOnline(alice)
  await alice.chat.group(group.id).send('one')
  await assert.rejects(alice.chat.group('0123456789abcdef01234567').send('two', { clientId: 'two' }))
  alice.chat.discard('two')
  assert.deepEqual(
    told.filter((state) => state !== 'one waiting' && state !== 'two waiting'),
    ['', 'one sending', '', 'two sending', 'two failed', ''],
  )
  proxy.refusing = true
  proxy.cut()
  await eventually('it is away', () => alice.chat.state !== 'online')
  const refused = assert.rejects(alice.chat.group(group.id).send('three'), refusedWith('closed'))
  alice.chat.close()
  proxy.refusing = false
  await refused
  assert.equal(told.at(-1), 'three failed')
  await eventually('it is kept', () => [...kept.values()].join().includes('three'))
  assert.equal(JSON.parse([...kept.values()][0] ?? '[]')[0].state, 'waiting')
})

test('a connection that the browser says is of another network is made anew when it does not answer', async () => {
  const listeners = new Set<() => void>()
  const platform = globalThis as { addEventListener?: unknown }
  const before = platform.addEventListener
  platform.addEventListener = (_: string, listener: () => void) => listeners.add(listener)
  const states: string[] = []
  using alice = client('alice', { onState: (state) => states.push(state) })
  platform.addEventListener = before
  await isOnline(alice)
  proxy.delayMs = 15_000
  for (const listener of listeners) listener()
  await eventually('it is given up', () => states.includes('offline'), 20_000)
  proxy.delayMs = 0
  // The next connection may have been begun before that.
  proxy.cut()
  await isOnline(alice)
})

test('a send that nobody answers fails after its time, and is sent again under the same key when asked to', async () => {
  const { group, owner } = await service.group('alice')
  using alice = client('alice', { sendTimeoutMs: 50 })
  await isOnline(alice)
  proxy.refusing = true
  proxy.cut()
  await eventually('it is away', () => alice.chat.state !== 'online')
  await assert.rejects(alice.chat.group(group.id).send('late', { clientId: 'late' }), refusedWith('timeout'))
  proxy.refusing = false
  await isOnline(alice)
  alice.chat.retry('late')
  await eventually('it is sent', () => alice.chat.pending.length === 0)
  assert.deepEqual(
    (await owner.history(group.id)).map(({ content }) => content),
    ['late'],
  )
})

test('handlers may throw; iterators tell the same events, of one group too, and end with the client', async () => {
  const errors: unknown[] = []
  const { group } = await service.group('alice')
  const { group: other } = await service.group('alice')
  using alice = client('alice', { onError: (error) => errors.push(error) })
  await isOnline(alice)
  const stop = alice.chat.on('message', () => {
    throw new Error('of the application')
  })
  const told = (async () => {
    const contents: string[] = []
    for await (const event of alice.chat.events({ group: group.id }))
      if (event.type === 'new_message') contents.push(event.message.content)
    return contents
  })()
  await alice.chat.group(group.id).send('one')
  await alice.chat.group(other.id).send('elsewhere')
  await eventually('all came', () => errors.length === 2)
  stop()
  await alice.chat.group(group.id).send('two')
  await eventually('the last came', () => alice.contents(group.id).length === 2)
  alice.chat.close()
  assert.deepEqual([await told, errors.length], [['one', 'two'], 2])
})

test('the routes of the API are methods: ids first, then what goes with them', async () => {
  using alice = client('alice')
  const { chat } = alice
  const group = await chat.groups.create({ name: 'made here', authorized_user_ids: ['bob'] })
  await chat.groups.create({ name: 'another' })
  const names: (string | null)[] = []
  for await (const each of chat.groups.all()) names.push(each.name)
  assert.ok(names.includes('made here'))
  const page = await chat.groups.list({ page_size: 1 })
  assert.deepEqual([page.groups.length, page.has_more], [1, true])
  const message = await chat.group(group.id).send('👋')
  assert.deepEqual((await chat.group(group.id).react(message.id, '👍')).my_reactions, ['👍'])
  assert.equal((await chat.messages.edit(message.id, 'edited')).content, 'edited')
  assert.equal((await chat.group(group.id).history({ limit: 5 })).messages[0]?.content, 'edited')
  assert.equal((await chat.groups.members(group.id)).members.length, 2)
  assert.equal((await chat.groups.addMember(group.id, 'carol')).user_id, 'carol')
  assert.equal((await chat.groups.changeMember(group.id, 'carol', { role: 'admin' })).role, 'admin')
  await chat.groups.ban(group.id, 'carol', { reason: 'noise' })
  const { code } = await chat.groups.invite(group.id, { max_uses: 1 })
  using dora = client('dora')
  assert.equal((await dora.chat.groups.accept(code)).id, group.id)
  await dora.chat.groups.leave(group.id)
  assert.equal((await chat.groups.markRead(group.id, 1)).unread_count, 0)
  await chat.group(group.id).delete(message.id)
  await assert.rejects(chat.messages.get(message.id), refusedWith('not_found'))
  await assert.rejects(chat.groups.create({ name: '' }), (error: ChatError) => {
    assert.deepEqual([error.code, error.status, error.errors?.[0]?.field], ['invalid', 422, 'name'])
    return true
  })
})
