import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import { tokenFor } from '../support/process.ts'
import { namedUser } from '../support/samples.ts'
import { startService, type TestService } from '../support/service.ts'
import { type Frame, openSocket, RefusedUpgrade, type TestSocket } from '../support/socket.ts'

let service: TestService
before(async () => {
  service = await startService()
})
after(() => service[Symbol.asyncDispose]())

const typings = ({ frames }: TestSocket) => frames.filter(({ type }) => type === 'typing')
const message = (frame: Frame) => frame.message as MessageView

async function refusal(
  opening: Promise<unknown>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  try {
    await opening
  } catch (error) {
    if (error instanceof RefusedUpgrade) return { status: error.status, body: await error.body }
    throw error
  }
  throw new Error('the socket opened')
}

describe('connecting', () => {
  test('the first frame is connected, with a cursor to start from', async () => {
    const { group, path } = await service.group('alice', 'bob')
    const socket = await service.socket('bob', path)
    const connected = await socket.next('connected')
    assert.equal(connected.message, `Connected to group ${group.id}`)
    assert.equal(connected.user_id, 'bob')
    assert.equal(connected.group_id, group.id)
    assert.match(String(connected.cursor), /^[a-z0-9]+\.0\.0$/)
    await socket.close()
  })

  test('the token may come as a header, or as a subprotocol beside chat.v1', async () => {
    const { path } = await service.group('alice', 'bob')
    const token = await tokenFor('bob')
    const byHeader = await openSocket(service.base + path, { headers: { authorization: `Bearer ${token}` } })
    const byProtocol = await openSocket(service.base + path, { protocols: ['chat.v1', `bearer.${token}`] })
    assert.equal(byProtocol.ws.protocol, 'chat.v1')
    await Promise.all([byHeader.close(), byProtocol.close()])
  })

  test('who may not connect is answered over HTTP', async () => {
    const { path } = await service.group('alice', 'bob')
    const nowhere = '/ws/0123456789abcdef01234567'
    const token = await tokenFor('bob')
    const expired = await tokenFor('bob', { ttlS: -60 })
    const cases: [number, string, () => Promise<unknown>][] = [
      [401, 'unauthenticated', () => openSocket(service.base + path)],
      [401, 'unauthenticated', () => openSocket(service.base + path, { token: 'not.a.token' })],
      [401, 'unauthenticated', () => openSocket(service.base + path, { token: expired })],
      [403, 'forbidden', () => service.socket('mallory', path)],
      [
        403,
        'forbidden',
        () => openSocket(service.base + path, { token, headers: { origin: 'https://evil.example' } }),
      ],
      [404, 'not_found', () => service.socket('bob', nowhere)],
      [404, 'not_found', () => service.socket('bob', '/ws/nothing')],
      [404, 'not_found', () => service.socket('bob', '/elsewhere')],
      [400, 'malformed', () => service.socket('bob', path, { after: 'nonsense', token })],
    ]
    for (const [status, code, opening] of cases) {
      const refused = await refusal(opening())
      assert.equal(refused.status, status)
      assert.equal(refused.body.code, code)
      assert.equal(typeof refused.body.detail, 'string')
    }
  })

  test('a page of an allowed origin, or of our own, may connect', async () => {
    const { path } = await service.group('alice', 'bob')
    for (const origin of ['http://localhost:3000', service.url]) {
      const socket = await openSocket(service.base + path, {
        token: await tokenFor('bob'),
        headers: { origin },
      })
      await socket.close()
    }
  })

  test('the token in the query is in no log line', async () => {
    const { path } = await service.group('alice', 'bob')
    const token = await tokenFor('bob')
    await (await openSocket(service.base + path, { token })).close()
    await refusal(openSocket(service.base + path, { token: `${token}x` }))
    assert.ok(service.logged.length > 0)
    assert.ok(!service.logged.join('\n').includes(token.slice(0, 40)))
  })
})

