import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { Position } from '../../src/domain/cursor.ts'
import { createEarly } from '../../src/hub/early.ts'
import type { LogEntry } from '../../src/hub/log.ts'
import { aChange, aMessage } from '../support/samples.ts'

const message = aMessage()

function setUp() {
  mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  let position: Position = { seq: 1, rev: 0 }
  const told: string[] = []
  const nameOf = ({ event, at }: LogEntry): string => {
    if (event?.type === 'reactions')
      return `${at.rev} ${event.messageId.slice(0, 4)} ${event.changed?.map(({ user_id }) => user_id).join()}`
    return event ? `${at.rev} ${event.type}` : `${at.rev}`
  }
  function take(): void {
    for (let entries = early.take(position); entries.length; entries = early.take(position))
      for (const entry of entries) {
        position = { ...entry.at }
        early.told(entry.event ? entry : { ...entry, folds: null })
        told.push(nameOf(entry))
      }
  }
  const early = createEarly(() => now, take)
  return {
    told,
    early,
    take,
    isBehind: () => early.isBehind(position),
    react(rev: number, user_id: string, about = message) {
      const data = { emoji: '👍', user_id, added: true }
      const change = aChange('reactions', { rev, seq: 1, messageId: about.id, messageSeq: 1, data })
      early.change(change, { message: about })
      take()
    },
    join(rev: number) {
      early.change(aChange('member_added', { rev, seq: 1, data: { user_id: 'new' } }), {})
      take()
    },
    pass(ms: number) {
      now += ms
      mock.timers.tick(ms)
    },
    [Symbol.dispose]: () => mock.timers.reset(),
  }
}

const about = message.id.slice(0, 4)

test('the first reaction is told at once, those of the next quarter of a second together', () => {
  using at = setUp()
  at.react(1, 'ann')
  at.pass(10)
  for (const [index, user] of ['bob', 'cem', 'dee'].entries()) at.react(index + 2, user)
  assert.deepEqual(at.told, [`1 ${about} ann`])
  assert.equal(at.isBehind(), false)
  at.pass(239)
  assert.equal(at.told.length, 1)
  at.pass(1)
  assert.deepEqual(at.told.slice(1), ['2', '3', `4 ${about} bob,cem,dee`])
  at.pass(250)
  at.react(5, 'eve')
  assert.deepEqual(at.told.at(-1), `5 ${about} eve`)
})

test('what waits for nobody is told at once, after what is held', () => {
  using at = setUp()
  at.react(1, 'ann')
  at.react(2, 'bob')
  at.react(3, 'cem')
  at.join(4)
  assert.deepEqual(at.told, [`1 ${about} ann`, '2', `3 ${about} bob,cem`, '4 member_added'])
  at.join(5)
  assert.equal(at.told.at(-1), '5 member_added')
  assert.equal(at.isBehind(), false)
})

test('several messages are folded each by itself, and none is told sooner than a quarter of a second after', () => {
  using at = setUp()
  const other = aMessage()
  at.react(1, 'ann')
  at.pass(100)
  at.react(2, 'ann', other)
  at.react(3, 'bob')
  at.react(4, 'bob', other)
  assert.deepEqual(at.told, [`1 ${about} ann`, `2 ${other.id.slice(0, 4)} ann`])
  at.pass(150)
  assert.equal(at.told.length, 2, 'the other message was told 150 ms ago')
  at.pass(100)
  assert.deepEqual(at.told.slice(2), [`3 ${about} bob`, `4 ${other.id.slice(0, 4)} bob`])
})

test('what is missing among those that are held is noticed', () => {
  using at = setUp()
  at.react(1, 'ann')
  at.react(2, 'bob')
  at.react(4, 'dee')
  assert.equal(at.isBehind(), true)
  at.react(3, 'cem')
  assert.equal(at.isBehind(), false)
  const data = { emoji: '👍', user_id: 'eve', added: true }
  at.early.change(aChange('reactions', { rev: 5, seq: 1, messageId: message.id, data }), {})
  assert.equal(at.isBehind(), true, 'only the log can tell this one')
  at.early.forget({ seq: 1, rev: 5 })
  assert.equal(at.isBehind(), false)
})

test('one that comes before its message waits for the message', () => {
  using at = setUp()
  const late = aMessage({ seq: 2 })
  const data = { emoji: '👍', user_id: 'ann', added: true }
  at.early.change(aChange('reactions', { rev: 1, seq: 2, messageId: late.id, messageSeq: 2, data }), {
    message: late,
  })
  at.pass(0)
  assert.equal(at.isBehind(), true)
  at.early.message(late)
  at.react(2, 'bob', late)
  assert.deepEqual(at.told, ['0 new_message', '1', `2 ${late.id.slice(0, 4)} ann,bob`])
})

test('what is pressed is told at once, and only that', () => {
  using at = setUp()
  at.early.press()
  at.react(1, 'ann')
  at.react(2, 'bob')
  at.react(3, 'cem')
  assert.deepEqual(at.told, [`1 ${about} ann`], 'there was nothing to press')
  at.early.press()
  at.take()
  assert.deepEqual(at.told.slice(1), ['2', `3 ${about} bob,cem`])
  at.react(4, 'dee')
  assert.equal(at.told.length, 3)
})
