import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createWords } from '../../src/api/core/vocabulary.ts'
import type { Chat } from '../../src/chat/chat.ts'
import { createLive } from '../../src/chat/live.ts'
import type { Group } from '../../src/domain/group.ts'
import { createRateLimit } from '../../src/domain/rate.ts'
import { createHub } from '../../src/hub/hub.ts'
import { createEncode } from '../../src/ws/frame.ts'
import { InboxSession } from '../../src/ws/inbox-session.ts'
import type { SessionDeps } from '../../src/ws/session.ts'
import type { SessionSocket } from '../../src/ws/session-socket.ts'
import { temporaryStore } from '../store/open.ts'
import { inSomeTurn } from '../support/eventually.ts'
import { personOf } from '../support/people.ts'
import { aGroup, aSend } from '../support/samples.ts'
import { fakeSocket } from './fake-socket.ts'

const alice = { userId: 'alice', admin: false, expiresAt: Number.POSITIVE_INFINITY }
const words = createWords('/api/chat', personOf)
const noLimit = createRateLimit('anything', 0, () => 0)

test('a socket is replayed one group after the other, each when it has taken what came before', async () => {
  await using at = await temporaryStore()
  const { store } = at
  const encode = createEncode(store.epoch, words.event)
  const clock = () => performance.now()
  const hub = createHub({ store, onError: assert.fail, instanceId: 'one', now: Date.now, clock })
  const live = createLive({ store, hub, now: Date.now, rates: { typing: noLimit }, maxReplay: 100 })
  const groups: Group[] = []
  for (let n = 0; n < 3; n++) {
    const group = await aGroup(store, { members: ['alice'] })
    await store.messages.append(aSend(group, { content: 'missed' }), alice)
    groups.push(group)
  }

  /** Groups whose messages were written, in order; what is written is taken when the test says so. */
  const written: string[] = []
  let take = () => {}
  const socket: SessionSocket = {
    ...fakeSocket().socket,
    write(frames: Buffer) {
      const id = /"type":"new_message","group_id":"(\w+)"/.exec(frames.toString())?.[1]
      if (id) written.push(id)
    },
    drained: () => new Promise<void>((resolve) => (take = resolve)),
  }
  const deps = {
    chat: { live } as Chat,
    metrics: { socket: () => undefined, frame: () => undefined },
    rates: { requests: noLimit, tokens: noLimit, subscriptions: noLimit },
    correlation: { run: <T>(_id: string, work: () => T) => work() },
    words,
    encode,
    epoch: () => store.epoch,
  } as unknown as SessionDeps
  const session = new InboxSession(deps, socket, alice, 'id', await live.subscribeAll(alice, encode, 0))
  session.begin()
  const after = `${store.epoch}.0.0`
  for (const { id } of groups) session.receive(JSON.stringify({ type: 'subscribe', group_id: id, after }))

  for (const [i] of groups.entries()) {
    await inSomeTurn(() => written.length > i)
    for (let n = 0; n < 20; n++) await turn()
    assert.deepEqual(
      written,
      groups.slice(0, i + 1).map(({ id }) => id),
    )
    take()
  }
})

async function openSession(over: Partial<SessionDeps> = {}) {
  let at = 0
  const fake = fakeSocket()
  const logged: string[] = []
  const deps = {
    chat: {} as Chat,
    metrics: { socket: () => undefined, frame: () => undefined },
    rates: { requests: noLimit, tokens: noLimit, subscriptions: noLimit },
    refusalLines: { tryTake: () => true },
    log: { info: () => undefined, error: (event: string) => void logged.push(event) },
    correlation: { run: <T>(_id: string, work: () => T) => work() },
    words,
    clock: () => at,
    ...over,
  } as unknown as SessionDeps
  const nothing = {
    subscriptions: [],
    total: 0,
    known: [],
    onEvent: () => undefined,
    stop: () => undefined,
  }
  const session = new InboxSession(deps, fake.socket, alice, 'id', nothing)
  session.begin()
  assert.equal(fake.frames.shift()?.type, 'connected')
  const say = async (frame: unknown) => {
    session.receive(typeof frame === 'string' ? frame : JSON.stringify(frame))
    await turn()
    return fake.frames.splice(0)
  }
  return { ...fake, logged, say, advance: (ms: number) => (at += ms) }
}

test('each frame is answered with its id, a bug as any failure that tells nothing of the inside', async () => {
  const chat = {
    messages: { edit: () => Promise.reject(new Error('the secret of the house')) },
  } as unknown as Chat
  const { say, logged } = await openSession({ chat })
  assert.deepEqual(await say({ type: 'ping', id: 7 }), [{ type: 'pong', re: 7 }])
  const edit = { type: 'edit', id: 'e', message_id: 'a'.repeat(24), content: 'better' }
  const detail = 'Something went wrong here. Try again in a moment.'
  assert.deepEqual(await say(edit), [{ type: 'error', re: 'e', code: 'internal', detail }])
  assert.deepEqual(logged, ['frame_failed'])
  const [refused] = await say({ type: 'delete', id: 1, message_id: 'no id' })
  assert.deepEqual([refused?.code, refused?.re], ['invalid', 1])
  assert.match(JSON.stringify(refused?.errors), /"field":"message_id"/)
})

test('twenty frames within a minute that can not be read close a socket, as many over a longer time do not', async () => {
  const { say, closes, advance } = await openSession()
  for (let n = 0; n < 60; n++) {
    const [answer] = await say(n % 2 ? 'no JSON' : { type: 'unheard of' })
    assert.equal(answer?.code, 'malformed')
    advance(3_200)
  }
  assert.deepEqual(closes, [])
  for (let n = 0; n < 20; n++) await say('[]')
  assert.deepEqual(closes, [4502])
})

test('a socket is read no further while 256 of its frames are worked on', async () => {
  const answers: (() => void)[] = []
  const edit = () => new Promise<never>((_, reject) => answers.push(() => reject(new Error('late'))))
  const { say, reading } = await openSession({ chat: { messages: { edit } } as unknown as Chat })
  const frame = { type: 'edit', message_id: 'a'.repeat(24), content: 'better' }
  for (let n = 0; n < 255; n++) await say(frame)
  assert.equal(reading(), true)
  await say(frame)
  assert.equal(reading(), false)
  for (const answer of answers.splice(0, 127)) answer()
  await turn()
  assert.equal(reading(), false)
  answers.pop()?.()
  await turn()
  assert.equal(reading(), true)
})
