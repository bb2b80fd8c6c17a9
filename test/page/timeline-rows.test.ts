import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Timeline } from '../../dashboard/chat/model/types.ts'
import { nameOfDay, startOfDay } from '../../dashboard/chat/timeline/days.ts'
import { createRows } from '../../dashboard/chat/timeline/rows.ts'
import { seenByWords } from '../../dashboard/chat/timeline/seen-by.ts'
import { createStack } from '../../dashboard/chat/timeline/stack.ts'
import type { Message, PendingSend } from '../../src/client/types.ts'
import { messageOf } from './model-samples.ts'

const noon = new Date(2026, 5, 10, 12).getTime()
const minute = 60_000
const around = { ownId: 'me', now: noon, columns: 90 }

const alice = { id: 'alice', username: 'alice', display_name: 'Alice', avatar_url: null }
const message = (seq: number, at: number, changes: Partial<Message> = {}): Message => {
  const created_at = new Date(at).toISOString()
  return messageOf(seq, { sender_id: 'alice', sender: alice, created_at, updated_at: created_at, ...changes })
}

const timeline = (messages: Message[], changes: Partial<Timeline> = {}): Timeline => ({
  messages,
  pending: [],
  notices: [],
  isLoading: false,
  isStart: true,
  isEnd: true,
  unreadFrom: null,
  ...changes,
})

const send = (clientId: string, changes: Partial<PendingSend> = {}): PendingSend => ({
  clientId,
  groupId: 'g',
  content: 'waits',
  state: 'sending',
  queuedAt: noon,
  options: {},
  ...changes,
})

/** `*` before those over which the name stands. */
const shown = (rows: ReturnType<typeof createRows>): string[] =>
  rows.list.map(({ kind, text, startsGroup, message, pending }) =>
    kind === 'message' ? `${startsGroup ? '*' : ''}${message?.id ?? pending?.clientId}` : text,
  )

test('days, notices and what is new stand between the messages', () => {
  const rows = createRows()
  const messages = [message(1, noon - 24 * 60 * minute), message(2, noon), message(4, noon + minute)]
  const notice = (id: number, afterSeq: number, text: string) => ({ id, afterSeq, at: noon, text })
  const notices = [notice(1, 2, 'bob joined'), notice(2, 4, 'bob left')]
  rows.update(timeline(messages, { notices, unreadFrom: 3 }), around)
  assert.deepEqual(shown(rows), ['Yesterday', '*m1', 'Today', '*m2', 'bob joined', 'New', '*m4', 'bob left'])
  // Those behind messages that are not loaded wait for them.
  rows.update(timeline(messages.slice(0, 2), { notices, isEnd: false }), around)
  assert.deepEqual(shown(rows), ['Yesterday', '*m1', 'Today', '*m2'])
})

test('messages of one sender within some minutes stand under one name', () => {
  const rows = createRows()
  const messages = [
    message(1, noon),
    message(2, noon + 4 * minute),
    message(3, noon + 10 * minute),
    message(4, noon + 10 * minute, { sender_id: 'bob' }),
    message(5, noon + 11 * minute, { sender_id: 'bob', reply_to: 'm1' }),
    message(6, noon + 12 * minute, { sender_id: 'me' }),
  ]
  const pending = [send('c1', { queuedAt: noon + 13 * minute }), send('c2', { queuedAt: noon + 13 * minute })]
  rows.update(timeline(messages, { pending }), around)
  assert.deepEqual(shown(rows), ['Today', '*m1', 'm2', '*m3', '*m4', '*m5', '*m6', 'c1', 'c2'])
})

