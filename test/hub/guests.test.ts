import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Caller } from '../../src/domain/caller.ts'
import { summaryOf } from '../../src/domain/group.ts'
import { inSomeTurn } from '../support/eventually.ts'
import { t0, user } from '../support/samples.ts'
import { alice, bob, contents, live, setUp } from './set-up.ts'

const guest = user('guest')

type At = Awaited<ReturnType<typeof setUp>>

/** Bans the user until they are let in again. */
async function ban(at: At, { userId }: Caller): Promise<void> {
  const terms = { reason: '', until: null }
  for (const change of (await at.store.bans.put(at.group.id, userId, terms, alice, t0)).changes)
    at.hub.change(change, {})
}

async function setVisibility(at: At, visibility: 'open' | 'private', name = at.group.name): Promise<void> {
  const { value, changes } = await at.store.groups.update(at.group.id, { visibility, name }, alice, t0)
  for (const change of changes) at.hub.change(change, { group: summaryOf(value) })
}

test('who leaves an open group goes on hearing it as a guest, and misses nothing', async () => {
  await using at = await setUp({ visibility: 'open' })
  const { listener } = await live(at.hub, at.group.id, bob)
  for (const change of (await at.store.members.remove(at.group.id, 'bob', bob, t0)).changes)
    at.hub.change(change, {})
  at.hub.message(await at.send('after'))
  await inSomeTurn(() => contents(listener.told).includes('after'))
  assert.deepEqual([contents(listener.told), listener.ended], [['member_removed', 'after'], []])
})

test('who is banned hears of the ban and of nothing after it, a guest as well as a member', async () => {
  await using at = await setUp({ visibility: 'open' })
  const { listener: watching } = await live(at.hub, at.group.id, alice)
  const listeners = [await live(at.hub, at.group.id, guest), await live(at.hub, at.group.id, bob)]
  await ban(at, guest)
  await ban(at, bob)
  at.hub.message(await at.send('not for them'))
  await inSomeTurn(() => contents(watching.told).includes('not for them'))
  const [first, second] = listeners.map(({ listener }) => listener)
  assert.deepEqual(contents(first?.told ?? []), ['member_banned'])
  assert.equal(contents(second?.told ?? []).at(-1), 'member_banned')
  assert.ok(!contents(second?.told ?? []).includes('not for them'))
  for (const { listener } of listeners) assert.deepEqual(listener.ended, ['access_revoked'])
})

test('an operator hears on, banned or not', async () => {
  await using at = await setUp({ visibility: 'open' })
  const { listener } = await live(at.hub, at.group.id, { userId: 'guest', admin: true })
  await ban(at, guest)
  await setVisibility(at, 'private')
  at.hub.message(await at.send('after'))
  await inSomeTurn(() => contents(listener.told).includes('after'))
  assert.deepEqual(listener.ended, [])
})

test('a group that becomes private ends its guests, also who was a member once, and nobody else', async () => {
  await using at = await setUp({ visibility: 'open', members: ['alice', 'bob', 'carol'] })
  const carol = user('carol')
  const [member, was, stranger] = await Promise.all(
    [bob, carol, guest].map(async (by) => (await live(at.hub, at.group.id, by)).listener),
  )
  assert.ok(member && was && stranger)
  for (const change of (await at.store.members.remove(at.group.id, 'carol', carol, t0)).changes)
    at.hub.change(change, {})
  await setVisibility(at, 'private')
  at.hub.message(await at.send('not for guests'))
  await inSomeTurn(() => contents(member.told).includes('not for guests'))
  assert.deepEqual(
    [member, was, stranger].map(({ ended }) => ended),
    [[], ['access_revoked'], ['access_revoked']],
  )
  for (const { told } of [was, stranger]) assert.equal(contents(told).at(-1), 'group_updated')
})

test('of a group that another instance makes private guests hear nothing more, however long it takes to read what it is now', async () => {
  await using at = await setUp({ visibility: 'open' })
  const member = (await live(at.hub, at.group.id, bob)).listener
  const { subscriber, listener: stranger } = await live(at.hub, at.group.id, guest)
  subscriber.mayBeGuest = true
  const { readSummary } = at.store.groups
  const slow = Promise.withResolvers<void>()
  at.store.groups.readSummary = async (id) => {
    await slow.promise
    return readSummary(id)
  }
  const { changes } = await at.store.groups.update(at.group.id, { visibility: 'private' }, alice, t0)
  for (const change of changes) at.hub.change(change, {})
  at.hub.message(await at.send('not for guests'))
  await inSomeTurn(() => contents(member.told).includes('not for guests'))
  slow.resolve()
  await inSomeTurn(() => stranger.ended.length > 0)
  assert.deepEqual(stranger.ended, ['access_revoked'])
  assert.ok(!contents(stranger.told).includes('not for guests'))
})

test('guests stay while the group stays open, and are not even doubted', async () => {
  await using at = await setUp({ visibility: 'open' })
  const { listener } = await live(at.hub, at.group.id, guest)
  at.store.members.among = () => assert.fail('nobody lost access')
  await setVisibility(at, 'open', 'another name')
  at.hub.message(await at.send('after'))
  await inSomeTurn(() => contents(listener.told).includes('after'))
  assert.deepEqual(contents(listener.told), ['group_updated', 'after'])
})

test('members of a private group are not read again when it is described anew', async () => {
  await using at = await setUp()
  const { listener } = await live(at.hub, at.group.id, bob)
  at.store.members.among = () => assert.fail('nobody lost access')
  await setVisibility(at, 'private', 'another name')
  at.hub.message(await at.send('after'))
  await inSomeTurn(() => contents(listener.told).includes('after'))
})

test('who is online is known of groups that nobody hears here', async () => {
  await using at = await setUp()
  assert.equal(at.hub.online(at.group.id).connectionsOf('bob'), 0)
  const { subscriber } = await live(at.hub, at.group.id, bob)
  assert.equal(at.hub.online(at.group.id).connectionsOf('bob'), 1)
  assert.equal(at.hub.online(at.group.id).connectionsOf('alice'), 0)
  subscriber.leave()
  assert.equal(at.hub.online(at.group.id).connectionsOf('bob'), 0)
})
