import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actionsFor, type Circumstances, isMuted } from '../../dashboard/chat/people/actions.ts'
import { createOrder, orderPeople, partPeople } from '../../dashboard/chat/people/order.ts'
import { type Pictures, withPictures } from '../../dashboard/chat/people/pictures.ts'
import type { Member, Message, Role } from '../../src/client/types.ts'

const now = Date.parse('2026-06-01T12:00:00Z')

const person = (username: string, role: Role = 'member', more: Partial<Member> = {}): Member => ({
  user_id: username,
  username,
  display_name: username,
  role,
  joined_at: '2026-01-01T00:00:00Z',
  muted_until: null,
  ...more,
})

const names = (members: readonly Member[]): string[] => members.map(({ username }) => username)

test('owners stand first, then admins, and each by name as people sort it', () => {
  const members = [
    person('user10'),
    person('user9'),
    person('zoe', 'admin'),
    person('Ärne', 'admin'),
    person('walt', 'owner'),
  ]
  assert.deepEqual(names(orderPeople(members)), ['walt', 'Ärne', 'zoe', 'user9', 'user10'])
})

test('people are parted by who is online, and filtered by the beginnings of their names', () => {
  const members = [
    person('alice'),
    person('bob', 'member', { display_name: 'Robert Álvarez' }),
    person('carl'),
  ]
  const online = new Set(['bob', 'a guest'])
  const all = partPeople(members, online, ' ')
  assert.deepEqual(names(all.online), ['bob'])
  assert.deepEqual(names(all.offline), ['alice', 'carl'])
  const some = partPeople(members, online, 'AL')
  assert.deepEqual(names([...some.online, ...some.offline]), ['bob', 'alice'])
})

const actions = (other: Member, more: Partial<Circumstances> = {}): readonly string[] =>
  actionsFor(other, {
    meId: 'me',
    myRole: 'member',
    isDirect: false,
    mayWrite: true,
    isBlocked: false,
    now,
    ...more,
  })

test('a member can write to others, mention and block them', () => {
  for (const role of ['owner', 'admin', 'member'] as const) {
    assert.deepEqual(actions(person('bob', role)), ['Message', 'Mention', 'Block'])
  }
  assert.deepEqual(actions(person('bob'), { myRole: null, mayWrite: false, isBlocked: true }), [
    'Message',
    'Unblock',
  ])
})

test('an admin manages members, and neither admins nor owners', () => {
  assert.deepEqual(actions(person('bob'), { myRole: 'admin' }), [
    'Message',
    'Mention',
    'Mute',
    'Remove',
    'Ban',
    'Block',
  ])
  for (const role of ['owner', 'admin'] as const) {
    assert.deepEqual(actions(person('bob', role), { myRole: 'admin' }), ['Message', 'Mention', 'Block'])
  }
})

test('an owner manages members and admins, and gives roles', () => {
  assert.deepEqual(actions(person('bob'), { myRole: 'owner' }), [
    'Message',
    'Mention',
    'Make admin',
    'Mute',
    'Remove',
    'Ban',
    'Block',
  ])
  assert.deepEqual(actions(person('bob', 'admin'), { myRole: 'owner' }), [
    'Message',
    'Mention',
    'Make owner',
    'Remove as admin',
    'Mute',
    'Remove',
    'Ban',
    'Block',
  ])
  assert.deepEqual(actions(person('bob', 'owner'), { myRole: 'owner' }), ['Message', 'Mention', 'Block'])
})

test('a mute lasts until its time', () => {
  const until = (time: number) => person('bob', 'member', { muted_until: new Date(time).toISOString() })
  assert.equal(isMuted(until(now + 1), now), true)
  assert.equal(isMuted(until(now), now), false)
  assert.ok(actions(until(now + 1), { myRole: 'admin' }).includes('Unmute'))
  assert.ok(actions(until(now), { myRole: 'admin' }).includes('Mute'))
})

test('in a direct chat there is only blocking, and about oneself only leaving', () => {
  assert.deepEqual(actions(person('bob'), { isDirect: true }), ['Block'])
  assert.deepEqual(actions(person('me'), { myRole: 'owner' }), ['Leave group'])
  assert.deepEqual(actions(person('me'), { isDirect: true }), [])
  assert.deepEqual(actions(person('me'), { myRole: null }), [])
})

test('a list is ordered again only when somebody in it is another one', () => {
  const order = createOrder()
  const [bob, alice] = [person('bob'), person('alice')]
  const first = order([bob, alice])
  assert.deepEqual(names(first), ['alice', 'bob'])
  assert.equal(order([bob, alice]), first)
  assert.deepEqual(names(order([person('bob', 'admin'), alice])), ['bob', 'alice'])
  assert.deepEqual(names(order([alice])), ['alice'])
})

test('pictures are those of the latest messages, and the same map where nothing is new', () => {
  const written = (id: string, avatar_url: string | null) =>
    ({ sender_id: id, sender: { id, username: id, display_name: id, avatar_url } }) as Message
  const none: Pictures = new Map()
  assert.equal(withPictures(none, [written('bob', null)]), none)
  const one = withPictures(none, [
    written('bob', '/avatars/1'),
    written('ann', null),
    written('bob', '/avatars/2'),
  ])
  assert.deepEqual([...one], [['bob', '/avatars/2']])
  assert.equal(withPictures(one, [written('bob', '/avatars/2')]), one)
  assert.equal(withPictures(one, [written('bob', null)]).get('bob'), null)
  const erased = { ...written('bob', '/avatars/3'), sender_id: 'nobody' }
  assert.equal(withPictures(one, [erased]), one)
})
