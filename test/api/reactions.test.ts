import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import type { ReactionView } from '../../src/domain/reaction.ts'
import { startRest } from '../support/rest.ts'
import { numbers } from '../support/samples.ts'
import type { Frame } from '../support/socket.ts'

const { call, group, send, close, service } = await startRest({ RATE_LIMIT_REACTIONS: '0' })
after(close)

interface Reacted {
  reactions: ReactionView[]
  my_reactions: string[]
}
type Answered = MessageView & Reacted

const at = (messageId: string, emoji: string) =>
  `/messages/${messageId}/reactions/${encodeURIComponent(emoji)}`
const react = (as: string, { id }: { id: string }, emoji: string) =>
  call<Reacted>('PUT', at(id, emoji), { as })
const unreact = (as: string, { id }: { id: string }, emoji: string) =>
  call<Reacted>('DELETE', at(id, emoji), { as })

test('who reacts is answered all reactions and their own, and again changes nothing', async () => {
  const { id } = await group('alice', 'bob')
  const message = await send(id, 'hello', { as: 'alice' })
  const first = await react('alice', message, '❤')
  const ours = { reactions: [{ emoji: '❤️', count: 1, user_ids: ['alice'] }], my_reactions: ['❤️'] }
  assert.deepEqual([first.status, first.body], [200, ours])
  assert.deepEqual((await react('alice', message, '❤️')).body, ours, 'both spellings are one')
  const both = (await react('bob', message, '🎉')).body
  assert.deepEqual(both.my_reactions, ['🎉'])
  assert.deepEqual(
    both.reactions.map(({ emoji, count }) => [emoji, count]),
    [
      ['❤️', 1],
      ['🎉', 1],
    ],
  )
  const left = { reactions: [{ emoji: '🎉', count: 1, user_ids: ['bob'] }], my_reactions: [] }
  for (const _ of [1, 2]) {
    const gone = await unreact('alice', message, '❤')
    assert.deepEqual([gone.status, gone.body], [200, left])
  }
})

test('a message is answered with its reactions, and to each with their own', async () => {
  const { id } = await group('alice', 'bob')
  const [plain, liked] = [
    await send(id, 'plain', { as: 'alice' }),
    await send(id, 'liked "quoted"', { as: 'alice' }),
  ]
  await react('alice', liked, '👍')
  await react('bob', liked, '👍')
  await react('bob', liked, '😀')
  const mine = { alice: ['👍'], bob: ['👍', '😀'], 'root (admin)': [] }
  const path = `/messages/${liked.id}`
  for (const [as, own] of Object.entries(mine)) {
    const one = (await call<Answered>('GET', path, { as })).body
    assert.deepEqual([one.my_reactions, one.reactions[0]?.count], [own, 2], as)
    for (const query of ['', '?order=asc', `?before=9`, '?after=0', '']) {
      const page = await call<{ messages: Answered[]; total: number }>(
        'GET',
        `/groups/${id}/messages${query}`,
        { as },
      )
      const found = new Map(page.body.messages.map((each) => [each.id, each]))
      assert.deepEqual(found.get(liked.id), one, `${as} ${query}`)
      assert.deepEqual(found.get(plain.id)?.my_reactions, [])
      assert.equal(page.body.total, 2)
    }
  }
  const edited = await call<Answered>('PUT', path, { as: 'alice', body: { content: 'better' } })
  assert.deepEqual(edited.body.my_reactions, ['👍'])
  await unreact('bob', liked, '😀')
  const { body } = await call<{ messages: Answered[] }>('GET', `/groups/${id}/messages`, { as: 'bob' })
  assert.deepEqual(body.messages[0]?.my_reactions, ['👍'], 'a page is as it is now')
})

test('what is no emoji is told so, as is a message that takes no more', async () => {
  const { id } = await group('alice')
  const message = await send(id, 'hello', { as: 'alice' })
  for (const emoji of ['a', '👍👍', '1', 'thumbsup']) {
    const refused = await call('PUT', at(message.id, emoji), { as: 'alice' })
    assert.deepEqual([refused.status, refused.body.errors?.[0]?.field], [422, 'emoji'], emoji)
  }
  const emojis = numbers(0, 49).map((n) => String.fromCodePoint(0x1f400 + n))
  for (const emoji of emojis) assert.equal((await react('alice', message, emoji)).status, 200, emoji)
  const refused = await call('PUT', at(message.id, '👍'), { as: 'alice' })
  assert.deepEqual([refused.status, refused.body.code], [409, 'limit_reached'])
  await call('DELETE', `/messages/${message.id}`, { as: 'alice' })
  assert.equal((await react('alice', message, '👍')).status, 404)
})

