import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Cursor } from '../../src/domain/cursor.ts'
import type { Encode } from '../../src/hub/encode.ts'
import { createHub, type Hub } from '../../src/hub/hub.ts'
import type { LogStore } from '../../src/store/log.ts'
import type { Store } from '../../src/store/store.ts'
import { inSomeTurn } from '../support/eventually.ts'
import { aGroup, aSend, newId, user } from '../support/samples.ts'
import { alice, bob, contents, durable, encode, listen, live, setUp, type Told } from './set-up.ts'

/** The same store, but for what is given of its log. */
const withLog = (store: Store, over: Partial<LogStore>): Store =>
  Object.create(store, { log: { value: { ...store.log, ...over } } })

const hubOf = (store: Store) =>
  createHub({ store, onError: assert.fail, instanceId: 'one', now: Date.now, clock: () => performance.now() })

async function resume(hub: Hub, groupId: string, from: Cursor, words: Encode = encode) {
  const subscriber = await hub.open(groupId, bob, words)
  const listener = listen()
  subscriber.attach(listener)
  subscriber.replay(from)
  await listener.replayed
  return { subscriber, listener }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`)

describe('the live path', () => {
  test('what one turn brings is one packet, in order', async () => {
    await using at = await setUp()
    const { listener } = await live(at.hub, at.group.id)
    const messages = await Promise.all(['a', 'b', 'c'].map((content) => at.send(content)))
    for (const message of messages) at.hub.message(message)
    await turn()
    assert.deepEqual(contents(listener.told), ['a', 'b', 'c'])
    assert.equal(listener.packets, 1)
    assert.deepEqual(
      durable(listener.told).map((event) => event.at),
      [
        { seq: 1, rev: 0 },
        { seq: 2, rev: 0 },
        { seq: 3, rev: 0 },
      ],
    )
  })

  test('an entry given twice is told once; one given early waits for its turn', async () => {
    await using at = await setUp()
    const { listener } = await live(at.hub, at.group.id)
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((content) => at.send(content)))
    assert.ok(a && b && c)
    for (const message of [b, b, a, c, a, b]) at.hub.message(message)
    await turn()
    assert.deepEqual(contents(listener.told), ['a', 'b', 'c'])
  })

  test('a missing entry is read from the log', async () => {
    await using at = await setUp()
    const { listener } = await live(at.hub, at.group.id)
    await at.send('never published')
    at.hub.message(await at.send('published'))
    await inSomeTurn(() => listener.told.length >= 2)
    assert.deepEqual(contents(listener.told), ['never published', 'published'])
  })

  test('an edit never overtakes its message', async () => {
    await using at = await setUp()
    const { listener } = await live(at.hub, at.group.id)
    const message = await at.send('before')
    const edited = await at.store.messages.edit(message.id, { content: 'after' }, alice, 1)
    assert.ok(edited.changes[0])
    at.hub.change(edited.changes[0], { message: edited.value })
    at.hub.message(message)
    await inSomeTurn(() => listener.told.length >= 2)
    assert.deepEqual(
      listener.told.map((event) => event.type),
      ['new_message', 'message_updated'],
    )
  })

  test('a change that comes without its body is read from the log', async () => {
    await using at = await setUp()
    const { listener } = await live(at.hub, at.group.id)
    const message = await at.send('before')
    at.hub.message(message)
    const {
      changes: [change],
    } = await at.store.messages.edit(message.id, { content: 'after' }, alice, 1)
    assert.ok(change)
    at.hub.change(change, {})
    await inSomeTurn(() => listener.told.length >= 2)
    assert.deepEqual(contents(listener.told), ['before', 'after'])
  })

  test('a log that could not be read is read again, until it can', async (t) => {
    await using at = await setUp()
    let failures = 2
    const errors: unknown[] = []
    const shaky = withLog(at.store, {
      read: async (...args) => {
        if (failures-- > 0) throw new Error('away')
        return at.store.log.read(...args)
      },
    })
    const onError = (error: unknown) => errors.push(error)
    const hub = createHub({
      store: shaky,
      onError,
      instanceId: 'one',
      now: Date.now,
      clock: () => performance.now(),
    })
    const { listener } = await live(hub, at.group.id)
    t.mock.timers.enable({ apis: ['setTimeout'] })
    await at.send('missed')
    hub.catchUp()
    await inSomeTurn(() => errors.length === 1)
    t.mock.timers.tick(1_000)
    await inSomeTurn(() => errors.length === 2)
    t.mock.timers.tick(1_000)
    await inSomeTurn(() => durable(listener.told).length === 1)
    assert.deepEqual(contents(listener.told), ['missed'])
  })

  test('a group that is being opened while something is missed catches up as well', async () => {
    await using at = await setUp()
    const opening = Promise.withResolvers<void>()
    const slow = withLog(at.store, {
      readHead: async (groupId) => {
        const head = await at.store.log.readHead(groupId)
        await opening.promise
        return head
      },
    })
    const hub = createHub({
      store: slow,
      onError: assert.fail,
      instanceId: 'one',
      now: Date.now,
      clock: () => performance.now(),
    })
    const joining = live(hub, at.group.id)
    await turn()
    await at.send('missed')
    hub.catchUp()
    opening.resolve()
    const { subscriber } = await joining
    await inSomeTurn(() => subscriber.feed.position.seq === 1)
  })

  test('of two edits only the present state is told', async () => {
    await using at = await setUp()
    const { listener } = await live(at.hub, at.group.id)
    const message = await at.send('1')
    at.hub.message(message)
    await at.store.messages.edit(message.id, { content: '2' }, alice, 1)
    await at.store.messages.edit(message.id, { content: '3' }, alice, 1)
    at.hub.catchUp()
    await inSomeTurn(() => listener.told.length >= 2)
    assert.deepEqual(contents(listener.told), ['1', '3'])
  })

  test('an edit is told though its message was told, unedited, while the log was read', async () => {
    await using at = await setUp()
    const [a, b] = await Promise.all(['a', 'b'].map((content) => at.send(content)))
    assert.ok(a && b)
    await at.store.messages.edit(b.id, { content: 'B' }, alice, 1)
    const slow = withLog(at.store, {
      read: async (...args) => {
        const page = await at.store.log.read(...args)
        hub.message(a)
        return page
      },
      readHead: async () => ({ seq: 0, rev: 0, deleted: 0 }),
    })
    const hub = createHub({
      store: slow,
      onError: assert.fail,
      instanceId: 'one',
      now: Date.now,
      clock: () => performance.now(),
    })
    const { listener } = await live(hub, at.group.id)
    hub.message(b)
    await inSomeTurn(() => durable(listener.told).length >= 3)
    assert.deepEqual(contents(listener.told), ['a', 'b', 'B'])
  })

  test('what is published while a group opens is not missed', async () => {
    await using at = await setUp()
    // The head is read, then a message is published, and only then the group is there.
    const readHead = at.store.log.readHead
    const slow = withLog(at.store, {
      readHead: async (id) => {
        const head = await readHead(id)
        if (head?.seq === 0) hub.message(await at.send('in between'))
        return head
      },
    })
    const hub = createHub({
      store: slow,
      onError: assert.fail,
      instanceId: 'one',
      now: Date.now,
      clock: () => performance.now(),
    })
    const { subscriber } = await live(hub, at.group.id)
    await inSomeTurn(() => subscriber.feed.position.seq === 1)
  })

  test('many groups open for one read of their heads; what is published meanwhile is not missed', async () => {
    await using at = await setUp()
    const [second, third] = [
      await aGroup(at.store, { members: ['alice', 'bob'] }),
      await aGroup(at.store, { members: ['alice', 'bob'] }),
    ]
    const groups = [at.group, second, third]
    let reads = 0
    const slow = withLog(at.store, {
      readHead: () => assert.fail('one by one'),
      readHeads: async (ids) => {
        reads++
        const heads = await at.store.log.readHeads(ids)
        for (const group of groups) {
          const { value } = await at.store.messages.append(aSend(group), alice)
          hub.message(value)
        }
        return heads
      },
    })
    const hub = hubOf(slow)
    const ids = groups.map(({ id }) => id)
    const [some, all] = await Promise.all([
      hub.openAll([...ids.slice(1), newId()], bob, encode),
      hub.openAll(ids.slice(1), bob, encode),
    ])
    assert.deepEqual(
      [some, all].map((opened) => opened.map(({ groupId }) => groupId)),
      [ids.slice(1), ids.slice(1)],
    )
    assert.equal(reads, 1)
    await inSomeTurn(() => some.every((subscriber) => subscriber.feed.position.seq === 1))
  })

  test('of many groups none stays open when the heads cannot be read', async () => {
    await using at = await setUp()
    const { subscriber } = await live(at.hub, at.group.id)
    const other = await aGroup(at.store, { members: ['alice', 'bob'] })
    at.store.log.readHeads = async () => {
      throw new Error('away')
    }
    await assert.rejects(at.hub.openAll([at.group.id, other.id], bob, encode), /away/)
    assert.deepEqual([...at.hub.openGroups], [at.group.id])
    subscriber.leave()
    assert.deepEqual([...at.hub.openGroups], [])
  })

  test('typing goes to the others, not to any socket of the one who types', async () => {
    await using at = await setUp()
    const one = await live(at.hub, at.group.id, alice)
    const two = await live(at.hub, at.group.id, alice)
    const other = await live(at.hub, at.group.id, bob)
    one.subscriber.type('start')
    await turn()
    const typing = (told: Told[]) => told.filter((event) => event.type === 'typing').length
    assert.deepEqual(
      [one, two, other].map(({ listener }) => typing(listener.told)),
      [0, 0, 1],
    )
  })

  test('typing ends by a message of its user, however it came, and by the end of the socket', async () => {
    await using at = await setUp()
    const one = await live(at.hub, at.group.id, alice)
    const other = await live(at.hub, at.group.id, bob)
    const heard = async () => {
      await turn()
      await turn()
      return other.listener.told
        .splice(0)
        .flatMap((event) => ('state' in event ? [event.state] : 'message' in event ? ['message'] : []))
    }
    one.subscriber.type('start')
    assert.deepEqual(await heard(), ['start'])
    at.hub.message(await at.send('by another', bob))
    assert.deepEqual(await heard(), ['message'])
    const message = await at.send('done')
    at.hub.message(message)
    at.hub.message(message)
    assert.deepEqual(await heard(), ['message', 'stop'])
    one.subscriber.type('start')
    one.subscriber.leave()
    one.subscriber.type('start')
    assert.deepEqual(await heard(), ['start', 'stop'])
  })

  test('typing ends where its user is put out', async () => {
    await using at = await setUp()
    const one = await live(at.hub, at.group.id, bob)
    const other = await live(at.hub, at.group.id, alice)
    one.subscriber.type('start')
    const { changes } = await at.store.groups.update(at.group.id, { authorizedUserIds: ['alice'] }, alice, 1)
    for (const change of changes) at.hub.change(change, {})
    await turn()
    one.subscriber.type('start')
    const states = () => other.listener.told.flatMap((event) => ('state' in event ? [event.state] : []))
    await inSomeTurn(() => states().at(-1) === 'stop')
    assert.deepEqual([one.listener.ended, states()], [['access_revoked'], ['start', 'stop']])
  })
})

describe('groups that open themselves', () => {
  test('are found again after something was missed, as soon as the store answers', async (t) => {
    await using at = await setUp()
    const opened: string[] = []
    at.hub.users.listen('bob', ({ groupId }) => opened.push(groupId))
    const listGroupIds = at.store.groups.listIds
    at.store.groups.listIds = async (...args) => {
      at.store.groups.listIds = listGroupIds
      throw new Error(`away: ${args}`)
    }
    t.mock.timers.enable({ apis: ['setTimeout'] })
    at.hub.catchUp()
    await inSomeTurn(() => at.errors.length === 1)
    t.mock.timers.tick(1_000)
    await inSomeTurn(() => opened.includes(at.group.id))
  })
})

describe('presence', () => {
  test('a second tab neither joins nor leaves; counts are of connections', async () => {
    await using at = await setUp()
    const watcher = await live(at.hub, at.group.id, alice)
    const first = await live(at.hub, at.group.id, bob)
    const second = await live(at.hub, at.group.id, bob)
    first.subscriber.leave()
    second.subscriber.leave()
    await turn()
    assert.deepEqual(watcher.listener.told, [
      { type: 'user_joined', userId: 'bob', groupId: at.group.id, connectionCount: 2 },
      { type: 'user_left', userId: 'bob', groupId: at.group.id, connectionCount: 1 },
    ])
  })
})

describe('access', () => {
  test('an old removal ends nobody who is a member again, and takes nothing from them', async () => {
    await using at = await setUp()
    const { listener } = await live(at.hub, at.group.id, bob)
    const change = async (authorizedUserIds: string[]) =>
      (await at.store.groups.update(at.group.id, { authorizedUserIds }, alice, 1)).changes
    const [removed] = await change(['alice'])
    const [added] = await change(['alice', 'bob'])
    assert.ok(removed && added)
    const message = await at.send('hello again')
    // The instance hears of it late, and in any order.
    at.hub.change(added, {})
    at.hub.message(message)
    const { listener: late } = await live(at.hub, at.group.id, bob)
    at.hub.change(removed, {})
    await inSomeTurn(() => contents(listener.told).length === 3 && contents(late.told).length > 0)
    assert.deepEqual(contents(listener.told).sort(), ['hello again', 'member_added', 'member_removed'])
    assert.deepEqual([listener.ended, late.ended], [[], []])
    at.hub.message(await at.send('and on'))
    await inSomeTurn(
      () => contents(listener.told).at(-1) === 'and on' && contents(late.told).at(-1) === 'and on',
    )
    assert.equal(contents(listener.told).filter((text) => text === 'hello again').length, 1)
  })

  test('a check that was begun before somebody was let in says nothing about them', async () => {
    await using at = await setUp()
    await at.store.groups.update(at.group.id, { authorizedUserIds: ['alice'] }, alice, 1)
    await live(at.hub, at.group.id, alice)
    const answer = Promise.withResolvers<void>()
    const { among } = at.store.members
    at.store.members.among = async (...asked) => {
      at.store.members.among = among
      const found = await among(...asked)
      await answer.promise
      return found
    }
    at.hub.groupTouched(at.group.id)
    await turn()
    await at.store.groups.update(at.group.id, { authorizedUserIds: ['alice', 'bob'] }, alice, 1)
    const { listener } = await live(at.hub, at.group.id, bob)
    answer.resolve()
    at.hub.message(await at.send('heard'))
    await inSomeTurn(() => contents(listener.told).includes('heard'))
    assert.deepEqual(listener.ended, [])
  })

  test('a read that lags behind sends nobody away: the store is asked for the present', async () => {
    await using at = await setUp()
    const { listener } = await live(at.hub, at.group.id, bob)
    const { among, confirm } = at.store.members
    for (const earlier of [{ group: at.group, userIds: new Set(['alice']), bannedUntil: new Map() }, null]) {
      const confirmed = Promise.withResolvers<void>()
      at.store.members.among = async () => earlier
      at.store.members.confirm = async (...asked) => {
        confirmed.resolve()
        return confirm(...asked)
      }
      at.hub.groupTouched(at.group.id)
      await confirmed.promise
      await turn()
      assert.deepEqual(listener.ended, [])
    }
    at.store.members.among = among
    at.hub.message(await at.send('heard'))
    await inSomeTurn(() => contents(listener.told).includes('heard'))
    assert.deepEqual(listener.ended, [])
  })

  test('who are removed together hear of that and of nothing after it; the others hear all', async () => {
    await using at = await setUp()
    const users = Array.from({ length: 50 }, (_, i) => `user${i}`)
    const patch = (authorizedUserIds: string[]) =>
      at.store.groups.update(at.group.id, { authorizedUserIds }, alice, 1)
    for (const change of (await patch(['alice', 'bob', ...users])).changes) at.hub.change(change, {})
    const gone = await Promise.all(users.map((userId) => live(at.hub, at.group.id, user(userId))))
    const { listener: stays } = await live(at.hub, at.group.id, bob)
    const { changes } = await patch(['alice', 'bob'])
    for (const change of changes) at.hub.change(change, {})
    at.hub.message(await at.send('not for them'))
    await inSomeTurn(() => contents(stays.told).includes('not for them'))
    for (const { listener } of gone) {
      assert.deepEqual(listener.ended, ['access_revoked'])
      assert.equal(contents(listener.told).at(-1), 'member_removed')
    }
    assert.equal(stays.told.filter((event) => event.type === 'member_removed').length, 50)
  })

  test('who is removed is ended, also before going live; admins stay', async () => {
    await using at = await setUp()
    const { listener: removed } = await live(at.hub, at.group.id, bob)
    const { listener: admin } = await live(at.hub, at.group.id, { userId: 'bob', admin: true })
    const waiting = await at.hub.open(at.group.id, bob, encode)
    const { changes } = await at.store.groups.update(at.group.id, { authorizedUserIds: ['alice'] }, alice, 1)
    for (const change of changes) at.hub.change(change, {})
    await turn()
    assert.deepEqual(removed.ended, ['access_revoked'])
    assert.deepEqual(admin.ended, [])
    const late = listen()
    waiting.attach(late)
    waiting.activate()
    assert.deepEqual(late.ended, ['access_revoked'])
  })

  test('who has left meanwhile is not told of the end', async () => {
    await using at = await setUp()
    const all = await Promise.all(Array.from({ length: 300 }, () => live(at.hub, at.group.id, bob)))
    at.hub.groupDeleted(at.group.id)
    const last = all.at(-1)
    assert.ok(last)
    assert.deepEqual(last.listener.ended, [], 'the ends of many are told in turns')
    last.subscriber.leave()
    await turn()
    await turn()
    assert.deepEqual(last.listener.ended, [])
    assert.deepEqual(all.at(-2)?.listener.ended, ['group_deleted'])
  })

  test('all are ended when the group is deleted, and hear of it', async () => {
    await using at = await setUp()
    const { listener } = await live(at.hub, at.group.id, bob)
    at.hub.groupDeleted(at.group.id)
    assert.deepEqual(
      listener.told.map((event) => event.type),
      ['group_deleted'],
    )
    assert.deepEqual(listener.ended, ['group_deleted'])
  })
})

describe('replay', () => {
  test('an edited message comes once in its present form, a deleted one as deleted, and nothing is told twice', async () => {
    await using at = await setUp()
    const [, b, c] = await Promise.all(['a', 'b', 'c'].map((content) => at.send(content)))
    assert.ok(b && c)
    await at.store.messages.edit(b.id, { content: 'B' }, alice, 1)
    await at.store.messages.delete(c.id, alice, 1)
    const { listener } = await resume(at.hub, at.group.id, { seq: 1, rev: 0 })
    assert.deepEqual(
      listener.told.map((event) => [event.type, contents([event])[0]]),
      [
        ['new_message', 'B'],
        ['message_deleted', 'message_deleted'],
      ],
    )
  })

  test('a log that was trimmed meanwhile is one resync, and then what is live', async () => {
    await using at = await setUp()
    for (const name of ['one', 'two', 'three']) await at.store.groups.update(at.group.id, { name }, alice, 1)
    await at.store.log.trim(2)
    const { listener } = await resume(at.hub, at.group.id, { seq: 0, rev: 0 })
    assert.deepEqual([listener.ended, listener.told], [['resync too_old'], []])
    at.hub.message(await at.send('live'))
    await inSomeTurn(() => listener.told.length === 1)
  })

  test('those who come back together share what is read and framed, and each has it whole', async () => {
    await using at = await setUp()
    const count = 1_000
    for (let i = 0; i < count; i += 100)
      await Promise.all(Array.from({ length: 100 }, (_, n) => at.send(`${i + n}`)))
    let reads = 0
    let framed = 0
    const store = withLog(at.store, {
      read: (...args) => {
        reads++
        return at.store.log.read(...args)
      },
    })
    const hub = createHub({
      store,
      onError: assert.fail,
      instanceId: 'one',
      now: Date.now,
      clock: () => performance.now(),
    })
    const counting: Encode = (event, position) => {
      framed++
      return encode(event, position)
    }
    // Half of them from the very start, the others from somewhere behind it.
    const from = Array.from({ length: 20 }, (_, i) => (i % 2 ? i : 0))
    const resumed = await Promise.all(from.map((seq) => resume(hub, at.group.id, { seq, rev: 0 }, counting)))
    for (const [i, { listener }] of resumed.entries())
      assert.deepEqual(contents(listener.told), numbers(from[i] ?? 0, count))
    assert.ok(framed < 4 * count, `${framed} frames of ${count} entries`)
    assert.ok(reads < 20, `${reads} reads`)
  })

  test('a page is bounded by bytes, and so is what is read for one', async () => {
    await using at = await setUp()
    const long = '🎈'.repeat(10_000)
    await Promise.all(Array.from({ length: 100 }, () => at.send(long)))
    const limits: number[] = []
    const store = withLog(at.store, {
      read: (groupId, after, limit) => {
        limits.push(limit)
        return at.store.log.read(groupId, after, limit)
      },
    })
    const subscriber = await hubOf(store).open(at.group.id, bob, encode)
    const listener = listen()
    const sizes: number[] = []
    const { deliver } = listener
    listener.deliver = (packet) => {
      sizes.push(packet.length)
      deliver.call(listener, packet)
    }
    subscriber.attach(listener)
    subscriber.replay({ seq: 0, rev: 0 })
    await listener.replayed
    assert.equal(contents(listener.told).length, 100)
    assert.ok(Math.max(...sizes) < 320 * 1024, `${sizes}`)
    assert.ok(Math.max(...limits.slice(1)) <= 16, `${limits}`)
  })

  test('one that was left, or whose reader went, is neither read for nor complained about', async () => {
    await using at = await setUp()
    await at.send('missed')
    const reading = Promise.withResolvers<never>()
    let isReading = false
    const store = withLog(at.store, {
      read: () => {
        isReading = true
        return reading.promise
      },
    })
    const subscriber = await hubOf(store).open(at.group.id, bob, encode)
    const listener = listen()
    subscriber.attach(listener)
    subscriber.replay({ seq: 0, rev: 0 })
    await inSomeTurn(() => isReading)
    subscriber.leave()
    reading.reject(new Error('away'))
    await listener.replayed
    assert.deepEqual([listener.told, listener.ended], [[], []])
  })

  test('waits until it is known that the reader may hear, and again when that is doubted again', async () => {
    await using at = await setUp()
    const subscriber = await at.hub.open(at.group.id, bob, encode)
    const listener = listen()
    subscriber.attach(listener)
    subscriber.suspect(subscriber.feed.position)
    subscriber.replay({ seq: 0, rev: 0 })
    for (let i = 0; i < 3; i++) await turn()
    at.hub.message(await at.send('not yet'))
    subscriber.trust()
    subscriber.suspect(subscriber.feed.position)
    for (let i = 0; i < 3; i++) await turn()
    assert.deepEqual(listener.told, [])
    subscriber.trust()
    await listener.replayed
    assert.deepEqual(contents(listener.told), ['not yet'])
  })

  test('changes of messages that were seen before are told', async () => {
    await using at = await setUp()
    const a = await at.send('a')
    await at.send('b')
    await at.store.messages.edit(a.id, { content: 'A' }, alice, 1)
    const { listener } = await resume(at.hub, at.group.id, { seq: 1, rev: 0 })
    assert.deepEqual(
      listener.told.map((event) => event.type),
      ['new_message', 'message_updated'],
    )
  })

  test('a replay that is cut anywhere and begun again tells each entry once', async () => {
    await using at = await setUp()
    const sent = await Promise.all(Array.from({ length: 40 }, (_, i) => at.send(`${i}`)))
    for (const [i, message] of sent.entries()) {
      if (i % 3 === 0) await at.store.messages.edit(message.id, { content: `${i}!` }, alice, 1)
      if (i % 7 === 0) await at.store.messages.delete(message.id, alice, 1)
    }
    const { listener } = await resume(at.hub, at.group.id, { seq: 0, rev: 0 })
    // How many are connected is told meanwhile too, but that passes.
    const whole = durable(listener.told)
    for (let cut = 1; cut < whole.length; cut++) {
      const from = whole[cut - 1]?.at
      assert.ok(from)
      const { listener: second } = await resume(at.hub, at.group.id, from)
      assert.deepEqual(
        [...whole.slice(0, cut), ...durable(second.told)].map(({ at: _, ...event }) => event),
        whole.map(({ at: _, ...event }) => event),
      )
    }
  })

  test('a replay joins the live path without a gap while messages keep coming', async () => {
    await using at = await setUp()
    const before = Promise.all(Array.from({ length: 500 }, (_, i) => at.send(`${i}`)))
    await before
    const { listener: first } = await live(at.hub, at.group.id, alice)
    let sending = true
    const sender = (async () => {
      for (let i = 0; sending; i++) at.hub.message(await at.send(`live ${i}`))
    })()
    const resumed = await Promise.all(
      [0, 100, 250, 499].map((seq) => resume(at.hub, at.group.id, { seq, rev: 0 })),
    )
    await inSomeTurn(() => durable(first.told).length > 50)
    sending = false
    await sender
    await turn()
    const head = await at.store.log.readHead(at.group.id)
    for (const [i, { listener }] of resumed.entries()) {
      const seqs = durable(listener.told).flatMap((event) =>
        event.type === 'new_message' ? event.message.seq : [],
      )
      const from = [0, 100, 250, 499][i] ?? 0
      assert.deepEqual(
        seqs,
        Array.from({ length: (head?.seq ?? 0) - from }, (_, n) => from + n + 1),
      )
    }
  })
})
