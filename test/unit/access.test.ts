import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayListen, requireMay, requireMayChange } from '../../src/domain/access.ts'
import { membershipIn } from '../../src/domain/member.ts'
import { newGroup } from '../support/samples.ts'

const group = newGroup({ owner: 'owner', members: ['owner', 'member'] })
const membership = (of: { userId: string }, over: Partial<typeof group> = {}) =>
  membershipIn({ ...group, ...over }, of.userId)

const callers = {
  owner: { userId: 'owner', admin: false },
  member: { userId: 'member', admin: false },
  outsider: { userId: 'outsider', admin: false },
  admin: { userId: 'root', admin: true },
}

const allowed = (rule: () => void): boolean => {
  try {
    rule()
    return true
  } catch {
    return false
  }
}

const table = (rule: (caller: (typeof callers)['owner']) => void) =>
  Object.fromEntries(Object.entries(callers).map(([name, caller]) => [name, allowed(() => rule(caller))]))

test('members and admins read and send', () => {
  assert.deepEqual(
    table((caller) => requireMay('listen', membership(caller), caller)),
    {
      owner: true,
      member: true,
      outsider: false,
      admin: true,
    },
  )
})

test('who may read may send, and hear what happens', () => {
  const among = { group, userIds: new Set(group.authorizedUserIds) }
  const read = table((caller) => requireMay('listen', membership(caller), caller))
  assert.deepEqual(
    table((caller) => requireMay('send', membership(caller), caller)),
    read,
  )
  assert.deepEqual(
    table((caller) => assert.ok(mayListen(among, caller))),
    read,
  )
})

test('the owner and admins manage', () => {
  assert.deepEqual(
    table((caller) => requireMay('manage', membership(caller), caller)),
    {
      owner: true,
      member: false,
      outsider: false,
      admin: true,
    },
  )
})

test('a group without an owner is managed by admins only', () => {
  assert.deepEqual(
    table((caller) => requireMay('manage', membership(caller, { ownerId: null }), caller)),
    {
      owner: false,
      member: false,
      outsider: false,
      admin: true,
    },
  )
})

for (const action of ['edit', 'delete'] as const)
  test(`to ${action} a message is for its sender${action === 'delete' ? ', the owner and operators' : ', as a member or an operator'}`, () => {
    const own = (senderId: string) =>
      table((caller) => requireMayChange(action, membership(caller), { senderId }, caller))
    const others = action === 'delete'
    const anyway = { owner: others, member: false, outsider: false, admin: others }
    assert.deepEqual(own('member'), { ...anyway, member: true })
    assert.deepEqual(own('root'), { ...anyway, admin: true })
    assert.deepEqual(own('outsider'), anyway)
    const left = membership(callers.member, { authorizedUserIds: [] })
    const leaving = () => requireMayChange(action, left, { senderId: 'member' }, callers.member)
    assert.throws(leaving, { code: 'forbidden', message: 'You are not a member of this group.' })
  })

test('an owner who is no member manages, and reads nothing', () => {
  const alone = membership(callers.owner, { authorizedUserIds: [] })
  requireMay('manage', alone, callers.owner)
  assert.throws(() => requireMay('listen', alone, callers.owner), { code: 'forbidden' })
})

test('a group that is not there is not found, whoever asks', () => {
  for (const caller of Object.values(callers)) {
    assert.throws(() => requireMay('listen', null, caller), { code: 'not_found' })
    assert.throws(() => requireMay('manage', null, caller), { code: 'not_found' })
  }
})