describe('talking', () => {
  test('ping is answered with pong, and an answer names the frame it is for', async () => {
    const { path } = await service.group('alice', 'bob')
    const socket = await service.socket('bob', path)
    assert.deepEqual(await socket.ask({ type: 'ping' }), { type: 'pong', re: 'ask-1' })
    await socket.close()
  })

  test('a message is acknowledged, and heard by all, the sender included, with its client_id', async () => {
    const { owner: alice, path, group } = await service.group('alice', 'bob')
    const [one, two] = await Promise.all([service.socket('alice', path), service.socket('bob', path)])
    const ack = await one.ask({ type: 'message', content: 'hello', client_id: 'k1' })
    assert.equal(ack.type, 'ack')
    assert.equal('cursor' in ack, false)
    for (const socket of [one, two]) assert.deepEqual(message(await socket.next('new_message')), ack.message)
    assert.equal(message(ack).client_id, 'k1')
    const { body } = await alice.call('GET', `/groups/${group.id}/messages`)
    assert.deepEqual(body.messages, [{ ...message(ack), my_reactions: [] }])
    await Promise.all([one.close(), two.close()])
  })

  test('what is done over REST is heard on the socket', async () => {
    const { owner: alice, path, group } = await service.group('alice', 'bob')
    const socket = await service.socket('bob', path)
    const sent = await alice.send(group.id, 'one')
    assert.deepEqual(message(await socket.next('new_message')), sent)
    const { body: edited } = await alice.call('PUT', `/messages/${sent.id}`, { body: { content: 'two' } })
    assert.deepEqual({ ...message(await socket.next('message_updated')), my_reactions: [] }, edited)
    await alice.call('DELETE', `/messages/${sent.id}`)
    const deleted = await socket.next('message_deleted')
    assert.deepEqual([deleted.message_id, deleted.seq], [sent.id, 1])
    await alice.call('PUT', `/groups/${group.id}`, { body: { name: 'renamed' } })
    assert.equal((await socket.next('group_updated')).group_id, group.id)
    await socket.close()
  })

  test('edit and delete are acknowledged and heard', async () => {
    const { path } = await service.group('alice', 'bob')
    const [one, two] = await Promise.all([service.socket('alice', path), service.socket('bob', path)])
    const sent = message(await one.ask({ type: 'message', content: 'x' }))
    const edited = message(await one.ask({ type: 'edit', message_id: sent.id, content: 'y' }))
    assert.deepEqual([edited.content, edited.ver], ['y', 2])
    assert.deepEqual(message(await two.next('message_updated')), edited)
    const deleted = message(await one.ask({ type: 'delete', message_id: sent.id }))
    assert.deepEqual([deleted.is_deleted, deleted.content], [true, ''])
    assert.equal((await two.next('message_deleted')).message_id, sent.id)
    assert.equal((await two.ask({ type: 'edit', message_id: sent.id, content: 'z' })).code, 'forbidden')
    assert.equal((await one.ask({ type: 'edit', message_id: sent.id, content: 'z' })).code, 'not_found')
    await Promise.all([one.close(), two.close()])
  })

  test('typing is told to the others, once in 3 s', async () => {
    const { path } = await service.group('alice', 'bob')
    const [one, two] = await Promise.all([service.socket('alice', path), service.socket('bob', path)])
    for (let i = 0; i < 20; i++) one.send({ type: 'typing', content: 'start' })
    await one.ask({ type: 'ping' })
    const heard = await two.next('typing')
    assert.deepEqual(heard, {
      type: 'typing',
      group_id: path.slice(4),
      ...namedUser('alice'),
      state: 'start',
      content: 'start',
    })
    await two.ask({ type: 'ping' })
    assert.equal(typings(two).length, 1)
    assert.equal(typings(one).length, 0)
    await Promise.all([one.close(), two.close()])
  })

  test('typing is a state: a stop, a message, the end of the socket or of its time ends it', async () => {
    await using own = await startService()
    const { path, group, owner: alice } = await own.group('alice', 'bob')
    const [one, two] = await Promise.all([own.socket('alice', path), own.socket('bob', path)])
    const next = async () => (await two.next('typing')).state
    const begin = async (socket = one) => {
      own.advance(3_000)
      socket.send({ type: 'typing' })
      assert.equal(await next(), 'start')
    }
    await begin()
    one.send({ type: 'typing', content: 'stop' })
    assert.equal(await next(), 'stop')
    await begin()
    one.send({ type: 'typing', state: 'stop' })
    assert.equal(await next(), 'stop')
    await begin()
    await one.ask({ type: 'message', content: 'done' })
    assert.equal(await next(), 'stop')
    await begin()
    await alice.send(group.id, 'over REST')
    assert.equal(await next(), 'stop')
    await begin()
    own.advance(6_000)
    assert.equal(await next(), 'stop')
    const all = await own.socket('alice', '/ws')
    all.send({ type: 'typing', group_id: group.id })
    assert.equal(await next(), 'start')
    await one.close()
    await all.ask({ type: 'ping' })
    assert.equal(typings(two).at(-1)?.state, 'start', 'another socket of the same user ended')
    all.ws.terminate()
    assert.equal(await next(), 'stop')
    await two.close()
  })

  test('joins and leaves are told with the number of open connections', async () => {
    const { path } = await service.group('alice', 'bob')
    const watcher = await service.socket('alice', path)
    const tabs = [await service.socket('bob', path), await service.socket('bob', path)]
    assert.equal((await watcher.next('user_joined')).connection_count, 2)
    for (const tab of tabs) await tab.close()
    assert.equal((await watcher.next('user_left')).connection_count, 1)
    assert.equal(watcher.frames.filter((frame) => frame.type === 'user_joined').length, 1)
    await watcher.close()
  })

  test('a frame that is wrong is answered, and the socket stays; too many close it with 4502', async () => {
    const { path } = await service.group('alice', 'bob')
    const socket = await service.socket('bob', path)
    const wrong: [string, string][] = [
      ['not json', 'malformed'],
      ['[]', 'malformed'],
      ['{"type":"nonsense"}', 'malformed'],
      ['{"type":"constructor"}', 'malformed'],
      ['{"type":"message"}', 'invalid'],
      ['{"type":"message","content":" "}', 'invalid'],
      ['{"type":"message","content":{"$gt":""}}', 'invalid'],
      ['{"type":"edit","message_id":"x","content":"y"}', 'invalid'],
    ]
    for (const [text, code] of wrong) {
      socket.ws.send(text)
      assert.equal((await socket.next('error')).code, code)
    }
    assert.equal((await socket.ask({ type: 'ping' })).type, 'pong')
    for (let i = 0; i < 30; i++)
      assert.equal((await socket.ask({ type: 'message', content: ' ' })).code, 'invalid')
    for (let i = 0; i < 16; i++) socket.ws.send('{}')
    assert.equal((await socket.closed).code, 4502)
  })

  test('a clock that is set back stops nothing: neither typing, nor limits, nor the count of bad frames', async () => {
    await using own = await startService({ RATE_LIMIT_MESSAGES: '1' })
    const { id } = await (await own.api('alice')).createGroup('a group', ['bob'])
    const [alice, bob] = [await own.socket('alice', `/ws/${id}`), await own.socket('bob', `/ws/${id}`)]
    bob.send({ type: 'typing' })
    await alice.next('typing')
    assert.equal((await bob.ask({ type: 'message', content: 'one' })).type, 'ack')
    for (let i = 0; i < 19; i++) {
      bob.ws.send('junk')
      await bob.next('error')
    }
    own.setBack(3_600_000)
    own.advance(60_000)
    bob.ws.send('junk')
    bob.send({ type: 'typing' })
    await alice.next('typing')
    assert.equal((await bob.ask({ type: 'message', content: 'two' })).type, 'ack')
    await Promise.all([alice.close(), bob.close()])
  })

  test('unreadable frames that come seldom close nothing', async () => {
    await using own = await startService()
    const { id } = await (await own.api('alice')).createGroup('a group', ['bob'])
    const socket = await own.socket('bob', `/ws/${id}`)
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 19; i++) {
        socket.ws.send('junk')
        await socket.next('error')
      }
      own.advance(60_000)
    }
    assert.equal((await socket.ask({ type: 'ping' })).type, 'pong')
    await socket.close()
  })

  test('a frame over the limit closes with 1009, a binary one with 1008', async () => {
    const { path } = await service.group('alice', 'bob')
    const big = await service.socket('bob', path)
    big.ws.send('x'.repeat(192 * 1024 + 1))
    assert.equal((await big.closed).code, 1009)
    const binary = await service.socket('bob', path)
    binary.ws.send(Buffer.from([1, 2, 3]))
    assert.equal((await binary.closed).code, 1008)
  })

  test('the same client_id and content is answered with the first message; other content is a conflict', async () => {
    const { owner: alice, path, group } = await service.group('alice', 'bob')
    const socket = await service.socket('alice', path)
    const [first, second] = await Promise.all(
      [1, 2].map(() => socket.ask({ type: 'message', content: 'a', client_id: 'k' })),
    )
    assert.deepEqual(second?.message, first?.message)
    const rest = await alice.call('POST', `/groups/${group.id}/messages`, {
      body: { content: 'a' },
      headers: { 'idempotency-key': 'k' },
    })
    assert.deepEqual([rest.status, rest.body], [200, { ...(first?.message as object), my_reactions: [] }])
    assert.equal((await socket.ask({ type: 'message', content: 'b', client_id: 'k' })).code, 'conflict')
    assert.equal(socket.frames.filter((frame) => frame.type === 'new_message').length, 1)
    await socket.close()
  })
})

