import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ChatError } from '../../src/domain/errors.ts'
import type { Message, Send } from '../../src/domain/message.ts'
import type { Appended } from '../../src/store/messages.ts'
import type { MongoStore } from '../../src/store/mongo/options.ts'
import { type Link, startLink } from '../mongo/link.ts'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import { recordingSink } from '../mongo/sink.ts'
import { openInstance } from '../mongo/store.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aSend, failsWith, history, numbers, seqs, t0, user } from '../support/samples.ts'

const missing = await mongoMissing()
const timeouts = { request: 1_500, select: 500, socket: 1_200, write: 1_000 }

describe('a MongoDB that is away', { skip: missing ?? false }, () => {
  let mongo: TestMongo
  let link: Link
  let database: string
  /** Behind the link. */
  let instance: MongoStore

  before(async () => {
    mongo = await startMongo()
  })
  after(() => mongo.stop())
  beforeEach(async () => {
    link = await startLink(mongo.url)
    database = mongo.newDatabase()
    instance = await openInstance(link.url, database, { timeouts })
  })
  afterEach(async () => {
    link.heal()
    await instance.store.close()
    await link.close()
  })

  const works = (): Promise<boolean> =>
    instance.store.ping().then(
      () => true,
      () => false,
    )

  test('at the start: it waits, says so, and opens when the database is there', async () => {
    link.cut()
    let waits = 0
    const opening = openInstance(link.url, database, {
      timeouts,
      onWaiting(error, retryInMs) {
        assert.equal(error.code, 'unavailable')
        assert.ok(retryInMs > 0)
        waits++
      },
    })
    await eventually('it says so', () => waits > 1)
    link.heal()
    const { store } = await opening
    await store.ping()
    await store.close()
  })

  test('at the start: the wait can be ended', async () => {
    link.cut()
    const aborting = new AbortController()
    const opening = openInstance(link.url, database, {
      timeouts,
      signal: aborting.signal,
      onWaiting: () => aborting.abort(new Error('enough')),
    })
    await assert.rejects(opening)
  })

  for (const [fault, bring] of [
    ['cut', () => link.cut()],
    ['hung', () => link.hang()],
  ] as const)
    test(`${fault} later: unavailable within the time-out, for every operation, and then it works again`, async () => {
      const { store } = instance
      const group = await aGroup(store, { members: ['ann'] })
      const { value: message } = await store.messages.append(aSend(group), user('ann'))
      bring()
      const start = performance.now()
      const calls: (() => Promise<unknown>)[] = [
        () => store.ping(),
        () => store.groups.read(group.id),
        () => store.groups.list('ann', { offset: 0, limit: 5 }),
        () => store.groups.update(group.id, { name: 'New' }, user('olga'), t0),
        () => store.messages.append(aSend(group), user('ann')),
        () => store.messages.edit(message.id, { content: 'better' }, user('ann'), t0),
        () => store.messages.read(message.id),
        () => store.log.read(group.id, { seq: 0, rev: 0 }, 10),
        () => store.groups.delete(group.id, user('olga'), t0),
      ]
      for (const outcome of await Promise.allSettled(calls.map((call) => call()))) {
        assert.equal(outcome.status, 'rejected')
        failsWith('unavailable')(outcome.reason)
        assert.ok(outcome.reason.retryAfterMs > 0)
      }
      assert.ok(performance.now() - start < timeouts.request + 500)
      link.heal()
      await eventually('it works again', works)
      await eventually('its streams too', () => instance.lag().alive)
      const { messages } = await store.log.read(group.id, { seq: 0, rev: 0 }, 10)
      assert.deepEqual(seqs(messages), numbers(1, messages.length))
    })

  test('a read that finds no server is tried again for as long as a request may take', async () => {
    const { store } = await openInstance(link.url, database, { timeouts: { ...timeouts, request: 10_000 } })
    try {
      const group = await aGroup(store, { members: ['ann'] })
      await history(store, group, 3)
      link.cut()
      const reads = [store.groups.read(group.id), store.messages.list(group.id, { offset: 0, limit: 5 })]
      // The driver by itself looks for a server twice.
      setTimeout(link.heal, 2 * timeouts.select + 300)
      const [found, page] = await Promise.all(reads)
      assert.ok(found)
      assert.equal((page as Message[]).length, 3)
    } finally {
      await store.close()
    }
  })

  test('requests that wait in line for a connection hold up neither its pings nor its streams', async () => {
    const warnings: string[] = []
    const log = { info: () => undefined, warn: (event: string) => void warnings.push(event) }
    const { store: busy } = await openInstance(`${link.url}&maxPoolSize=5`, database, { timeouts, log })
    const group = await aGroup(instance.store, { members: ['ann'] })
    const sink = recordingSink()
    busy.watch(sink)
    link.slow(100)
    let asking = true
    const ask = async () => {
      while (asking) await busy.log.readHead(group.id).catch(failsWith('unavailable'))
    }
    const asked = Promise.all(Array.from({ length: 100 }, ask))
    try {
      for (let i = 0; i < 10; i++) await busy.ping()
      const { value: message } = await instance.store.messages.append(aSend(group), user('ann'))
      await eventually('it hears of it', () => sink.messages.some(({ id }) => id === message.id))
    } finally {
      asking = false
      await asked
      await busy.close()
    }
    assert.ok(!warnings.includes('stream_failed'))
  })

  test('an edit that waited in vain is not made later, over one that came after it', async () => {
    const { store } = instance
    const group = await aGroup(store, { members: ['ann'] })
    const { value: message } = await store.messages.append(aSend(group), user('ann'))
    link.hang()
    const edits = numbers(1, 4).map((n) =>
      store.messages.edit(message.id, { content: `edit ${n}` }, user('ann'), t0 + n),
    )
    const names = numbers(1, 4).map((n) =>
      store.groups.update(group.id, { name: `${n}` }, user('olga'), t0 + n),
    )
    for (const { status } of await Promise.allSettled([...edits, ...names])) assert.equal(status, 'rejected')
    link.heal()
    await eventually('it works again', works)
    // Each waits for its turn, after those four.
    const { value: same } = await store.messages.edit(message.id, { content: 'hello' }, user('ann'), t0 + 5)
    await store.groups.update(group.id, { name: 'Friends' }, user('olga'), t0 + 5)
    assert.equal(same.content, 'hello')
    assert.deepEqual(await store.log.readHead(group.id), { seq: 1, rev: 0, deleted: 0 })
  })

  test('a group whose deletion is cut short is gone, and its owner is told so', async () => {
    const { store } = instance
    const group = await aGroup(store, { members: ['ann'] })
    await history(store, group, 3)
    // The command that deletes messages, as it goes over the wire.
    link.loseReplyTo('delete\0\t\0\0\0messages\0')
    await store.groups.delete(group.id, user('olga'), t0)
    await eventually('it works again', works)
    assert.equal(await store.groups.read(group.id), null)
    await assert.rejects(store.groups.delete(group.id, user('olga'), t0), failsWith('not_found'))
  })

  test('slow: it works', async () => {
    const group = await aGroup(instance.store, { members: ['ann'] })
    link.slow(100)
    const { value: message } = await instance.store.messages.append(aSend(group), user('ann'))
    assert.equal(message.seq, 1)
  })

  test('a reply that is lost after the write: one message, whoever tries again', async () => {
    const { store } = instance
    const group = await aGroup(store, { members: ['ann'] })
    const send = aSend(group, { content: 'reply-to-this-is-lost', clientId: 'c', sendHash: 'h' })
    link.loseReplyTo(send.content)
    const first = await sent(store.messages.append(send, user('ann')))
    const again = await eventuallySent(send)
    if (first) assert.deepEqual(again, first)
    assert.deepEqual(await store.log.readHead(group.id), { seq: 1, rev: 0, deleted: 0 })
  })

  test('a reply lost within a batch: nothing lost, nothing twice, no hole', async () => {
    const { store } = instance
    const group = await aGroup(store, { members: ['ann'] })
    const sends = numbers(1, 20).map((n) => aSend(group, { content: n === 10 ? 'lose-this' : `${n}` }))
    link.loseReplyTo('lose-this')
    await Promise.all(sends.map((send) => sent(store.messages.append(send, user('ann')))))
    for (const send of sends) await eventuallySent(send)
    const { messages } = await store.log.read(group.id, { seq: 0, rev: 0 }, 100)
    assert.deepEqual(seqs(messages), numbers(1, 20))
    assert.deepEqual(
      messages.map(({ id }) => id),
      sends.map(({ id }) => id),
    )
  })

  test('cut again and again under load: nothing acknowledged is lost, no hole, and each send once', async () => {
    const { store } = instance
    const group = await aGroup(store, { members: ['ann'] })
    const acknowledged: Message[] = []
    let isOver = false
    const senders = numbers(1, 8).map(async (sender) => {
      for (let n = 1; !isOver; n++) {
        const send = aSend(group, { content: `${sender}:${n}` })
        acknowledged.push(await eventuallySent(send))
      }
    })
    for (const n of numbers(1, 5)) {
      await eventually('messages go through', () => acknowledged.length >= n * 20)
      link.cut()
      link.heal()
    }
    isOver = true
    await Promise.all(senders)
    const { messages } = await store.log.read(group.id, { seq: 0, rev: 0 }, 5_000)
    assert.deepEqual(seqs(messages), numbers(1, messages.length))
    assert.deepEqual(
      messages.map(({ id }) => id),
      acknowledged.sort((a, b) => a.seq - b.seq).map(({ id }) => id),
    )
  })

  test('closes in time, though what is done beside the service gets no answer', async () => {
    const patient = { ...timeouts, socket: 60_000, select: 60_000 }
    const { store, lag } = await openInstance(link.url, database, { timeouts: patient })
    await store.ping()
    link.hang()
    // By then each of them has asked something that is not answered.
    await eventually('the streams are given up', () => !lag().alive, 10_000)
    const start = performance.now()
    await store.close()
    assert.ok(performance.now() - start < 4 * timeouts.request + 1_000)
  })

  test('streams that were cut go on, and say that something may be missing', async () => {
    const other = await openInstance(mongo.url, database)
    try {
      const group = await aGroup(other.store, { members: ['ann'] })
      const sink = recordingSink(() => [group.id])
      instance.store.watch(sink)
      const send = () => other.store.messages.append(aSend(group), user('ann'))
      await eventually('the streams are open', () => instance.lag().alive)
      await send()
      await eventually('it is heard', () => sink.messages.length === 1)

      const { losses } = sink
      sink.groups.length = 0
      link.cut()
      await send()
      link.heal()
      await eventually('the loss is told', () => sink.losses > losses)
      // Who was removed meanwhile, and whether it was deleted, nobody else would tell.
      await eventually('who may listen is looked at again', () => sink.groups.includes(group.id))
      const { value: message } = await send()
      await eventually('the streams go on', () => sink.messages.some(({ id }) => id === message.id))
    } finally {
      await other.store.close()
    }
  })

  test('signals that gather while it is hung are bounded: the youngest are sent, in order', async () => {
    const other = await openInstance(mongo.url, database)
    try {
      const heard: unknown[] = []
      other.signals.listen(({ n }) => heard.push(n))
      link.hang()
      // A pause after each thousand, so that they can't all go together.
      for (const n of numbers(1, 12_000)) {
        instance.signals.send({ n })
        if (n % 1_000 === 0) await sleep(50)
      }
      link.heal()
      await eventually('the youngest is heard', () => heard.at(-1) === 12_000)
      assert.ok(heard.length <= 6_000, `${heard.length} are heard`)
      assert.deepEqual(heard.slice(-5_000), numbers(7_001, 12_000))
    } finally {
      await other.store.close()
    }
  })

  async function eventuallySent(send: Send): Promise<Message> {
    let message: Message | undefined
    await eventually('it is sent', async () => {
      message = await sent(instance.store.messages.append(send, user(send.senderId)))
      return message !== undefined
    })
    return message as Message
  }
})

/** The message, or undefined when the store was away. */
async function sent(append: Promise<Appended>): Promise<Message | undefined> {
  try {
    return (await append).value
  } catch (error) {
    if (error instanceof ChatError && error.code === 'unavailable') return undefined
    throw error
  }
}