test('a row is its message, whatever comes around it and whatever it turns into', () => {
  const rows = createRows()
  const first = [message(5, noon), message(6, noon)]
  rows.update(timeline(first, { pending: [send('c1')] }), around)
  const [, five, six, waits] = rows.list
  const versions = [five?.version, six?.version]
  const sent = message(7, noon, { sender_id: 'me', client_id: 'c1' })
  const changed = rows.update(timeline([message(4, noon), ...first, sent]), around)
  assert.deepEqual([...changed], [])
  // The name over a message stays, though the one in front of it has the same.
  assert.deepEqual(shown(rows), ['Today', '*m4', '*m5', 'm6', '*m7'])
  assert.deepEqual(rows.list.slice(2), [five, six, waits])
  assert.ok(rows.list[4] === waits && rows.of('m7') === waits && waits?.pending === null)
  assert.deepEqual([five?.version, six?.version], versions)

  const edited = message(6, noon, { content: 'other' })
  const others = rows.list.map(({ version }) => version)
  assert.deepEqual(
    [...rows.update(timeline([message(4, noon), first[0] as Message, edited, sent]), around)],
    ['m4', 'm6'],
  )
  assert.equal(six?.version, (others[3] ?? 0) + 1)
  assert.equal(five?.version, others[2])
})

test('what is not loaded any more is forgotten', () => {
  const rows = createRows()
  rows.update(timeline([message(1, noon), message(2, noon)]), around)
  rows.update(timeline([message(2, noon)]), around)
  assert.equal(rows.of('m1'), undefined)
  assert.ok(rows.of('m2'))
})

test('days have names', () => {
  const now = new Date(2026, 5, 10, 0, 5).getTime()
  const name = (year: number, month: number, day: number) =>
    nameOfDay(startOfDay(new Date(year, month, day, 13).getTime()), now)
  assert.equal(name(2026, 5, 10), 'Today')
  assert.equal(name(2026, 5, 9), 'Yesterday')
  assert.match(name(2026, 5, 8), /^Monday,? 8 June$/)
  assert.match(name(2025, 11, 31), /^Wednesday,? 31 December 2025$/)
})

test('who has seen the last own message is told, some by name', () => {
  const own = message(7, noon, { sender_id: 'me' })
  const names: Record<string, string> = { a: 'Alice', b: 'Bob', c: 'Chen', d: 'Dana', e: 'Eve' }
  const words = (reads: Record<string, number>) =>
    seenByWords(own, new Map(Object.entries(reads)), 'me', (id) => names[id])
  assert.equal(words({ me: 9, a: 6 }), '')
  assert.equal(words({ a: 7 }), 'seen by Alice')
  assert.equal(words({ a: 7, b: 8, c: 1 }), 'seen by Alice and Bob')
  assert.equal(words({ a: 7, x: 7 }), 'seen by Alice and 1 other')
  assert.equal(words({ a: 7, b: 7, c: 7, d: 7, e: 7, x: 7 }), 'seen by Alice, Bob, Chen, Dana and 2 others')
})

test('never more than 300 rows are to be drawn, however high the window and however low the rows', () => {
  const rows = createRows()
  rows.update(timeline(Array.from({ length: 10_000 }, (_, i) => message(i + 1, noon))), around)
  const stack = createStack()
  stack.setRows(rows.list)
  stack.setHead(50)
  for (const place of [0, 1_000, stack.whole / 2, stack.whole]) {
    const { first, last, from, to } = stack.around(place, 900)
    assert.ok(from <= first && first <= last && last <= to)
    assert.ok(to - from <= 300, String(to - from))
  }
  const row = rows.list[stack.indexAt(100_000)]
  assert.ok(row && stack.placeOf(row) <= 100_000 && stack.placeOf(row) + row.height >= 100_000)
})

test('what waits is shown though no message could be loaded, and not behind messages that are not the newest', () => {
  const rows = createRows()
  const pending = [send('c1', { state: 'waiting' })]
  const ids = (): (string | undefined)[] => rows.list.flatMap((row) => row.pending?.clientId ?? [])
  rows.update(timeline([], { pending, isStart: false, isEnd: false }), around)
  assert.deepEqual(ids(), ['c1'])
  rows.update(timeline([message(1, noon)], { pending, isEnd: false }), around)
  assert.deepEqual(ids(), [])
})
