import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isWanted } from '../../dashboard/chat/account/notice.ts'
import { addressOf, readAddress, withoutToken } from '../../dashboard/chat/address.ts'
import { createPartners } from '../../dashboard/chat/groups/partners.ts'
import { nameOf, preview, shortTime, unreadText } from '../../dashboard/chat/groups/wording.ts'
import { excerpt } from '../../dashboard/chat/search/highlight.ts'
import { memoryKeeping } from '../../dashboard/chat/session/keeping.ts'
import { titleOf, withCount } from '../../dashboard/chat/title.ts'
import { initials } from '../../dashboard/parts/avatar.ts'
import type { Group, Message, Person } from '../../src/client/types.ts'

const bob: Person = { id: 'b', username: 'bob', display_name: 'Bob Ross', avatar_url: null }

const message = (changes: Partial<Message>): Message =>
  ({
    id: 'm',
    sender_id: bob.id,
    sender: bob,
    content: 'hello',
    seq: 5,
    is_deleted: false,
    mentions: [],
    mention_all: false,
    attachments: [],
    ...changes,
  }) as unknown as Message

const group = (changes: Partial<Group>): Group =>
  ({ id: 'g', kind: 'group', name: 'general', read_seq: 4, notify: 'mentions', ...changes }) as Group

test('an address names a group, a message, an invite or a token, whatever their characters', () => {
  const nothing = { groupId: null, messageId: null, invite: null, token: null }
  assert.deepEqual(readAddress(''), nothing)
  assert.deepEqual(readAddress('#main'), nothing)
  assert.deepEqual(readAddress(addressOf('a&b=c#d', 'm 1')), {
    ...nothing,
    groupId: 'a&b=c#d',
    messageId: 'm 1',
  })
  assert.equal(readAddress('#invite=abc').invite, 'abc')
  assert.equal(readAddress('#token=a.b-c_d.e').token, 'a.b-c_d.e')
  assert.equal(withoutToken('#token=a.b.c'), '')
  assert.equal(withoutToken('#token=a.b.c&group=g'), '#group=g')
})

test('a group’s link is called by what counts', () => {
  assert.equal(unreadText(0), '')
  assert.equal(unreadText(3), ', 3 unread')
  assert.equal(nameOf(group({}), null), 'general')
  assert.equal(nameOf(group({ kind: 'direct', name: null }), bob), 'Bob Ross')
  assert.equal(nameOf(group({ kind: 'direct', name: null }), null), 'Direct chat')
})

test('the last message is told in one line, with who wrote it', () => {
  assert.equal(preview(message({ content: 'one\n\n two' }), 'a', false), 'Bob Ross: one two')
  assert.equal(preview(message({}), 'a', true), 'hello')
  assert.equal(preview(message({}), bob.id, true), 'You: hello')
  assert.equal(preview(message({ is_deleted: true, content: '' }), 'a', true), 'deleted')
  assert.equal(
    preview(
      message({ content: '', attachments: [{ name: 'plan.pdf' }] as Message['attachments'] }),
      'a',
      true,
    ),
    'plan.pdf',
  )
  assert.equal(preview(null, 'a', false), '')
})

test('times are as short as they can be understood', () => {
  const now = new Date(2026, 5, 18, 12).getTime()
  const at = (...[month, day]: [number, number]): string => new Date(2026, month, day, 9, 5).toISOString()
  assert.match(shortTime(at(5, 18), now), /^0?9:05/)
  assert.equal(shortTime(at(5, 16), now), 'Tue')
  assert.equal(shortTime(at(0, 2), now), '2 Jan')
  assert.equal(shortTime(null, now), '')
})

test('what was found is shown with what stands around it, and no character is cut in two', () => {
  assert.deepEqual(excerpt('say hello there', [[4, 9]]), [
    { text: 'say ', isFound: false },
    { text: 'hello', isFound: true },
    { text: ' there', isFound: false },
  ])
  const long = `${'word '.repeat(100)}needle${' more'.repeat(100)}`
  const pieces = excerpt(long, [[500, 506]])
  assert.deepEqual(pieces[0], { text: '… ', isFound: false })
  assert.deepEqual(
    pieces.filter(({ isFound }) => isFound).map(({ text }) => text),
    ['needle'],
  )
  assert.equal(pieces.at(-1)?.text, ' …')
  // The beginning and the end of the excerpt each fall between the halves of a character.
  const halves = `${'😀'.repeat(30)}x${'😀'.repeat(200)}`
  for (const start of [60, 61, 63]) {
    const highlight = [start, start + 2 - (start === 60 ? 1 : 0)] as const
    for (const { text } of excerpt(halves, [highlight])) assert.ok(text.isWellFormed(), `found at ${start}`)
  }
  assert.deepEqual(excerpt('a b', []), [{ text: 'a b', isFound: false }])
  // Two that overlap are one after the other, and nothing is told twice.
  assert.equal(
    excerpt('abcdef', [
      [0, 3],
      [2, 5],
    ])
      .map(({ text }) => text)
      .join(''),
    'abcdef',
  )
})

test('the user is told of what the group’s choice says, and never of their own or of what was read', () => {
  const own = 'a'
  assert.equal(isWanted(message({}), group({}), own), false)
  assert.equal(isWanted(message({ mentions: [own] }), group({}), own), true)
  assert.equal(isWanted(message({ mention_all: true }), group({}), own), true)
  assert.equal(isWanted(message({}), group({ notify: 'all' }), own), true)
  assert.equal(isWanted(message({ mentions: [own] }), group({ notify: 'none' }), own), false)
  assert.equal(isWanted(message({}), group({ notify: 'all', read_seq: 5 }), own), false)
  assert.equal(isWanted(message({ sender_id: own }), group({ notify: 'all' }), own), false)
  assert.equal(isWanted(message({ is_deleted: true }), group({ notify: 'all' }), own), false)
})

test('counts stand in the title and on the icon', () => {
  assert.equal(titleOf(0, null), 'Chat')
  assert.equal(titleOf(3, 'general'), '(3) general · Chat')
  assert.equal(titleOf(200, null), '(99+) Chat')
  const icon = '<svg><path/></svg>'
  assert.equal(withCount(icon, 0, 0), icon)
  assert.match(withCount(icon, 7, 0), /<path\/>.*>7<\/text><\/svg>$/)
  assert.match(withCount(icon, 300, 120), />99\+<\/text>/)
})

test('whom one writes with is asked for once, and known at once at the next start', async () => {
  const keeping = memoryKeeping()
  let asked = 0
  const get = async (): Promise<Person> => {
    asked++
    return bob
  }
  const direct = group({ kind: 'direct', name: null, user_ids: ['a', 'b'] })
  const partners = createPartners({ ownId: 'a', keeping, get })
  assert.equal(partners.of(group({})), null)
  assert.equal(partners.of(direct), null)
  await new Promise((resolve) => partners.known.listen((known) => known.size && resolve(null)))
  assert.deepEqual(partners.of(direct), bob)
  assert.equal(asked, 1)
  assert.deepEqual(createPartners({ ownId: 'a', keeping, get }).of(direct), bob)
})

test('a picture without a picture shows one or two letters as people see them', () => {
  assert.equal(initials('Bob Ross'), 'BR')
  assert.equal(initials('alice'), 'A')
  assert.equal(initials('👩‍💻 team'), '👩‍💻T')
  assert.equal(initials('عمر'), 'ع')
})
