import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { covers, formatCursor, parseCursor } from '../../src/domain/cursor.ts'

const number = fc.integer({ min: 0, max: 1e12 })

test('a cursor is read as it was written', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9]{1,32}$/), number, number, (epoch, seq, rev) => {
      assert.deepEqual(parseCursor(formatCursor(epoch, { seq, rev })), { epoch, at: { seq, rev } })
    }),
  )
})

test('a cursor inside a replay remembers where that began, until it has passed its end', () => {
  const replay = { seq: 3, rev: 9 }
  assert.equal(formatCursor('e', { seq: 5, rev: 7, replay }), 'e.5.7.3.9')
  assert.deepEqual(parseCursor('e.5.7.3.9').at, { seq: 5, rev: 7, replay })
  assert.equal(formatCursor('e', { seq: 5, rev: 9, replay }), 'e.5.9')
})

test('what is not a cursor is refused as malformed', () => {
  for (const text of [
    '',
    'e',
    'e.1',
    'e.1.x',
    'e.-1.2',
    'e.1.2.3',
    'é.1.2',
    'e.1.2 ',
    `e.${'9'.repeat(16)}.1`,
    'e.1e3.2',
  ])
    assert.throws(() => parseCursor(text), { name: 'ChatError', code: 'malformed' }, text)
})

test('covers is true when both numbers are reached', () => {
  assert.equal(covers({ seq: 2, rev: 2 }, { seq: 2, rev: 2 }), true)
  assert.equal(covers({ seq: 2, rev: 1 }, { seq: 2, rev: 2 }), false)
  assert.equal(covers({ seq: 1, rev: 3 }, { seq: 2, rev: 2 }), false)
})
