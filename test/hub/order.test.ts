import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { inOrder, type Ordered } from '../../src/hub/order.ts'
import { aChange, aMessage, numbers } from '../support/samples.ts'

const message = (seq: number) => aMessage({ seq })
const change = (rev: number, seq: number) => aChange('group_updated', { rev, seq })
const messages = (from: number, to: number) => numbers(from, to).map(message)
const show = (entries: readonly Ordered[]) =>
  entries.map((entry) => ('message' in entry ? `m${entry.at.seq}` : `c${entry.at.rev}`)).join(' ')
const start = { seq: 0, rev: 0 }

test('a change comes after the messages that were there when it was made', () => {
  const both = { messages: messages(1, 4), changes: [change(1, 2), change(2, 2), change(3, 4)] }
  const { entries, at } = inOrder(start, both, 10)
  assert.equal(show(entries), 'm1 m2 c1 c2 m3 m4 c3')
  assert.deepEqual(at, { seq: 4, rev: 3 })
  assert.deepEqual(entries[2]?.at, { seq: 2, rev: 1 })
})

test('a change whose messages are on the next page waits for it, and so do messages for changes that may be there', () => {
  const more = inOrder(start, { messages: messages(1, 2), changes: [change(1, 1), change(2, 3)] }, 2)
  assert.equal(show(more.entries), 'm1 c1 m2')
  assert.deepEqual(more.at, { seq: 2, rev: 1 })
  const others = inOrder(start, { messages: messages(1, 1), changes: [change(1, 0), change(2, 0)] }, 2)
  assert.equal(show(others.entries), 'c1 c2', 'a third change may belong before the message')
})

test('a number that only a change names is not passed over, one below a message that is there is', () => {
  const named = inOrder(start, { messages: [], changes: [change(1, 5)] }, 10)
  assert.deepEqual(named.at, { seq: 0, rev: 1 })
  const removed = inOrder(start, { messages: [message(1), message(4)], changes: [change(1, 3)] }, 10)
  assert.equal(show(removed.entries), 'm1 c1 m4')
})

test('read page by page, whatever the size, all comes once and in one order', () => {
  const log = fc.record({
    count: fc.nat(40),
    seqs: fc.array(fc.nat(40), { maxLength: 40 }),
    limit: fc.integer({ min: 1, max: 12 }),
  })
  fc.assert(
    fc.property(log, ({ count, seqs, limit }) => {
      const all = messages(1, count)
      const changes = seqs
        .map((seq) => Math.min(seq, count))
        .sort((a, b) => a - b)
        .map((seq, i) => change(i + 1, seq))
      const whole = show(inOrder(start, { messages: all, changes }, 1_000).entries)
      const told: Ordered[] = []
      let at = start
      for (let turn = 0; turn < 500; turn++) {
        const page = {
          messages: all.filter(({ seq }) => seq > at.seq).slice(0, limit),
          changes: changes.filter(({ rev }) => rev > at.rev).slice(0, limit),
        }
        const ordered = inOrder(at, page, limit)
        told.push(...ordered.entries)
        at = ordered.at
        if (page.messages.length < limit && page.changes.length < limit) break
      }
      assert.equal(show(told), whole)
    }),
  )
})
