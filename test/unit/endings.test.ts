import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { endInTurn } from '../../src/ws/endings.ts'

test('connections that are gone at once end in turns, in their order; a few end at once', async () => {
  const ended: EventEmitter[] = []
  function onClose(this: EventEmitter) {
    ended.push(this)
  }
  const sockets = Array.from({ length: 1_000 }, () => {
    const socket = new EventEmitter().on('close', onClose)
    endInTurn(socket as Socket)
    return socket
  })
  const [first, ...others] = sockets
  first?.emit('close')
  assert.deepEqual(ended, [first])
  for (const socket of others) socket.emit('close')
  assert.equal(ended.length, 100)
  let turns = 0
  for (; ended.length < sockets.length; turns++) {
    const before = ended.length
    await turn()
    assert.ok(ended.length - before <= 100)
  }
  assert.deepEqual(ended, sockets)
  assert.ok(turns >= 4)
})
