import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Chat, connect } from '../../src/client/client.ts'
import type { MessageView } from '../../src/domain/message.ts'
import { apiOf, baseOf, createApi } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { freePort, spawnService, temporaryFolder, tokenFor } from '../support/process.ts'
import { openSocket } from '../support/socket.ts'

const users = Array.from({ length: 20 }, (_, i) => `user${i}`)

/** Who is in which group: each user in three of the five, each group of twelve. */
const membersOf = (group: number) =>
  users.filter((_, i) => [0, 1, 2].some((step) => (i + step * 2) % 5 === group))

test('20 users in 5 groups send 5,000 messages, half by REST and half by WebSocket: everyone hears each once, in order', {
  timeout: 120_000,
}, async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path)
  try {
    const tokens = new Map(
      await Promise.all(users.map(async (user) => [user, await tokenFor(user)] as const)),
    )
    const api = (user: string) => createApi(baseOf(service.url), { token: tokens.get(user) ?? '' })
    const groups = await Promise.all(
      [0, 1, 2, 3, 4].map(async (n) => {
        const members = membersOf(n)
        return { members, ...(await api(members[0] ?? '').createGroup(`group ${n}`, members)) }
      }),
    )
    const perGroup = 1_000
    const listeners = await Promise.all(
      groups.flatMap((group) =>
        group.members.map(async (user) => {
          const socket = await openSocket(`${baseOf(service.url)}/ws/${group.id}`, {
            token: tokens.get(user) ?? '',
          })
          await socket.next('connected')
          return { group, user, socket }
        }),
      ),
    )
    const sent = new Map<string, string>()
    await Promise.all(
      listeners.map(async ({ group, user, socket }) => {
        const own = Math.ceil(perGroup / group.members.length)
        const mine = Math.min(own, perGroup - own * group.members.indexOf(user))
        for (let i = 0; i < mine; i++) {
          const content = `${user} ${i}`
          const message =
            i % 2
              ? await api(user).send(group.id, content)
              : ((await socket.ask({ type: 'message', content })).message as MessageView)
          sent.set(message.id, content)
        }
      }),
    )
    assert.equal(sent.size, 5 * perGroup)

    for (const group of groups) {
      const history = await api(group.members[0] ?? '').history(group.id)
      assert.deepEqual(
        history.map((message) => message.seq),
        Array.from({ length: perGroup }, (_, i) => i + 1),
      )
      for (const message of history) assert.equal(sent.get(message.id), message.content)
      for (const { socket } of listeners.filter((each) => each.group === group)) {
        await socket.next(
          (frame) => frame.type === 'new_message' && (frame.message as MessageView).seq === perGroup,
        )
        const heard = socket.frames.flatMap((frame) =>
          frame.type === 'new_message' ? [frame.message as MessageView] : [],
        )
        assert.deepEqual(heard, history)
      }
    }
    await Promise.all(listeners.map(({ socket }) => socket.close()))
  } finally {
    assert.equal(await service.end('SIGTERM'), 0)
  }
})

test('kill -9 in the middle of sending, 50 times: nothing acknowledged is lost, nothing is doubled, listeners resume', {
  timeout: 300_000,
}, async () => {
  using folder = temporaryFolder()
  const port = String(await freePort())
  let service = await spawnService(folder.path, { PORT: port })
  const clients: Chat[] = []
  let sending = true
  try {
    const api = apiOf(service.url, 'alice')
    const group = await api.createGroup('kill', ['alice', 'bob'])
    // From the very beginning: a listener without a cursor hears from when it connects.
    const { body: start } = await api.call('GET', `/groups/${group.id}/events`)
    const heard: MessageView[] = []
    const resyncs: string[] = []
    // The service is there for moments only.
    const reconnect = { minMs: 20, maxMs: 200 }
    const listener = connect({ url: service.url, token: () => tokenFor('bob'), reconnect })
    listener.on('message', ({ message }) => heard.push(message))
    listener.on('resync', ({ reason }) => resyncs.push(reason))
    await listener.group(group.id).subscribe({ after: String(start.cursor) })
    const sender = connect({ url: service.url, token: () => tokenFor('alice'), reconnect })
    clients.push(listener, sender)

    const acknowledged = new Map<string, MessageView>()
    let count = 0
    const bySocket = async () => {
      while (sending) {
        const key = `ws-${count++}`
        acknowledged.set(key, await sender.group(group.id).send(key, { clientId: key }))
      }
    }
    const byRest = async () => {
      while (sending) {
        const key = `rest-${count++}`
        for (let done = false; !done && sending; ) {
          // A refused connection or a cut answer tells nothing: the same key is sent again.
          const message = await api.send(group.id, key, { clientId: key }).catch(() => sleep(5))
          if (message) {
            acknowledged.set(key, message)
            done = true
          }
        }
      }
    }
    const senders = [bySocket(), bySocket(), byRest(), byRest()]
    for (let kill = 0; kill < 50; kill++) {
      const before = acknowledged.size
      await eventually('another message is acknowledged', () => acknowledged.size > before)
      await sleep(randomInt(5, 155))
      await service.end('SIGKILL')
      service = await spawnService(folder.path, { PORT: port })
    }
    sending = false
    await Promise.all(senders)

    const history = await api.history(group.id)
    assert.deepEqual(
      history.map((message) => message.seq),
      history.map((_, i) => i + 1),
    )
    assert.equal(
      new Set(history.map((message) => message.content)).size,
      history.length,
      'no message is doubled',
    )
    const byKey = new Map(history.map((message) => [message.content, message]))
    for (const [key, message] of acknowledged) assert.deepEqual(byKey.get(key), message)

    await eventually('all is heard', () => heard.length >= history.length)
    assert.deepEqual(resyncs, [])
    // One by one: a difference in thousands would take minutes to print.
    assert.equal(heard.length, history.length)
    for (const [i, message] of history.entries()) assert.deepEqual(heard[i], message)
  } finally {
    sending = false
    for (const client of clients) client.close()
    await service.end('SIGTERM')
  }
})
