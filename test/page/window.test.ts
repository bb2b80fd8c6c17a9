import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createWindow } from '../../dashboard/chat/model/window.ts'
import { messageOf } from './model-samples.ts'

const seqsOf = ({ messages }: { messages: readonly { seq: number }[] }) => messages.map(({ seq }) => seq)

test('whatever the order in which messages come, they stand by their seq, each once and at its latest', () => {
  const states = fc.array(
    fc.record({ seq: fc.integer({ min: 1, max: 20 }), ver: fc.integer({ min: 1, max: 5 }) }),
  )
  fc.assert(
    fc.property(states, states, (page, live) => {
      const loaded = createWindow()
      const pageSeqs = new Map(page.map((state) => [state.seq, state]))
      const ascending = [...pageSeqs.values()].sort((a, b) => a.seq - b.seq)
      for (const { seq, ver } of live) loaded.put(messageOf(seq, { ver }))
      loaded.putAll(ascending.map(({ seq, ver }) => messageOf(seq, { ver })))
      const latest = new Map<number, number>()
      for (const { seq, ver } of [...live, ...ascending]) latest.set(seq, Math.max(ver, latest.get(seq) ?? 0))
      const wanted = [...latest].sort(([a], [b]) => a - b)
      assert.deepEqual(
        loaded.messages.map(({ seq, ver }) => [seq, ver]),
        wanted,
      )
      for (const [seq, ver] of wanted) assert.equal(loaded.get(`m${seq}`)?.ver, ver)
    }),
  )
})

test('what was handed out stays as it was', () => {
  const loaded = createWindow()
  loaded.replace([messageOf(1), messageOf(2)])
  const before = loaded.messages
  loaded.put(messageOf(3))
  loaded.put(messageOf(2, { ver: 2 }))
  assert.deepEqual(seqsOf({ messages: before }), [1, 2])
  assert.equal(before[1]?.ver, 1)
  assert.deepEqual(seqsOf(loaded), [1, 2, 3])
  assert.equal(loaded.messages, loaded.messages)
})

test('those that are dropped are not there any more', () => {
  const loaded = createWindow()
  loaded.replace([1, 2, 3].map((seq) => messageOf(seq)))
  loaded.drop(({ seq }) => seq === 2)
  assert.deepEqual([seqsOf(loaded), loaded.first, loaded.last], [[1, 3], 1, 3])
  assert.equal(loaded.get('m2'), undefined)
})
