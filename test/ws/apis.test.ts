import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createWords } from '../../src/api/core/vocabulary.ts'
import { createChat } from '../../src/chat/chat.ts'
import { readConfig } from '../../src/config.ts'
import { byRateKind, createRates } from '../../src/domain/rates.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { createHub } from '../../src/hub/hub.ts'
import { noCorrelation } from '../../src/observe/correlation.ts'
import { createLog } from '../../src/observe/log.ts'
import { createMetrics } from '../../src/observe/metrics.ts'
import { createGateway, type Gateway } from '../../src/ws/gateway.ts'
import { groupPlaces, type Words } from '../../src/ws/words.ts'
import { temporaryStore } from '../store/open.ts'
import { directoryOf, personOf } from '../support/people.ts'
import { aGroup } from '../support/samples.ts'
import { openSocket, RefusedUpgrade } from '../support/socket.ts'

const core = createWords('/api/chat', personOf)

/** Groups as rooms: other types, other fields, no greeting on a socket for one, and no word for who comes and goes. */
const rooms: Words = {
  ...core,
  event: (event, cursor) =>
    event.type === 'new_message'
      ? {
          type: 'said',
          room: event.groupId,
          who: event.message.senderId,
          text: event.message.content,
          cursor,
        }
      : null,
  connected: () => null,
  mention: () => null,
  connectedToAll: (_, subscriptions) => ({
    type: 'welcome',
    rooms: subscriptions.map(({ group }) => group.id),
  }),
  refused: ({ code, message }, re) => ({ type: 'no', ...re, code, why: message }),
  closing: (ms) => ({ type: 'back_soon', seconds: Math.ceil(ms / 1_000) }),
}

const maxConnectionsPerUser = 3
const { url, store, gateway, close } = await startBoth()
after(close)

/** The sockets of two APIs, as main.ts puts them together; who the token names, it is. */
async function startBoth() {
  const at = await temporaryStore()
  const config = readConfig({ PORT: '0', WS_MAX_CONNECTIONS_PER_USER: `${maxConnectionsPerUser}` })
  const now = Date.now
  const clock = () => performance.now()
  const log = createLog({ level: 'error', format: 'json', now, write: assert.fail })
  const hub = createHub({ store: at.store, onError: assert.fail, instanceId: 'one', now: Date.now, clock })
  const shared = {
    config,
    rates: createRates(
      byRateKind(() => 0),
      clock,
    ),
    verify: async (userId: string) => ({ userId, admin: false, expiresAt: Number.POSITIVE_INFINITY }),
    addressOf: () => '127.0.0.1',
    correlation: noCorrelation,
    log,
  }
  const parts: { gateway?: Gateway } = {}
  const http = createHttpServer({
    ...shared,
    routes: [],
    upgrade: (request, socket, head) => parts.gateway?.upgrade(request, socket, head),
  })
  const gateway = createGateway({
    ...shared,
    apis: [
      { places: groupPlaces('/api/chat/ws'), words: core },
      { places: groupPlaces('/rooms'), words: rooms },
    ],
    chat: createChat({
      ...config,
      ...shared,
      push: null,
      store: at.store,
      directory: directoryOf(at.store),
      hub,
      now,
    }),
    refuse: http.refuse,
    now,
    clock,
    metrics: createMetrics(now, clock),
    isEnded: () => false,
    correlationIdOf: () => 'id',
    epoch: () => at.store.epoch,
    onAway: () => undefined,
  })
  parts.gateway = gateway
  return {
    url: await http.listen(),
    store: at.store,
    gateway,
    async close() {
      await gateway.close(0)
      await http.close(0)
      hub.close()
      await at[Symbol.asyncDispose]()
    },
  }
}

const open = (path: string, token: string) => openSocket(url + path, { token })

async function refusal(path: string, token: string) {
  const refused = await open(path, token).catch((error: unknown) => error)
  assert.ok(refused instanceof RefusedUpgrade, path)
  return { status: refused.status, ...(await refused.body) } as { status: number; detail: string }
}

test('each API has its sockets at its own path, and tells the same events in its own words', async () => {
  const { id } = await aGroup(store, { members: ['ann', 'bob'] })
  const [inCore, inRoom, inRooms] = [
    await open(`/api/chat/ws/${id}`, 'ann'),
    await open(`/rooms/${id}`, 'bob'),
    await open('/rooms', 'bob'),
  ]
  assert.deepEqual(await inRooms.next('welcome'), { type: 'welcome', rooms: [id] })
  assert.equal((await inRoom.ask({ type: 'message', content: 'hello' })).type, 'ack')
  const { cursor, message } = await inCore.next('new_message')
  assert.equal((message as { content: string }).content, 'hello')
  const said = { type: 'said', room: id, who: 'bob', text: 'hello', cursor }
  assert.deepEqual([await inRoom.next('said'), await inRooms.next('said')], [said, said])
  const others = [...inRoom.frames, ...inRooms.frames].filter(
    ({ type }) => !['welcome', 'said', 'ack'].includes(type),
  )
  assert.deepEqual(others, [], 'what has no word is not told')
  await Promise.all([inCore, inRoom, inRooms].map((socket) => socket.close()))
})

test('a limit counts the sockets of all APIs together', async () => {
  const { id } = await aGroup(store, { members: ['cem'] })
  const sockets = [
    await open('/api/chat/ws', 'cem'),
    await open('/rooms', 'cem'),
    await open(`/rooms/${id}`, 'cem'),
  ]
  assert.equal(gateway.users.get('cem'), maxConnectionsPerUser)
  for (const path of ['/api/chat/ws', '/rooms']) assert.equal((await refusal(path, 'cem')).status, 429)
  await Promise.all(sockets.map((socket) => socket.close()))
})

test('at any other path one is told where the sockets are', async () => {
  for (const path of ['/', '/ws', '/rooms/x', '/roomsx', '/api/chat/ws/a/b']) {
    const { status, detail } = await refusal(path, 'ann')
    assert.equal(status, 404)
    assert.equal(
      detail,
      'No such socket: connect to /api/chat/ws or /api/chat/ws/{group_id} or /rooms or /rooms/{group_id}.',
    )
  }
})

test('a refused frame and a service that goes down are told in the words of the API as well', async () => {
  const service = await startBoth()
  const { id } = await aGroup(service.store, { members: ['dan'] })
  const [inCore, inRoom] = [
    await openSocket(`${service.url}/api/chat/ws/${id}`, { token: 'dan' }),
    await openSocket(`${service.url}/rooms/${id}`, { token: 'dan' }),
  ]
  const refused = { type: 'subscribe', group_id: id, id: 7 }
  inCore.send(refused)
  inRoom.send(refused)
  const why = 'This socket is for one group only.'
  assert.deepEqual(await inCore.next('error'), { type: 'error', re: 7, code: 'forbidden', detail: why })
  assert.deepEqual(await inRoom.next('no'), { type: 'no', re: 7, code: 'forbidden', why })
  await service.close()
  assert.equal(typeof (await inCore.next('closing')).retry_after_ms, 'number')
  assert.deepEqual(await inRoom.next('back_soon'), { type: 'back_soon', seconds: 1 })
  assert.deepEqual(
    inRoom.frames.map(({ type }) => type),
    ['no', 'back_soon'],
  )
})