test('sockets react, and hear of it: the state, and what changed', async () => {
  const { id } = await group('alice', 'bob')
  const message = await send(id, 'hello', { as: 'alice' })
  const [alice, bob] = [await service.socket('alice', `/ws/${id}`), await service.socket('bob', '/ws')]
  const reactions = [{ emoji: '👍', count: 1, user_ids: ['bob'] }]
  const ack = await bob.ask({ type: 'react', message_id: message.id, emoji: '👍' })
  assert.deepEqual(
    [ack.type, ack.message_id, ack.reactions, ack.my_reactions],
    ['ack', message.id, reactions, ['👍']],
  )
  const told = await alice.next('reactions')
  assert.deepEqual(told, {
    type: 'reactions',
    group_id: id,
    message_id: message.id,
    reactions,
    changed: [{ emoji: '👍', user_id: 'bob', added: true }],
    cursor: told.cursor,
  })
  assert.equal((await bob.ask({ type: 'unreact', message_id: message.id, emoji: '👍' })).type, 'ack')
  assert.deepEqual((await alice.next('reactions')).reactions, [])
  const refused = await bob.ask({ type: 'react', message_id: message.id, emoji: 'b' })
  assert.equal(refused.code, 'invalid')
  await Promise.all([alice.close(), bob.close()])
})

test('many who react at once are told together, at most four times a second', async () => {
  const users = numbers(1, 40).map((n) => `user-${n}`)
  const { id } = await group('alice', ...users)
  const message = await send(id, 'hello', { as: 'alice' })
  const listener = await service.socket('alice', `/ws/${id}`)
  const started = performance.now()
  await Promise.all(users.map((user) => react(user, message, '👍')))
  const told = () => listener.frames.filter(({ type }) => type === 'reactions')
  const changed = () => told().flatMap((frame) => frame.changed as { user_id: string }[])
  while (changed().length < users.length) await listener.next('reactions')
  const seconds = (performance.now() - started) / 1_000
  assert.ok(told().length <= 2 + 4 * seconds, `${told().length} times in ${seconds} s`)
  assert.deepEqual(
    changed()
      .map(({ user_id }) => user_id)
      .sort(),
    users.toSorted(),
  )
  const last = told().at(-1) ?? assert.fail()
  const [kind] = last.reactions as ReactionView[]
  assert.deepEqual([kind?.count, kind?.user_ids.length], [40, 20])
  await listener.close()
})

test('who comes back is told each message once, in its present form, over REST and sockets alike', async () => {
  const { id } = await group('alice', 'bob')
  const [old, other] = [await send(id, 'old', { as: 'alice' }), await send(id, 'other', { as: 'alice' })]
  const page = (query: string) =>
    call<{ events: Record<string, unknown>[]; cursor: string }>('GET', `/groups/${id}/events${query}`, {
      as: 'alice',
    })
  const { cursor } = (await page('')).body
  for (const emoji of ['👍', '🎉', '😀']) {
    await react('alice', old, emoji)
    await react('bob', old, emoji)
  }
  await unreact('bob', old, '🎉')
  await react('bob', other, '👍')
  const latest = await send(id, 'new', { as: 'bob' })
  await react('alice', latest, '😎')

  const { events } = (await page(`?after=${cursor}`)).body
  assert.deepEqual(
    events.map(({ type, message_id, reactions, changed }) => [
      type,
      message_id,
      (reactions as ReactionView[] | undefined)?.map(({ emoji, count }) => `${emoji}${count}`).join(),
      changed,
    ]),
    [
      ['reactions', old.id, '👍2,🎉1,😀2', undefined],
      ['reactions', other.id, '👍1', undefined],
      ['new_message', undefined, undefined, undefined],
    ],
  )
  const { message: told } = events[2] ?? {}
  const expected = [{ emoji: '😎', count: 1, user_ids: ['alice'] }]
  assert.deepEqual((told as MessageView).reactions, expected)
  const socket = await service.socket('alice', `/ws/${id}`, { after: cursor })
  await socket.next('new_message')
  const heard = socket.frames.filter(({ cursor, type }) => cursor && type !== 'connected')
  assert.deepEqual(heard, events)
  await socket.close()
})

test('who comes back while others react misses nothing, and is told what comes after', async () => {
  const users = numbers(1, 12).map((n) => `user-${n}`)
  const { id } = await group('alice', ...users)
  const message = await send(id, 'hello', { as: 'alice' })
  const watcher = await service.socket('alice', `/ws/${id}`)
  const { cursor } = (await call<{ cursor: string }>('GET', `/groups/${id}/events`, { as: 'alice' })).body
  const countOf = (frame: Frame) => (frame.reactions as ReactionView[])[0]?.count
  for (const round of numbers(1, 4)) {
    const some = users.slice(3 * (round - 1), 3 * round)
    await Promise.all(some.map((user) => react(user, message, '👍')))
    // Some of them are held back from the watcher now.
    const back = await service.socket('alice', `/ws/${id}`, { after: cursor })
    const told = await back.next('reactions')
    assert.equal(countOf(told), 3 * round)
    await unreact(some[0] ?? '', message, '👍')
    assert.equal(countOf(await back.next('reactions')), 3 * round - 1)
    await react(some[0] ?? '', message, '👍')
    assert.equal(countOf(await back.next('reactions')), 3 * round)
    assert.equal(back.frames.filter(({ type }) => type === 'resync').length, 0)
    await back.close()
  }
  await watcher.next((frame) => frame.type === 'reactions' && countOf(frame) === users.length)
  await watcher.close()
})
