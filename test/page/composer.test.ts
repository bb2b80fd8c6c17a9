import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentLimit, contentOf, roomLeft, roomText } from '../../dashboard/chat/composer/content.ts'
import { mentionAt, suggestMentions } from '../../dashboard/chat/composer/mention.ts'
import { typingText } from '../../dashboard/chat/composer/typing.ts'
import { sizeText } from '../../dashboard/parts/size.ts'
import type { Member } from '../../src/client/types.ts'
import { limits } from '../../src/domain/limits.ts'

const member = (username: string, display_name = username): Member => ({
  user_id: `id of ${username}`,
  username,
  display_name,
  role: 'member',
  joined_at: '2026-01-01T00:00:00Z',
  muted_until: null,
})

test('a mention is written from its @ to the caret, and an address of mail is none', () => {
  const at = (text: string) => mentionAt(text, text.length)
  assert.deepEqual(at('@'), { start: 0, text: '' })
  assert.deepEqual(at('hello @al'), { start: 6, text: 'al' })
  assert.deepEqual(at('(@al.b-c_d~2'), { start: 1, text: 'al.b-c_d~2' })
  assert.deepEqual(at('line\n@Zoë'), { start: 5, text: 'Zoë' })
  assert.deepEqual(mentionAt('@alice and', 3), { start: 0, text: 'al' })
  for (const text of ['', 'al', 'mail@al', 'a.@al', '@@al', '@al ', 'https://host/@al']) {
    assert.equal(at(text), null, text)
  }
})

test('members are found by username, then by a word of their name, without case and accents', () => {
  const members = [member('bob', 'Albert Ross'), member('alice'), member('zoë', 'Zoë Alba'), member('me')]
  const suggest = (query: string, wroteLast: string[] = [], mayMentionAll = true) =>
    suggestMentions(query, members, { meId: 'id of me', wroteLast, mayMentionAll }).map(
      ({ username }) => username,
    )
  assert.deepEqual(suggest('al'), ['alice', 'bob', 'zoë', 'all'])
  assert.deepEqual(suggest('AL', ['id of zoë'], false), ['alice', 'zoë', 'bob'])
  assert.deepEqual(suggest('zoe'), ['zoë'])
  assert.deepEqual(suggest('', ['id of zoë', 'id of bob']), ['zoë', 'bob', 'alice', 'all'])
  assert.deepEqual(suggest('me'), [])
  assert.deepEqual(suggest('lice'), [])
})

test('eight are suggested at most', () => {
  const members = Array.from({ length: 20 }, (_, i) => member(`user${i}`))
  const suggest = (mayMentionAll: boolean) =>
    suggestMentions('', members, { meId: '', wroteLast: [], mayMentionAll })
  assert.equal(suggest(false).length, 8)
  assert.equal(suggest(true).length, 8)
  assert.equal(suggest(true).at(-1)?.username, 'all')
})

test('who types is said in one line', () => {
  const people = ['alice', 'bob', 'carol'].map((display_name) => ({ display_name }))
  assert.equal(typingText([]), '')
  assert.equal(typingText(people.slice(0, 1)), 'alice is typing')
  assert.equal(typingText(people.slice(0, 2)), 'alice and bob are typing')
  assert.equal(typingText(people), 'several people are typing')
})

test('lines that are empty at the ends are not sent, and the first line keeps its indent', () => {
  assert.equal(contentOf('\n \n  code\n  more \n\n'), '  code\n  more')
  assert.equal(contentOf(' \n\t '), '')
  assert.equal(contentOf('a\n\nb'), 'a\n\nb')
})

test('the room of a message is what the service takes, counted as it counts', () => {
  assert.equal(contentLimit, limits.messageContent)
  assert.equal(roomLeft('a'.repeat(contentLimit - 501)), null)
  assert.equal(roomLeft('a'.repeat(contentLimit - 500)), 500)
  assert.equal(roomLeft('😀'.repeat(contentLimit)), 0)
  assert.equal(roomLeft('😀'.repeat(contentLimit / 2 + 1)), null)
  assert.equal(roomLeft('a'.repeat(contentLimit + 1_234)), -1_234)
  assert.equal(roomText(480), '480 left')
  assert.equal(roomText(-1_234), '1,234 too many: a message has at most 10,000 characters')
})

test('sizes are short', () => {
  const sizes = [0, 999, 1_000, 3_420, 25_000, 640_000, 999_600, 26_214_400, 4_000_000_000, 5_000_000_000_000]
  assert.deepEqual(sizes.map(sizeText), [
    '0 B',
    '999 B',
    '1 kB',
    '3.4 kB',
    '25 kB',
    '640 kB',
    '1 MB',
    '26 MB',
    '4 GB',
    '5000 GB',
  ])
})