describe('resuming', () => {
  test('what was missed comes once and in order, then what is live', async () => {
    const { owner: alice, path, group } = await service.group('alice', 'bob')
    const first = await service.socket('bob', path)
    const one = await alice.send(group.id, 'one')
    const { cursor } = await first.next('new_message')
    await first.close()
    const two = await alice.send(group.id, 'two')
    const three = await alice.send(group.id, 'three')
    await alice.call('PUT', `/messages/${one.id}`, { body: { content: 'ONE' } })
    await alice.call('DELETE', `/messages/${two.id}`)
    const again = await service.socket('bob', path, { after: String(cursor) })
    const four = await alice.send(group.id, 'four')
    await again.next((frame) => frame.type === 'new_message' && message(frame).seq === 4)
    const heard = again.frames.filter((frame) => 'cursor' in frame && frame.type !== 'connected')
    assert.deepEqual(
      heard.map((frame) => [frame.type, frame.seq ?? message(frame).content]),
      [
        ['message_deleted', 2],
        ['new_message', three.content],
        ['message_updated', 'ONE'],
        ['new_message', four.content],
      ],
    )
    await again.close()
  })

  test('REST answers the very same events', async () => {
    const { owner: alice, path, group } = await service.group('alice', 'bob')
    const { body: start } = await alice.call('GET', `/groups/${group.id}/events`)
    for (let i = 0; i < 5; i++) {
      const sent = await alice.send(group.id, `${i}`)
      if (i % 2) await alice.call('PUT', `/messages/${sent.id}`, { body: { content: `${i}!` } })
    }
    const socket = await service.socket('bob', path, { after: String(start.cursor) })
    const pages: Frame[] = []
    for (let after = String(start.cursor), more = true; more; ) {
      const { body } = await alice.call('GET', `/groups/${group.id}/events?after=${after}&limit=2`)
      pages.push(...(body.events as Frame[]))
      after = String(body.cursor)
      more = Boolean(body.has_more)
    }
    await socket.next((frame) => frame.type === 'new_message' && message(frame).seq === 5)
    assert.deepEqual(
      socket.frames.filter((frame) => 'cursor' in frame && frame.type !== 'connected'),
      pages,
    )
    await socket.close()
  })

  test('a cursor that cannot be continued is answered with one resync, then live', async () => {
    const { owner: alice, path, group } = await service.group('alice', 'bob')
    await alice.send(group.id, 'one')
    const { body } = await alice.call('GET', `/groups/${group.id}/messages`)
    const [epoch] = String(body.cursor).split('.')
    for (const [after, reason] of [
      ['another.0.0', 'epoch'],
      [`${epoch}.99.0`, 'ahead'],
    ]) {
      const socket = await service.socket('bob', path, { after: String(after) })
      const resync = await socket.next('resync')
      assert.deepEqual([resync.reason, resync.cursor, resync.group_id], [reason, body.cursor, group.id])
      assert.deepEqual((await alice.call('GET', `/groups/${group.id}/events?after=${after}`)).body.events, [
        resync,
      ])
      await socket.close()
    }
  })

  test('more than MAX_REPLAY events behind is a resync; exactly that many are replayed', async () => {
    await using small = await startService({ MAX_REPLAY: '10' })
    const alice = await small.api('alice')
    const group = await alice.createGroup('g', [])
    const { body: start } = await alice.call('GET', `/groups/${group.id}/events`)
    for (let i = 0; i < 10; i++) await alice.send(group.id, `${i}`)
    const whole = await small.socket('alice', `/ws/${group.id}`, { after: String(start.cursor) })
    await whole.next((frame) => frame.type === 'new_message' && message(frame).seq === 10)
    await alice.send(group.id, 'one more')
    const refused = await small.socket('alice', `/ws/${group.id}`, { after: String(start.cursor) })
    assert.equal((await refused.next('resync')).reason, 'too_far_behind')
    await Promise.all([whole.close(), refused.close()])
  })
})

