import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Action,
  mayListen,
  requireMay,
  requireMayDelete,
  requireMayEdit,
  requireMayJoin,
  requireMayMentionAll,
  requireOutranks,
} from '../../src/domain/access.ts'
import type { Caller } from '../../src/domain/caller.ts'
import type { Group } from '../../src/domain/group.ts'
import { type Member, type Membership, plainMember, type Role } from '../../src/domain/member.ts'
import { failsWith, newGroup, t0 } from '../support/samples.ts'

const open = newGroup({ visibility: 'open', owner: 'owner' })
const secret = newGroup({ owner: 'owner' })
const direct = newGroup({ kind: 'direct', name: '', owner: null })

/** Who asks, and what they are to the group. */
interface Who {
  readonly caller: Caller
  readonly membership: Membership
}

const caller = (userId: string, admin = false): Caller => ({ userId, admin })

const inGroup = (group: Group, role: Role | null, over: Partial<Membership> = {}): Membership => {
  const member: Member | null = role && { ...plainMember(group, 'someone'), role }
  return { group, member, mutedUntil: member?.mutedUntil ?? null, ban: null, ...over }
}

const who = (group: Group, over: Partial<Membership> = {}): Record<string, Who> => ({
  outsider: { caller: caller('someone'), membership: inGroup(group, null, over) },
  member: { caller: caller('someone'), membership: inGroup(group, 'member', over) },
  admin: { caller: caller('someone'), membership: inGroup(group, 'admin', over) },
  owner: { caller: caller('owner'), membership: inGroup(group, 'owner', over) },
  'absent owner': { caller: caller('owner'), membership: inGroup(group, null, over) },
  operator: { caller: caller('someone', true), membership: inGroup(group, null, over) },
})

const isAllowed = (rule: () => void): boolean => {
  try {
    rule()
    return true
  } catch {
    return false
  }
}

/** Who of them may do it. */
const those = (people: Record<string, Who>, rule: (membership: Membership, caller: Caller) => void) =>
  Object.entries(people)
    .filter(([, { membership, caller }]) => isAllowed(() => rule(membership, caller)))
    .map(([name]) => name)

const may = (action: Action) => (membership: Membership, by: Caller) => requireMay(action, membership, by, t0)

const insiders = ['member', 'admin', 'owner']
const leaders = ['admin', 'owner', 'absent owner', 'operator']
const owners = ['owner', 'absent owner', 'operator']

describe('the table of actions, in a private group and an open one', () => {
  const rows: [Action, readonly string[], readonly string[]][] = [
    ['listen', [...insiders, 'operator'], ['outsider', ...insiders, 'absent owner', 'operator']],
    ['write', [...insiders, 'operator'], ['outsider', ...insiders, 'absent owner', 'operator']],
    ['seeMembers', [...insiders, 'operator'], ['outsider', ...insiders, 'absent owner', 'operator']],
    ['seeReads', [...insiders, 'operator'], [...insiders, 'operator']],
    ['markRead', insiders, insiders],
    ['leave', insiders, insiders],
    ['moderate', leaders, leaders],
    ['describe', leaders, leaders],
    ['pin', leaders, leaders],
    ['deleteOthers', ['admin', 'owner', 'operator'], ['admin', 'owner', 'operator']],
    ['announce', ['admin', 'owner', 'operator'], ['admin', 'owner', 'operator']],
    ['manage', owners, owners],
    ['delete', owners, owners],
  ]
  for (const [action, inSecret, inOpen] of rows)
    test(action, () => {
      assert.deepEqual(those(who(secret), may(action)), inSecret)
      assert.deepEqual(those(who(open), may(action)), inOpen)
    })
})

test('in a direct chat the two do what concerns themselves, and nobody changes it', () => {
  const two = who(direct)
  for (const action of ['listen', 'write', 'pin', 'announce', 'seeReads', 'markRead', 'leave'] as const)
    assert.ok(those(two, may(action)).includes('member'), action)
  for (const action of ['moderate', 'describe', 'manage', 'deleteOthers'] as const)
    assert.deepEqual(those(two, may(action)), [], action)
})

