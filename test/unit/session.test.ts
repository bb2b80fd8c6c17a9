import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Chat } from '../../src/chat/chat.ts'
import { createLive } from '../../src/chat/live.ts'
import { createRateLimit } from '../../src/domain/rate.ts'
import { createHub } from '../../src/hub/hub.ts'
import type { ClientSocket } from '../../src/ws/client-socket.ts'
import { createEncode } from '../../src/ws/frame.ts'
import { InboxSession } from '../../src/ws/inbox-session.ts'
import type { SessionDeps } from '../../src/ws/session.ts'
import { newGroup, newSend, temporaryStore } from '../support/store.ts'

const alice = { userId: 'alice', admin: false, expiresAt: Number.POSITIVE_INFINITY }
const noLimit = createRateLimit('anything', 0, () => 0)

test('a socket is replayed one group after the other, each when it has taken what came before', async () => {
  await using at = await temporaryStore()
  const { store } = at
  const encode = createEncode(store.epoch)
  const clock = () => performance.now()
  const hub = createHub({ store, encode, onError: assert.fail, instanceId: 'one', clock })
  const live = createLive({ store, hub, clock, rates: { typing: noLimit }, maxReplay: 100 })
  const groups = [newGroup(['alice']), newGroup(['alice']), newGroup(['alice'])]
  for (const group of groups) {
    await store.groups.create(group)
    await store.messages.append(newSend(group.id, 'alice', 'missed'), alice)
  }

  /** Groups whose messages were written, in order; what is written is taken when the test says so. */
  const written: string[] = []
  let take = () => {}
  const socket = {
    isOpen: true,
    write(frames: Buffer) {
      const id = /"type":"new_message","group_id":"(\w+)"/.exec(frames.toString())?.[1]
      if (id) written.push(id)
    },
    writeSoon: () => undefined,
    drained: () => new Promise<void>((resolve) => (take = resolve)),
  } as unknown as ClientSocket
  const deps = {
    chat: { live } as Chat,
    metrics: { socket: () => undefined, frame: () => undefined },
    rates: { requests: noLimit, tokens: noLimit, subscriptions: noLimit },
    correlation: { run: <T>(_id: string, work: () => T) => work() },
    epoch: () => store.epoch,
  } as unknown as SessionDeps
  const session = new InboxSession(deps, socket, alice, 'id', await live.subscribeAll(alice, 0))
  const after = `${store.epoch}.0.0`
  for (const { id } of groups) session.receive(JSON.stringify({ type: 'subscribe', group_id: id, after }))

  for (const [i] of groups.entries()) {
    while (written.length <= i) await turn()
    for (let n = 0; n < 20; n++) await turn()
    assert.deepEqual(
      written,
      groups.slice(0, i + 1).map(({ id }) => id),
    )
    take()
  }
})