describe('edits that somebody missed', () => {
  test('use up MAX_REPLAY by the messages that they are of, not by how many they are', async () => {
    await using small = await startService({ MAX_REPLAY: '10' })
    const alice = await small.api('alice')
    const group = await alice.createGroup('g', ['bob'])
    const path = `/ws/${group.id}`
    const sent: MessageView[] = []
    for (let i = 0; i < 12; i++) sent.push(await alice.send(group.id, `${i}`))
    const { body: start } = await alice.call('GET', `/groups/${group.id}/events`)
    const after = String(start.cursor)
    const edit = (i: number, content: string) =>
      alice.call('PUT', `/messages/${sent[i]?.id}`, { body: { content } })

    // Nine messages are sent meanwhile, one that was seen is edited 60 times, and one of the new ones 20 times.
    const missed: MessageView[] = []
    for (let i = 0; i < 9; i++) missed.push(await alice.send(group.id, `new ${i}`))
    for (let i = 0; i < 60; i++) await edit(0, `edit ${i}`)
    for (let i = 0; i < 20; i++)
      await alice.call('PUT', `/messages/${missed[0]?.id}`, { body: { content: `new edit ${i}` } })
    const socket = await small.socket('bob', path, { after })
    await socket.next((frame) => frame.type === 'message_updated')
    const heard = socket.frames.filter((frame) => 'cursor' in frame && frame.type !== 'connected')
    assert.deepEqual(
      heard.map((frame) => message(frame).content),
      ['new edit 19', ...missed.slice(1).map(({ content }) => content), 'edit 59'],
    )
    await socket.close()

    // REST tells the same, page by page, though each page but the first begins in the middle of it.
    const told: Frame[] = []
    for (let cursor = after, more = true; more; ) {
      const { body } = await alice.call('GET', `/groups/${group.id}/events?after=${cursor}&limit=7`)
      told.push(...(body.events as Frame[]))
      cursor = String(body.cursor)
      more = Boolean(body.has_more)
    }
    assert.deepEqual(
      told.map((event) => message(event).content),
      heard.map((frame) => message(frame).content),
    )

    // A second message that was seen makes eleven events.
    await edit(1, 'one too many')
    const refused = await small.socket('bob', path, { after })
    assert.equal((await refused.next('resync')).reason, 'too_far_behind')
    await refused.close()
  })

  test('are told once each way in which a message changed, and not at all but its end when it is gone', async () => {
    await using small = await startService({ MAX_REPLAY: '4' })
    const alice = await small.api('alice')
    const group = await alice.createGroup('g', [])
    const [kept, gone, last] = await Promise.all(
      ['kept', 'gone', 'last'].map((content) => alice.send(group.id, content)),
    )
    assert.ok(kept && gone && last)
    const { body: start } = await alice.call('GET', `/groups/${group.id}/events`)
    const edit = (id: string, content: string) => alice.call('PUT', `/messages/${id}`, { body: { content } })
    const react = (method: 'PUT' | 'DELETE', id: string, emoji: string) =>
      alice.call(method, `/messages/${id}/reactions/${encodeURIComponent(emoji)}`)
    for (let i = 0; i < 8; i++) {
      await edit(kept.id, `edit ${i}`)
      await react(i % 2 ? 'DELETE' : 'PUT', kept.id, '🎉')
      await react('PUT', gone.id, i % 2 ? '👍' : '❤️')
      await alice.call(i % 2 ? 'DELETE' : 'PUT', `/messages/${kept.id}/pin`)
      await edit(gone.id, `edit ${i}`)
    }
    await alice.call('PUT', `/messages/${gone.id}/pin`)
    await alice.call('DELETE', `/messages/${gone.id}`)
    const { body } = await alice.call('GET', `/groups/${group.id}/events?after=${start.cursor}&limit=100`)
    const told = body.events as Frame[]
    const rest = (await alice.call('GET', `/groups/${group.id}/events?after=${body.cursor}&limit=100`)).body
    assert.deepEqual(
      [...told, ...(rest.events as Frame[])].map((event) => [event.type, event.message_id]),
      [
        ['message_updated', undefined],
        ['reactions', kept.id],
        ['message_unpinned', kept.id],
        ['message_deleted', gone.id],
      ],
    )
    const socket = await small.socket('alice', `/ws/${group.id}`, { after: String(start.cursor) })
    await socket.next('message_deleted')
    assert.equal(socket.frames.length, 5)
    await socket.close()
    await react('PUT', last.id, '👍')
    const refused = await small.socket('alice', `/ws/${group.id}`, { after: String(start.cursor) })
    assert.equal((await refused.next('resync')).reason, 'too_far_behind', 'five are too many')
    await refused.close()
  })
})