test('a ban is asked about before any role, and ends by itself', () => {
  for (const group of [open, secret])
    for (const action of ['listen', 'write', 'manage'] as const) {
      assert.deepEqual(
        those(who(group, { ban: { until: null } }), may(action)),
        ['operator'],
        `${action}, for good`,
      )
      assert.deepEqual(those(who(group, { ban: { until: t0 + 1 } }), may(action)), ['operator'], action)
      assert.deepEqual(
        those(who(group, { ban: { until: t0 } }), may(action)),
        those(who(group), may(action)),
        action,
      )
    }
  const banned = inGroup(open, 'member', { ban: { until: null } })
  assert.throws(() => requireMay('listen', banned, caller('someone'), t0), failsWith('banned'))
})

test('the muted do all but write, until the mute ends', () => {
  const muted = who(open, { mutedUntil: t0 + 1 })
  for (const action of ['write', 'pin'] as const)
    assert.deepEqual(those(muted, may(action)), ['operator'], action)
  for (const action of ['listen', 'seeMembers', 'leave', 'moderate', 'manage'] as const)
    assert.deepEqual(those(muted, may(action)), those(who(open), may(action)), action)
  assert.deepEqual(those(who(open, { mutedUntil: t0 }), may('write')), those(who(open), may('write')))
  const membership = inGroup(open, 'owner', { mutedUntil: t0 + 1 })
  assert.throws(() => requireMay('write', membership, caller('owner'), t0), failsWith('muted'))
})

test('where only admins write, others read', () => {
  const group = { ...open, postPolicy: 'admins' as const }
  assert.deepEqual(those(who(group), may('write')), ['admin', 'owner', 'operator'])
  assert.deepEqual(those(who(group), may('listen')), those(who(open), may('listen')))
})

test('messages are edited by their senders and deleted by admins as well, also while one is muted', () => {
  const edit = (senderId: string) => (membership: Membership, by: Caller) =>
    requireMayEdit(membership, { senderId }, by, t0)
  const remove = (senderId: string) => (membership: Membership, by: Caller) =>
    requireMayDelete(membership, { senderId }, by, t0)
  assert.deepEqual(those(who(open), edit('another')), [])
  assert.deepEqual(those(who(open), edit('someone')), ['outsider', 'member', 'admin', 'operator'])
  assert.deepEqual(those(who(open), remove('another')), ['admin', 'owner', 'operator'])
  const muted = who(open, { mutedUntil: t0 + 1 })
  assert.deepEqual(those(muted, edit('someone')), ['operator'])
  assert.deepEqual(those(muted, remove('someone')), those(who(open), remove('someone')))
})

test('guests join an open group by themselves, and nobody a private one', () => {
  const join = (membership: Membership, by: Caller) => requireMayJoin(membership, by, t0)
  assert.ok(those(who(open), join).includes('outsider'))
  assert.ok(!those(who(secret), join).includes('outsider'))
  assert.throws(() => requireMayJoin(null, caller('someone'), t0), failsWith('not_found'))
})

test('all are mentioned by admins alone where there are many', () => {
  const mention = (count: number) => (membership: Membership, by: Caller) =>
    requireMayMentionAll(membership, count, by, t0)
  assert.deepEqual(those(who(secret), mention(50)), those(who(secret), may('write')))
  assert.deepEqual(those(who(secret), mention(51)), ['admin', 'owner', 'operator'])
})

test('only those of higher roles moderate somebody', () => {
  const outrank = (target: Role | null) => (membership: Membership, by: Caller) =>
    requireOutranks(membership, target, by, t0)
  assert.deepEqual(those(who(open), outrank(null)), leaders)
  assert.deepEqual(those(who(open), outrank('member')), leaders)
  assert.deepEqual(those(who(open), outrank('admin')), owners)
  assert.deepEqual(those(who(open), outrank('owner')), ['operator'])
})

test('who may listen is the same, whether one asks for a request or for the hub', () => {
  for (const group of [open, secret, direct])
    for (const ban of [null, { until: null }, { until: t0 }, { until: t0 + 1 }])
      for (const role of [null, 'member'] as const)
        for (const isOperator of [false, true]) {
          const by = caller('someone', isOperator)
          const membership = inGroup(group, role, { ban })
          const among = {
            group,
            userIds: new Set(role ? ['someone'] : []),
            bannedUntil: new Map(ban ? [['someone', ban.until]] : []),
          }
          assert.equal(
            mayListen(among, by, t0),
            isAllowed(() => requireMay('listen', membership, by, t0)),
            JSON.stringify({ group: group.kind, visibility: group.visibility, ban, role, isOperator }),
          )
        }
})

test('there is nothing to do in a group that is not there', () => {
  assert.throws(() => requireMay('listen', null, caller('someone', true), t0), failsWith('not_found'))
})
