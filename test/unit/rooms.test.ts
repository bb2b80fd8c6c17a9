import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createRoomFrames } from '../../src/api/rooms/frames.ts'
import { createHeardRooms } from '../../src/api/rooms/heard.ts'
import { frameTypes, writeRoomEvent } from '../../src/api/rooms/vocabulary.ts'
import type { PassingEvent } from '../../src/domain/events.ts'
import { createEncode } from '../../src/ws/frame.ts'
import { readDocument } from '../support/document.ts'
import { personOf } from '../support/people.ts'
import { t0 } from '../support/samples.ts'

const groupId = '65c1e2c4b7d2f3a9c8e10b77'
const telling = { room: 'general', prefix: '/api/chat', personOf, at: t0 }
const timestamp = new Date(t0).toISOString()

const crowd = (joined: readonly string[], joinedCount: number, left: readonly string[] = [], leftCount = 0) =>
  writeRoomEvent(
    {
      type: 'presence',
      groupId,
      connectionCount: 300,
      joined,
      joinedCount,
      left,
      leftCount,
    } satisfies PassingEvent,
    telling,
  )

const notice = (event: string, content: string, who: object) => ({
  type: 'system',
  content: `${content} ${event} the room`,
  room: 'general',
  timestamp,
  event,
  ...who,
})

describe('who comes and goes in a crowd', () => {
  test('is told in one notice, which names two of them', () => {
    assert.deepEqual(crowd(['tom', 'kim', 'lea'], 14), [
      notice('joined', 'tom, kim and 12 others', { usernames: ['tom', 'kim'], count: 14 }),
    ])
    assert.deepEqual(crowd(['tom', 'kim', 'lea'], 3), [
      notice('joined', 'tom, kim and 1 other', { usernames: ['tom', 'kim'], count: 3 }),
    ])
    assert.deepEqual(crowd(['tom', 'kim'], 2), [
      notice('joined', 'tom and kim', { usernames: ['tom', 'kim'], count: 2 }),
    ])
  })

  test('is told as ever where it is one, and of coming and going in two notices', () => {
    assert.deepEqual(crowd(['tom'], 1, ['kim', 'lea'], 2), [
      notice('joined', 'tom', { user_id: 'tom', username: 'tom' }),
      notice('left', 'kim and lea', { usernames: ['kim', 'lea'], count: 2 }),
    ])
  })

  test('is not told where only the number of connections has changed', () => {
    assert.deepEqual(crowd([], 0), [])
  })
})

test('several frames of one event are as many on the wire, and none is nothing', () => {
  const encode = createEncode('epoch', (event) => writeRoomEvent(event, telling))
  const messageIds = [groupId, groupId]
  const frames = encode({ type: 'messages_erased', groupId, messageIds })?.toString('latin1') ?? ''
  const one = encode({ type: 'message_deleted', groupId, messageId: groupId, seq: 1 })?.toString('latin1')
  assert.equal(frames, `${one}${one}`)
  assert.equal(encode({ type: 'messages_erased', groupId, messageIds: [] }), null)
  assert.equal(encode({ type: 'history_cleared', groupId, upToSeq: 1 }), null)
})

test('the name of a room is kept until the last of its sockets has ended', () => {
  const heard = createHeardRooms()
  const [first, second] = [heard.hold(groupId, 'tea'), heard.hold(groupId, 'tea')]
  first()
  assert.equal(heard.nameOf(groupId), 'tea')
  second()
  assert.equal(heard.nameOf(groupId), undefined)
})

describe('docs/dialects/rooms.md', () => {
  const { tableBelow } = readDocument('dialects/rooms.md')
  const typesIn = (heading: string) =>
    tableBelow(heading).flatMap(([frame = '']) => /"type":"(\w+)"/.exec(frame)?.[1] ?? [])

  test('lists the frames that a client may send', () => {
    assert.deepEqual(typesIn('From the client').sort(), Object.keys(createRoomFrames()).sort())
  })

  test('lists the frames that a server may tell', () => {
    assert.deepEqual(typesIn('From the server').sort(), [...frameTypes].sort())
  })
})
