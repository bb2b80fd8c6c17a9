import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import type { MongoClient } from 'mongodb'
import { watchHeartbeats } from '../../src/store/mongo/heartbeat.ts'
import { eventually } from '../mongo/eventually.ts'

test('a heartbeat that neither comes nor fails is noticed, once; one that is awaited has longer', async () => {
  const driver = new EventEmitter()
  const hung: number[] = []
  const stop = watchHeartbeats(driver as unknown as MongoClient, 10, () => hung.push(performance.now()))
  const started = performance.now()
  const begin = (connectionId: string, awaited: boolean) =>
    driver.emit('serverHeartbeatStarted', { connectionId, awaited })
  begin('a', false)
  begin('b', false)
  driver.emit('serverHeartbeatSucceeded', { connectionId: 'a' })
  driver.emit('serverHeartbeatFailed', { connectionId: 'b' })
  begin('c', true)
  begin('d', false)
  driver.emit('serverClosed', { address: 'd' })
  await eventually('a turn has passed', () => performance.now() - started > 1_200)
  assert.deepEqual(hung, [])
  begin('e', false)
  await eventually('it is noticed', () => hung.length > 0, 2_000)
  await eventually('another turn has passed', () => performance.now() - (hung[0] ?? 0) > 1_100)
  assert.equal(hung.length, 1)
  stop()
})
