import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { MongoStore } from '../../src/store/mongo/options.ts'
import { mongoMissing } from '../mongo/server.ts'
import { startTwoInstances, type TwoInstances } from '../mongo/two-instances.ts'
import { admin, aGroup, failsWith, numbers, t0, user } from '../support/samples.ts'

const missing = await mongoMissing()

/** Rounds of each race, some of which run at the same time. */
const rounds = Number(process.env.RACES ?? 50)
const atOnce = 10
const forGood = { reason: '', until: null }
const open = { visibility: 'open' } as const

async function race(round: () => Promise<void>): Promise<void> {
  for (let left = rounds; left > 0; left -= atOnce)
    await Promise.all(numbers(1, Math.min(left, atOnce)).map(round))
}

const codes = (outcomes: readonly PromiseSettledResult<unknown>[]): string[] =>
  outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'done' : outcome.reason.code)).sort()

describe("races between two instances over a group's people", { skip: missing ?? false }, () => {
  let instances: TwoInstances
  let one: MongoStore
  let two: MongoStore

  before(async () => {
    const own = { maxGroupMembers: 4 }
    instances = await startTwoInstances([own, own])
    ;({ one, two } = instances)
  })
  after(() => instances.close())

  const join = ({ store }: MongoStore, groupId: string, userId: string) =>
    store.members.add(groupId, [userId], 'joined', user(userId), t0 + 1)
  const told = async (groupId: string) =>
    (await one.store.log.read(groupId, { seq: 0, rev: 0 }, 100)).changes.map(
      ({ type, data }) => `${type} ${data.user_id}`,
    )

  test('of two owners who leave at once one stays', () =>
    race(async () => {
      const { id } = await aGroup(one.store, { members: ['ann', 'bob', 'cem'], ownerIds: ['ann', 'bob'] })
      const outcomes = await Promise.allSettled([
        one.store.members.remove(id, 'ann', user('ann'), t0),
        two.store.members.remove(id, 'bob', user('bob'), t0),
      ])
      assert.deepEqual(codes(outcomes), ['done', 'last_owner'])
      assert.equal((await one.store.groups.read(id))?.ownerIds.length, 1)
    }))

  test('the last place is given once', () =>
    race(async () => {
      const { id } = await aGroup(one.store, { members: ['ann', 'bob', 'cem'], ...open })
      const outcomes = await Promise.allSettled([join(one, id, 'dee'), join(two, id, 'eve')])
      assert.deepEqual(codes(outcomes), ['done', 'group_full'])
      assert.equal((await two.store.groups.readSummary(id))?.memberCount, 4)
    }))

  test('who is banned and joins at once is out, whichever was first', () =>
    race(async () => {
      const { id } = await aGroup(one.store, { members: ['ann'], owner: 'ann', ...open })
      const [banned, joined] = await Promise.allSettled([
        one.store.bans.put(id, 'eve', forGood, user('ann'), t0 + 1),
        join(two, id, 'eve'),
      ])
      assert.equal(banned.status, 'fulfilled')
      const isIn = joined.status === 'fulfilled'
      if (!isIn) assert.equal(joined.reason.code, 'banned')
      const before = isIn ? ['member_added eve', 'member_removed eve'] : []
      assert.deepEqual(await told(id), [...before, 'member_banned eve'])
      assert.equal((await two.store.members.read(id, 'eve'))?.member, null)
      await assert.rejects(join(two, id, 'eve'), failsWith('banned'))
    }))

  test('the last member leaves or another comes: the group is gone, or has both of them in its log', () =>
    race(async () => {
      const { id } = await aGroup(one.store, { members: ['ann'], owner: 'ann', ...open })
      const outcomes = await Promise.allSettled([
        one.store.members.remove(id, 'ann', user('ann'), t0),
        join(two, id, 'eve'),
      ])
      const group = await two.store.groups.read(id)
      if (group) assert.deepEqual(group.authorizedUserIds, ['ann', 'eve'])
      assert.deepEqual(codes(outcomes), group ? ['done', 'last_owner'] : ['done', 'not_found'])
    }))

  test('a crowd that joins on both instances is in, each once and told once', async () => {
    const own = { maxGroupMembers: 200 }
    const crowded = await startTwoInstances([own, own])
    const { id } = await aGroup(crowded.one.store, { members: ['ann'], ...open })
    const crowd = numbers(1, 100).map((n) => `user ${n}`)
    await crowded.one.store.bans.put(id, 'user 7', forGood, admin, t0)
    const outcomes = await Promise.allSettled(
      crowd.map((userId, i) => join(i % 2 ? crowded.one : crowded.two, id, userId)),
    )
    assert.deepEqual(codes(outcomes), ['banned', ...numbers(1, 99).map(() => 'done')])
    const group = await crowded.two.store.groups.read(id)
    assert.deepEqual(
      group?.authorizedUserIds.toSorted(),
      ['ann', ...crowd].filter((each) => each !== 'user 7').sort(),
    )
    const { changes } = await crowded.one.store.log.read(id, { seq: 0, rev: 0 }, 200)
    assert.deepEqual(
      changes.slice(1).map(({ rev, data }) => [rev, data.user_id]),
      group?.authorizedUserIds.slice(1).map((userId, i) => [i + 2, userId]),
    )
    await crowded.close()
  })
})
