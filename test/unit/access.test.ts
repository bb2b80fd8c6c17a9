import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessOf, requireManager, requireMember, requireSender } from '../../src/domain/access.ts'
import type { Group } from '../../src/domain/group.ts'
import type { Message } from '../../src/domain/message.ts'

const group = { ownerId: 'owner', authorizedUserIds: ['owner', 'member'] } as unknown as Group
const message = { senderId: 'member' } as Message

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
    table((caller) => requireMember(accessOf(group), caller)),
    {
      owner: true,
      member: true,
      outsider: false,
      admin: true,
    },
  )
})

test('the owner and admins manage', () => {
  assert.deepEqual(
    table((caller) => requireManager(accessOf(group), caller)),
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
    table((caller) => requireManager(accessOf({ ...group, ownerId: null }), caller)),
    {
      owner: false,
      member: false,
      outsider: false,
      admin: true,
    },
  )
})

test('only the sender changes a message, and only as a member', () => {
  assert.deepEqual(
    table((caller) => requireSender(accessOf(group), message, caller)),
    {
      owner: false,
      member: true,
      outsider: false,
      admin: false,
    },
  )
  assert.throws(() => requireSender(accessOf({ ...group, authorizedUserIds: [] }), message, callers.member), {
    code: 'forbidden',
  })
})

test('a group that is not there is not found, whoever asks', () => {
  for (const caller of Object.values(callers)) {
    assert.throws(() => requireMember(null, caller), { code: 'not_found' })
    assert.throws(() => requireManager(null, caller), { code: 'not_found' })
  }
})
