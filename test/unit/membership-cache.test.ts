import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Membership } from '../../src/domain/member.ts'
import { createMembershipCache as createMongoCache } from '../../src/store/mongo/membership-cache.ts'
import { createMembershipCache } from '../../src/store/sqlite/membership-cache.ts'
import { aMember, newGroup } from '../support/samples.ts'

const nobody = { member: null, mutedUntil: null, ban: null }
const standing = (userId: string) => ({ ...nobody, member: aMember(userId) })

describe('memberships kept by SQLite', () => {
  function setUp(most: number) {
    const asked: string[] = []
    const reads = {
      group: (groupId: string) => {
        asked.push(groupId)
        return groupId === 'none' ? null : newGroup({ id: groupId, number: groupId === 'old' ? null : 1 })
      },
      standing: (groupId: string, userId: string) => {
        asked.push(`${groupId} ${userId}`)
        return userId === 'eve' ? nobody : standing(userId)
      },
    }
    const cache = createMembershipCache(most)
    const get = (groupId: string, userId: string) => cache.get(groupId, userId, reads)?.member?.userId
    return { cache, get, asked }
  }

  test('each is read once, also that somebody is no member, until its group is forgotten', () => {
    const { cache, get, asked } = setUp(10)
    for (const _ of [1, 2]) assert.deepEqual([get('a', 'ann'), get('a', 'eve')], ['ann', undefined])
    assert.deepEqual(asked, ['a', 'a ann', 'a eve'])
    cache.forget('a')
    get('a', 'ann')
    assert.deepEqual(asked.slice(3), ['a', 'a ann'])
  })

  test('of a group that has no number yet nothing is kept, since its number comes beside', () => {
    const { get, asked } = setUp(10)
    for (const _ of [1, 2]) assert.equal(get('old', 'ann'), 'ann')
    assert.deepEqual(asked, ['old', 'old ann', 'old', 'old ann'])
  })

  test('that there is no group is not kept', () => {
    const { get, asked } = setUp(10)
    for (const _ of [1, 2]) assert.equal(get('none', 'ann'), undefined)
    assert.deepEqual(asked, ['none', 'none'])
  })

  test('beyond the bound the group that was used longest ago goes, whole', () => {
    const { get, asked } = setUp(3)
    for (const user of ['ann', 'bob']) get('a', user)
    get('b', 'ann')
    get('c', 'ann')
    asked.length = 0
    get('b', 'ann')
    get('c', 'ann')
    assert.deepEqual(asked, [])
    get('a', 'bob')
    assert.deepEqual(asked, ['a', 'a bob'])
  })
})

describe('memberships kept by MongoDB', () => {
  const found = (userId: string): Membership => ({ group: newGroup(), ...standing(userId) })

  test('one that is being read is shared, and is not told to be read', async () => {
    const cache = createMongoCache(10)
    const reading = Promise.withResolvers<Membership | null>()
    cache.keep('a', 'ann', reading.promise)
    assert.equal(cache.get('a', 'ann')?.isRead, false)
    assert.equal(cache.get('a', 'ann')?.membership, reading.promise)
    reading.resolve(found('ann'))
    await reading.promise
    assert.equal(cache.get('a', 'ann')?.isRead, true)
  })

  test('neither a failure nor a group that is not there is kept', async () => {
    const cache = createMongoCache(10)
    await cache.keep('a', 'ann', Promise.resolve(null))
    await assert.rejects(cache.keep('a', 'bob', Promise.reject(new Error('away'))))
    assert.deepEqual([cache.get('a', 'ann'), cache.get('a', 'bob')], [undefined, undefined])
  })

  test('a failure of before takes nothing away that was kept since', async () => {
    const cache = createMongoCache(10)
    const first = Promise.withResolvers<Membership | null>()
    const failed = assert.rejects(cache.keep('a', 'ann', first.promise))
    await cache.keep('a', 'ann', Promise.resolve(found('ann')))
    first.reject(new Error('away'))
    await failed
    assert.equal((await cache.get('a', 'ann')?.membership)?.member?.userId, 'ann')
  })

  test('it is bounded, and forgets one group or all', async () => {
    const cache = createMongoCache(2)
    for (const [group, user] of [
      ['a', 'ann'],
      ['a', 'bob'],
      ['b', 'ann'],
    ] as const)
      await cache.keep(group, user, Promise.resolve(found(user)))
    assert.deepEqual(
      [cache.get('a', 'ann'), cache.get('a', 'bob'), cache.get('b', 'ann') !== undefined],
      [undefined, undefined, true],
    )
    cache.forget('b')
    assert.equal(cache.get('b', 'ann'), undefined)
    await cache.keep('c', 'ann', Promise.resolve(found('ann')))
    cache.forget()
    assert.equal(cache.get('c', 'ann'), undefined)
  })
})
