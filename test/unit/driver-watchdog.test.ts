import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import type { MongoClient } from 'mongodb'
import { watchDriver } from '../../src/store/mongo/engine/driver-watchdog.ts'

test('a heartbeat that neither comes nor fails is noticed, once; one that is awaited has longer', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let at = 0
  t.mock.method(performance, 'now', () => at)
  const pass = (ms: number) => {
    at += ms
    t.mock.timers.tick(ms)
  }
  const driver = Object.assign(new EventEmitter(), { options: { heartbeatFrequencyMS: 10_000 } })
  let hung = 0
  const stop = watchDriver(driver as unknown as MongoClient, 1_000, () => hung++)
  const begin = (connectionId: string, awaited: boolean) =>
    driver.emit('serverHeartbeatStarted', { connectionId, awaited })
  begin('a', false)
  begin('b', false)
  driver.emit('serverHeartbeatSucceeded', { connectionId: 'a' })
  driver.emit('serverHeartbeatFailed', { connectionId: 'b' })
  begin('c', true)
  begin('d', false)
  driver.emit('serverClosed', { address: 'd' })
  pass(11_000)
  assert.equal(hung, 0)
  begin('e', false)
  driver.emit('serverHeartbeatSucceeded', { connectionId: 'c' })
  pass(3_000)
  assert.equal(hung, 1)
  pass(3_000)
  assert.equal(hung, 1)
  begin('f', true)
  pass(11_000)
  assert.equal(hung, 1)
  pass(2_000)
  assert.equal(hung, 2)
  stop()
})