describe('the end of access', () => {
  test('a token that expires closes its socket with 4001; a new one in time keeps it open', async () => {
    await using own = await startService()
    const alice = await own.api('alice')
    const group = await alice.createGroup('g', [])
    const path = `/ws/${group.id}`
    const short = await tokenFor('alice', { ttlS: 30 })
    const [ends, stays] = await Promise.all([1, 2].map(() => own.socket('alice', path, { token: short })))
    assert.ok(ends && stays)
    const renewed = await stays.ask({ type: 'auth', token: await tokenFor('alice', { ttlS: 7_200 }) })
    assert.equal(renewed.type, 'ack')
    assert.equal((await stays.ask({ type: 'auth', token: await tokenFor('bob') })).code, 'forbidden')
    assert.equal((await stays.ask({ type: 'auth', token: 'x' })).code, 'unauthenticated')
    own.advance(36_000)
    stays.ws.ping()
    assert.equal((await ends.closed).code, 4001)
    assert.equal((await stays.ask({ type: 'ping' })).type, 'pong')
    await stays.close()
  })

  test('who is removed is closed with 4500, the others hear of it', async () => {
    const { owner: alice, path, group } = await service.group('alice', 'bob')
    const [watcher, removed] = await Promise.all([service.socket('alice', path), service.socket('bob', path)])
    await alice.call('PUT', `/groups/${group.id}`, { body: { authorized_user_ids: ['alice'] } })
    assert.equal((await removed.closed).code, 4500)
    assert.equal((await watcher.next('member_removed')).user_id, 'bob')
    assert.equal((await refusal(service.socket('bob', path))).status, 403)
    await watcher.close()
  })

  test('a deleted group closes its sockets with 4501', async () => {
    const { owner: alice, path, group } = await service.group('alice', 'bob')
    const socket = await service.socket('bob', path)
    await alice.call('DELETE', `/groups/${group.id}`)
    assert.equal((await socket.next('group_deleted')).group_id, group.id)
    assert.equal((await socket.closed).code, 4501)
  })
})

