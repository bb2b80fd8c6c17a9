import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allEmoji, findEmoji } from '../../dashboard/chat/emoji/find.ts'
import { moveInGrid } from '../../dashboard/chat/emoji/grid.ts'
import { shortcuts } from '../../dashboard/chat/emoji/list.ts'
import { recentEmoji, rememberEmoji } from '../../dashboard/chat/emoji/recent.ts'

const entries = allEmoji.flatMap((group) => group.entries)
const found = (query: string, recent: readonly string[] = []): string[] =>
  findEmoji(query, recent).flatMap((group) => group.entries.map(({ emoji }) => emoji))

test('the list has emoji as the service takes them, each once and with words that find it', () => {
  assert.ok(entries.length >= 350, `${entries.length}`)
  for (const { emoji, words } of entries) {
    assert.match(emoji, /^\p{RGI_Emoji}$/v)
    assert.ok(words.length > 0 && words.every((word) => /^[a-z]+$/.test(word)), `${emoji} ${words}`)
  }
  assert.equal(new Set(entries.map(({ emoji }) => emoji)).size, entries.length)
})

test('no emoji is a part of another one', () => {
  const all = entries.map(({ emoji }) => emoji)
  assert.deepEqual(
    all.filter((emoji) => all.some((other) => other !== emoji && other.includes(emoji))),
    [],
  )
})

test('the quick ones are in the list', () => {
  const all = new Set(entries.map(({ emoji }) => emoji))
  assert.deepEqual(
    shortcuts.filter((emoji) => !all.has(emoji)),
    [],
  )
})

test('words are found by how they begin, all of them, and an emoji by itself', () => {
  assert.ok(found('thu').includes('👍'))
  assert.deepEqual(found('Thumbs UP'), ['👍'])
  assert.deepEqual(found('👍'), ['👍'])
  assert.deepEqual(found('humb'), [])
  assert.equal(found('').length, entries.length)
})

test('those used last stand in front, and only there', () => {
  const [first, ...others] = findEmoji('', ['🎉', '👍', 'gone'])
  assert.equal(first?.name, 'Used last')
  assert.deepEqual(
    first?.entries.map(({ emoji }) => emoji),
    ['🎉', '👍'],
  )
  assert.ok(!others.flatMap((group) => group.entries).some(({ emoji }) => emoji === '🎉'))
  assert.deepEqual(
    findEmoji('rocket', ['🎉']).map(({ name }) => name),
    ['Things to do'],
  )
})

test('what is used comes to the front, once, and sixteen are kept', () => {
  const items = new Map<string, string>()
  const keeping = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  }
  assert.deepEqual(recentEmoji(keeping), [])
  for (const { emoji } of entries.slice(0, 20)) rememberEmoji(keeping, emoji)
  rememberEmoji(keeping, entries[18]?.emoji ?? '')
  const recent = recentEmoji(keeping)
  assert.equal(recent.length, 16)
  assert.deepEqual(recent.slice(0, 3), [entries[18]?.emoji, entries[19]?.emoji, entries[17]?.emoji])
})

test('arrow keys go by rows, also from group to group', () => {
  // 0 1 2      (a group of five in rows of three)
  // 3 4
  // 5 6 7 8    (a group of four)
  const move = (at: number, key: string) => moveInGrid([5, 4], 3, at, key)
  assert.equal(move(1, 'ArrowDown'), 4)
  assert.equal(move(2, 'ArrowDown'), 4)
  assert.equal(move(4, 'ArrowDown'), 6)
  assert.equal(move(7, 'ArrowDown'), 8)
  assert.equal(move(8, 'ArrowDown'), null)
  assert.equal(move(5, 'ArrowUp'), 3)
  assert.equal(move(1, 'ArrowUp'), null)
  assert.equal(move(4, 'ArrowRight'), 5)
  assert.equal(move(8, 'ArrowRight'), null)
  assert.equal(move(0, 'ArrowLeft'), null)
  assert.equal(move(6, 'Home'), 5)
  assert.equal(move(3, 'End'), 4)
  assert.equal(move(3, 'x'), null)
})
