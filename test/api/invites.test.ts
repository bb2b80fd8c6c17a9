import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { GroupView } from '../../src/domain/group.ts'
import type { InvitationView, InviteView } from '../../src/domain/invite.ts'
import type { Answer, ProblemView } from '../support/api.ts'
import { startRest } from '../support/rest.ts'

const { call, group, service, close } = await startRest()
after(close)

const day = 86_400_000

async function invite(groupId: string, body: object = {}, as = 'ann'): Promise<InviteView> {
  const made = await call<InviteView>('POST', `/groups/${groupId}/invites`, { as, body })
  assert.equal(made.status, 201)
  return made.body
}
const accept = (code: string, as: string) =>
  call<GroupView & { role: string | null }>('POST', `/invites/${code}/accept`, { as })
const outcome = async (answering: Promise<Answer<unknown>>) => {
  const { status, body } = await answering
  return [status, (body as ProblemView).code]
}

test('an invite is for seven days and any number, unless its maker says otherwise', async () => {
  const { id } = await group('ann')
  const made = await invite(id)
  assert.match(made.code, /^[0-9A-Za-z]{22}$/)
  assert.deepEqual(made, {
    code: made.code,
    group_id: id,
    created_by: 'ann',
    created_at: made.created_at,
    expires_at: new Date(Date.parse(made.created_at) + 7 * day).toISOString(),
    max_uses: null,
    uses: 0,
  })
  const other = await invite(id, { expires_in: 60, max_uses: 2 })
  assert.equal(Date.parse(other.expires_at) - Date.parse(other.created_at), 60_000)
  assert.equal(other.max_uses, 2)
  assert.notEqual(other.code, made.code)
  const bare = await call<InviteView>('POST', `/groups/${id}/invites`, { as: 'ann' })
  assert.equal(bare.status, 201)
  const list = await call<{ invites: InviteView[] }>('GET', `/groups/${id}/invites`, { as: 'ann' })
  assert.deepEqual(
    list.body.invites.map(({ code }) => code).sort(),
    [made, other, bare.body].map(({ code }) => code).sort(),
  )
})

test('values out of their bounds are refused', async () => {
  const { id } = await group('ann')
  for (const body of [
    { expires_in: 59 },
    { expires_in: 2_592_001 },
    { expires_in: 60.5 },
    { expires_in: '60' },
    { expires_in: null },
    { max_uses: 0 },
    { max_uses: 1_001 },
    { max_uses: { $gt: '' } },
    [],
  ])
    assert.equal((await call('POST', `/groups/${id}/invites`, { as: 'ann', body })).status, 422)
  await invite(id, { expires_in: 2_592_000, max_uses: 1_000 })
  const raw = await call('POST', `/groups/${id}/invites`, {
    as: 'ann',
    raw: '{"max_uses":1}',
    headers: { 'content-type': 'text/plain' },
  })
  assert.equal(raw.status, 415)
})

test('whoever has the code sees the group as far as it invites, and comes in', async () => {
  const { id } = await group('ann', 'bob')
  const { code, expires_at } = await invite(id)
  const seen = await call<InvitationView>('GET', `/invites/${code}`, { as: 'cem' })
  assert.deepEqual(seen.body, {
    group: { id, name: 'A group', description: '', member_count: 2 },
    expires_at,
  })
  assert.equal((await call('GET', `/groups/${id}`, { as: 'cem' })).status, 403)
  const { status, body } = await accept(code, 'cem')
  assert.deepEqual([status, body.id, body.member_count, body.role], [200, id, 3, 'member'])
  assert.equal((await call('GET', `/groups/${id}`, { as: 'cem' })).status, 200)
  assert.equal((await accept(code, 'cem')).status, 200)
  const { body: list } = await call<{ invites: InviteView[] }>('GET', `/groups/${id}/invites`, { as: 'ann' })
  assert.equal(list.invites[0]?.uses, 1)
})

test('the others hear of who comes in, and who comes in hears the group', async () => {
  const { id } = await group('ann')
  const { code } = await invite(id)
  const [ann, cem] = [await service.socket('ann', `/ws/${id}`), await service.socket('cem', '/ws')]
  await Promise.all([ann.next('connected'), cem.next('connected')])
  await accept(code, 'cem')
  const heard = await ann.next('member_added')
  assert.equal((heard.member as { user_id: string }).user_id, 'cem')
  await cem.next('subscribed')
})

test('an invite that is used up, past its time, or of one who may invite no more is 410', async () => {
  const { id } = await group('ann', 'bob')
  const once = await invite(id, { max_uses: 1 })
  await accept(once.code, 'cem')
  assert.deepEqual(await outcome(accept(once.code, 'dan')), [410, 'invite_expired'])
  assert.deepEqual(await outcome(call('GET', `/invites/${once.code}`, { as: 'dan' })), [
    410,
    'invite_expired',
  ])
  await call('PATCH', `/groups/${id}/members/bob`, { as: 'ann', body: { role: 'admin' } })
  const bobs = await invite(id, {}, 'bob')
  await call('PATCH', `/groups/${id}/members/bob`, { as: 'ann', body: { role: 'member' } })
  assert.deepEqual(await outcome(accept(bobs.code, 'dan')), [410, 'invite_expired'])
  const short = await invite(id, { expires_in: 60 })
  service.advance(60_000)
  assert.deepEqual(await outcome(accept(short.code, 'dan')), [410, 'invite_expired'])
})

test('who is banned is told so', async () => {
  const { id } = await group('ann')
  const { code } = await invite(id)
  await call('PUT', `/groups/${id}/bans/eve`, { as: 'ann', body: {} })
  assert.deepEqual(await outcome(accept(code, 'eve')), [403, 'banned'])
})

test('any other code is 404, however malformed', async () => {
  const { id } = await group('ann')
  const { code } = await invite(id)
  const others = [
    'x',
    `${code}x`,
    code.slice(1),
    '0'.repeat(22),
    'a'.repeat(4_000),
    `%00${code.slice(1)}`,
    '%zz',
    '%ff%fe',
    '%',
    '%F0%9F%98%80',
    'a%2Fb',
    '..%2f..',
    '%24ne',
    '[object Object]',
    '__proto__',
  ]
  for (const other of others) {
    assert.equal((await call('GET', `/invites/${other}`, { as: 'ann' })).status, 404, other)
    assert.equal((await call('POST', `/invites/${other}/accept`, { as: 'eve' })).status, 404, other)
    assert.equal((await call('DELETE', `/groups/${id}/invites/${other}`, { as: 'ann' })).status, 404, other)
  }
})

test('one that was taken back is 404', async () => {
  const { id } = await group('ann')
  const { code } = await invite(id)
  const revoke = (as: string) => call('DELETE', `/groups/${id}/invites/${code}`, { as })
  assert.equal((await revoke('eve')).status, 403)
  assert.equal((await revoke('ann')).status, 204)
  assert.equal((await revoke('ann')).status, 404)
  assert.equal((await call('GET', `/invites/${code}`, { as: 'eve' })).status, 404)
  assert.equal((await accept(code, 'eve')).status, 404)
})