describe('one socket for all groups', () => {
  test('connected lists the groups, all of them are heard, and new ones join', async () => {
    const carol = await service.api('carol')
    const groups = [await carol.createGroup('one', ['dave']), await carol.createGroup('two', ['dave'])]
    await carol.send(groups[0]?.id ?? '', 'before')
    const socket = await service.socket('dave', '/ws')
    const connected = await socket.next('connected')
    assert.equal(connected.total, 2)
    const listed = connected.groups as { group_id: string; name: string; seq: number; cursor: string }[]
    assert.deepEqual(listed.map(({ name, seq }) => [name, seq]).sort(), [
      ['one', 1],
      ['two', 0],
    ])
    for (const group of groups) {
      await carol.send(group.id, `to ${group.name}`)
      assert.equal((await socket.next('new_message')).group_id, group.id)
    }
    const third = await carol.createGroup('three', ['dave'])
    assert.equal((await socket.next('subscribed')).group_id, third.id)
    await carol.send(third.id, 'hello')
    assert.equal((await socket.next('new_message')).group_id, third.id)
    const ack = await socket.ask({ type: 'message', group_id: third.id, content: 'hi' })
    assert.equal(message(ack).group_id, third.id)
    assert.equal((await socket.ask({ type: 'message', content: 'hi' })).code, 'invalid')
    await carol.call('PUT', `/groups/${third.id}`, { body: { authorized_user_ids: ['carol'] } })
    const lost = await socket.next('unsubscribed')
    assert.deepEqual([lost.group_id, lost.code], [third.id, 4500])
    assert.equal((await socket.ask({ type: 'ping' })).type, 'pong')
    await socket.close()
  })

  test('subscribe=none begins with nothing; each group is resumed with a cursor of its own', async () => {
    const erin = await service.api('erin')
    const group = await erin.createGroup('one', [])
    const { body } = await erin.call('GET', `/groups/${group.id}/messages`)
    await erin.send(group.id, 'missed')
    const socket = await service.socket('erin', '/ws?subscribe=none')
    assert.deepEqual((await socket.next('connected')).groups, [])
    await erin.send(group.id, 'missed too')
    await socket.ask({ type: 'subscribe', group_id: group.id, after: body.cursor })
    assert.equal(message(await socket.next('new_message')).content, 'missed')
    assert.equal(message(await socket.next('new_message')).content, 'missed too')
    await socket.ask({ type: 'unsubscribe', group_id: group.id })
    await erin.send(group.id, 'not heard')
    await socket.ask({ type: 'ping' })
    assert.equal(socket.frames.filter((frame) => frame.type === 'new_message').length, 2)
    const other = await (await service.api('frank')).createGroup('theirs', [])
    assert.equal((await socket.ask({ type: 'subscribe', group_id: other.id })).code, 'forbidden')
    await socket.close()
  })
})
