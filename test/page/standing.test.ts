import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  inOrder,
  totalsOf,
  unreadBehind,
  withChange,
  withDeleted,
  withFetched,
  withMessage,
  withRead,
} from '../../dashboard/chat/model/standing.ts'
import { groupOf, messageOf } from './model-samples.ts'

const countsOf = ({ unread_count, mention_count }: { unread_count: number; mention_count: number }) => [
  unread_count,
  mention_count,
]

test('a message is counted once; one that calls the user is a mention; an own one is read, and all before it', () => {
  let group = groupOf('g')
  for (const message of [messageOf(1), messageOf(1), messageOf(2, { mentions: ['me'] })])
    group = withMessage(group, message, 'me')
  assert.deepEqual([group.seq, ...countsOf(group)], [2, 2, 1])
  group = withMessage(group, messageOf(3, { mention_all: true }), 'me')
  assert.deepEqual(countsOf(group), [3, 2])
  group = withMessage(group, messageOf(4, { sender_id: 'me' }), 'me')
  assert.deepEqual([group.read_seq, ...countsOf(group)], [4, 0, 0])
})

test('for a guest nothing is unread', () => {
  const group = withMessage(groupOf('g', { role: null }), messageOf(1), 'me')
  assert.deepEqual([group.seq, ...countsOf(group)], [1, 0, 0])
})

test('a deletion takes what was unread, and leaves the place of the last message', () => {
  const group = withMessage(groupOf('g', { seq: 1, read_seq: 1 }), messageOf(2), 'me')
  const after = withDeleted(group, 'm2', 2)
  assert.deepEqual(
    [after.unread_count, after.last_message?.is_deleted, after.last_message?.content],
    [0, true, ''],
  )
  assert.equal(withDeleted(after, 'm1', 1), after)
})

test('an edit of the last message is shown, an older state is not', () => {
  const group = withMessage(groupOf('g'), messageOf(1, { ver: 2 }), 'me')
  assert.equal(withChange(group, messageOf(1, { ver: 3, content: 'new' })).last_message?.content, 'new')
  assert.equal(withChange(group, messageOf(1)), group)
})

test('what was heard while the answer came is counted on top of it, and what was read meanwhile stays read', () => {
  const fetched = groupOf('g', { seq: 5, read_seq: 2, unread_count: 3 })
  const heard = [messageOf(5), messageOf(6), messageOf(7)]
  assert.deepEqual(countsOf(withFetched(undefined, fetched, heard, 'me')), [5, 0])
  const known = withRead(groupOf('g', { seq: 7, read_seq: 2, unread_count: 5 }), 7)
  const merged = withFetched(known, fetched, heard, 'me')
  assert.deepEqual([merged.read_seq, ...countsOf(merged)], [7, 0, 0])
})

test('how a direct chat is told of is known though it is fetched by itself', () => {
  const { notify: _, pinned: __, hidden: ___, ...fetched } = groupOf('g', { kind: 'direct' })
  assert.equal(withFetched(undefined, fetched as never, [], 'me').notify, 'all')
})

test('what is unread behind a message leaves out the own and the deleted ones', () => {
  const messages = [
    messageOf(1),
    messageOf(2, { mentions: ['me'] }),
    messageOf(3, { sender_id: 'me' }),
    messageOf(4, { is_deleted: true }),
    messageOf(5),
  ]
  assert.deepEqual(countsOf(unreadBehind(messages, 1, 'me')), [2, 1])
  assert.deepEqual(countsOf(unreadBehind(messages, 5, 'me')), [0, 0])
})

test('pinned groups come first, then the latest activity; silenced ones count nothing', () => {
  const at = (seconds: number) => new Date(seconds * 1_000).toISOString()
  const groups = [
    groupOf('old', { last_message_at: at(1), unread_count: 1 }),
    groupOf('new', { last_message_at: at(3), unread_count: 2, mention_count: 1 }),
    groupOf('made', { created_at: at(2) }),
    groupOf('pinned', { pinned: true, notify: 'none', unread_count: 9, mention_count: 9 }),
  ]
  assert.deepEqual(
    groups.toSorted(inOrder).map(({ id }) => id),
    ['pinned', 'new', 'made', 'old'],
  )
  assert.deepEqual(totalsOf(groups), { unread: 3, mentions: 1 })
})
