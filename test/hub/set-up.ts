import type { Cursor } from '../../src/domain/cursor.ts'
import type { DurableEvent, PassingEvent } from '../../src/domain/events.ts'
import { createHub, type Hub } from '../../src/hub/hub.ts'
import type { Reader } from '../../src/hub/listener.ts'
import { temporaryStore } from '../store/open.ts'
import { aGroup, aSend, type GroupSample, user } from '../support/samples.ts'

export const alice = user('alice')
export const bob = user('bob')

export type Told = (DurableEvent | PassingEvent) & { at?: Cursor }

/** Frames are lines of JSON here: easy to gather, easy to part. */
export const encode = (event: DurableEvent | PassingEvent, at?: Cursor) =>
  Buffer.from(`${JSON.stringify({ ...event, at })}\n`)

export interface TestReader extends Reader {
  told: Told[]
  packets: number
  ended: string[]
  /** Resolves when all that was queued is replayed. */
  replayed: Promise<void>
}

export function listen(): TestReader {
  const told: Told[] = []
  const ended: string[] = []
  return {
    told,
    ended,
    packets: 0,
    isOpen: true,
    deliver(packet) {
      this.packets++
      for (const line of packet.toString().trim().split('\n')) told.push(JSON.parse(line) as Told)
    },
    revoked: (_groupId, reason) => ended.push(reason),
    resync: (_groupId, _position, reason) => ended.push(`resync ${reason}`),
    interrupted: (_groupId, error) => ended.push(String(error)),
    drained: () => Promise.resolve(),
    replayed: Promise.resolve(),
    queueReplay(work) {
      this.replayed = this.replayed.then(work)
    },
  }
}

/** A hub on a store of its own, with a group of alice, who owns it, and bob. */
export async function setUp(sample: GroupSample = {}) {
  const { store, ...disposable } = await temporaryStore()
  const errors: unknown[] = []
  const hub = createHub({
    store,
    onError: (error) => errors.push(error),
    instanceId: 'one',
    now: Date.now,
    clock: () => performance.now(),
  })
  const group = await aGroup(store, { members: ['alice', 'bob'], owner: 'alice', ...sample })
  const send = async (content: string, by = alice) =>
    (await store.messages.append(aSend(group, { senderId: by.userId, content }), by)).value
  return { store, hub, group, send, errors, ...disposable }
}

/** A live listener, from now on. */
export async function live(hub: Hub, groupId: string, by = bob) {
  const subscriber = await hub.open(groupId, by, encode)
  const listener = listen()
  subscriber.attach(listener)
  subscriber.activate()
  return { subscriber, listener }
}

export const durable = (told: Told[]) => told.filter((event) => event.at !== undefined)
export const contents = (told: Told[]) =>
  durable(told).map((event) => ('message' in event ? event.message.content : event.type))
