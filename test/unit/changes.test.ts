import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventTypes } from '../../src/api/core/vocabulary.ts'
import type { Change } from '../../src/domain/change.ts'
import {
  changeEvent,
  changeKinds,
  gainsAccess,
  hasSubject,
  isTold,
  losesAccess,
  memberData,
  shutsOutGuests,
  subjectOf,
} from '../../src/domain/changes.ts'
import { summaryOf } from '../../src/domain/group.ts'
import { aChange, aMember, aMessage, newGroup } from '../support/samples.ts'

const message = aMessage({ groupId: 'g', ver: 2 })
const change = (type: string, over: Partial<Change> = {}) => aChange(type, { groupId: 'g', ...over })

test('an entry of a type that only a newer version knows has its number, and nothing is told of it', () => {
  const newer = change('reaction_exploded', { messageId: 'm', ver: 1, data: { emoji: '🎆' } })
  assert.equal(subjectOf(newer), null)
  assert.equal(hasSubject(newer, {}), true)
  assert.equal(changeEvent(newer, { message }), null)
  assert.deepEqual([gainsAccess(newer), losesAccess(newer), isTold(newer)], [null, null, false])
  for (const type of ['toString', '__proto__', 'constructor'])
    assert.equal(changeEvent(change(type), {}), null)
})

test('so is one whose data is not its type’s', () => {
  for (const data of [{}, { user_id: 7 }, { user_id: null }]) {
    const broken = change('member_removed', { data })
    assert.deepEqual([losesAccess(broken), changeEvent(broken, {})], [null, null])
  }
})

test('who comes gains access, and who goes loses it', () => {
  const data = { user_id: 'bob' }
  assert.equal(gainsAccess(change('member_added', { data })), 'bob')
  assert.equal(losesAccess(change('member_removed', { data })), 'bob')
  assert.equal(losesAccess(change('member_banned', { data })), 'bob')
})

test('an entry of the version before, which names the user alone, tells of a plain member who came with it', () => {
  const added = change('member_added', { data: { user_id: 'bob' } })
  const member = aMember('bob', { joinedAt: added.at })
  assert.deepEqual(changeEvent(added, {}), { type: 'member_added', groupId: 'g', member })
  const removed = change('member_removed', { data: { user_id: 'bob' } })
  assert.deepEqual(changeEvent(removed, {}), {
    type: 'member_removed',
    groupId: 'g',
    userId: 'bob',
    by: null,
  })
})

test('what the log keeps of a member is told as it was', () => {
  const member = aMember('bob', { role: 'admin', mutedUntil: 7 })
  for (const type of ['member_added', 'member_updated'])
    assert.deepEqual(changeEvent(change(type, { data: memberData(member) }), {}), {
      type,
      groupId: 'g',
      member,
    })
})

test('guests are shut out by a group that is told as private, and by nothing else', () => {
  const told = (visibility: 'open' | 'private') => {
    const event = changeEvent(change('group_updated'), { group: summaryOf(newGroup({ visibility })) })
    return shutsOutGuests(event ?? assert.fail())
  }
  assert.deepEqual([told('private'), told('open')], [true, false])
  assert.equal(shutsOutGuests({ type: 'member_banned', groupId: 'g', userId: 'bob' }), false)
})

test('an edit is told by the last of its entries, in the present form', () => {
  assert.equal(subjectOf(change('message_updated')), 'message')
  assert.equal(changeEvent(change('message_updated', { ver: 1 }), { message }), null)
  assert.deepEqual(changeEvent(change('message_updated', { ver: 2 }), { message }), {
    type: 'message_updated',
    groupId: 'g',
    message,
  })
  const gone = { ...message, isDeleted: true }
  assert.equal(changeEvent(change('message_updated', { ver: 2 }), { message: gone })?.type, 'message_deleted')
})

test('each type that is told has its event in the words of the core', () => {
  const told = Object.keys(changeKinds).filter((type) => type !== 'adopted')
  assert.deepEqual([...eventTypes.durable].sort(), ['new_message', ...told].sort())
})
