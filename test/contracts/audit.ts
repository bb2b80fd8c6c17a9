import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deed } from '../../src/domain/audit.ts'
import type { AuditQuery } from '../../src/store/audit.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, aSend, erase, failsWith, history, newId, t0, user } from '../support/samples.ts'

export function auditContract(store: () => Store): void {
  const read = async (query: Partial<AuditQuery>): Promise<Deed[]> => {
    const { entries } = await store().audit.list({ limit: 100, ...query })
    return entries.map(({ id, ...deed }) => {
      assert.equal(typeof id, 'string')
      return deed
    })
  }
  const nothing = { userId: null, groupId: null, messageId: null, detail: {} }

  test('who banned, promoted, deleted another’s and restored stands in the audit, newest first', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob', 'cem'], owner: 'ann' })
    const groupId = group.id
    const { value: message } = await store().messages.append(aSend(group, { senderId: 'bob' }), user('bob'))
    const { bans, members, messages } = store()
    await members.change(groupId, 'bob', { role: 'admin' }, user('ann'), t0 + 1)
    await members.change(groupId, 'bob', { role: 'member', mutedUntil: t0 + 99 }, user('ann'), t0 + 2)
    await messages.delete(message.id, user('ann'), t0 + 3)
    await messages.restore(message.id, admin, t0 + 4)
    await bans.put(groupId, 'cem', { reason: 'spam', until: t0 + 50 }, user('ann'), t0 + 5)
    await bans.put(groupId, 'cem', { reason: 'spam', until: null }, user('ann'), t0 + 6)
    await bans.remove(groupId, 'cem', user('ann'), t0 + 7)

    const ofMessage = { groupId, userId: 'bob', messageId: message.id, detail: {} }
    const ofCem = { ...nothing, groupId, userId: 'cem', by: 'ann' }
    const until = new Date(t0 + 50).toISOString()
    const ofBob = { ...nothing, groupId, userId: 'bob', by: 'ann' }
    const deeds: Deed[] = [
      { ...ofCem, action: 'user_unbanned', at: t0 + 7 },
      { ...ofCem, action: 'user_banned', at: t0 + 6, detail: { until: null } },
      { ...ofCem, action: 'user_banned', at: t0 + 5, detail: { until } },
      { ...ofMessage, action: 'message_restored', at: t0 + 4, by: admin.userId },
      { ...ofMessage, action: 'message_deleted', at: t0 + 3, by: 'ann' },
      { ...ofBob, action: 'member_demoted', at: t0 + 2, detail: { from: 'admin', to: 'member' } },
      { ...ofBob, action: 'member_promoted', at: t0 + 1, detail: { from: 'member', to: 'admin' } },
    ]
    assert.deepEqual(await read({ groupId }), deeds)
    assert.deepEqual(await read({ groupId, userId: 'bob' }), deeds.slice(3), 'whom it was done to')
    assert.deepEqual(await read({ groupId, userId: admin.userId }), deeds.slice(3, 4), 'who did it')
    assert.deepEqual(await read({ groupId, userId: 'nobody' }), [])

    await store().groups.delete(groupId, admin, t0)
    assert.deepEqual(await read({ groupId }), deeds, 'entries outlive their group')
  })

  test('what is one’s own, refused, or changes nothing is no deed', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'], owner: 'ann' })
    const groupId = group.id
    const [message, other] = await history(store(), group, 2)
    assert.ok(message && other)
    const { bans, members, messages } = store()
    await erase(store(), [message])
    await messages.delete(message.id, admin, t0)
    await messages.restore(other.id, admin, t0)
    await assert.rejects(messages.delete(other.id, user('bob'), t0), failsWith('forbidden'))
    await members.change(groupId, 'bob', { mutedUntil: t0 + 1 }, user('ann'), t0)
    await members.change(groupId, 'bob', { role: 'member' }, user('ann'), t0)
    await assert.rejects(members.change(groupId, 'bob', { role: 'admin' }, user('bob'), t0))
    await bans.remove(groupId, 'bob', user('ann'), t0)
    await bans.put(groupId, 'eve', { reason: '', until: t0 + 5 }, user('ann'), t0)
    await bans.put(groupId, 'eve', { reason: '', until: t0 + 5 }, user('ann'), t0)
    await bans.remove(groupId, 'eve', user('ann'), t0 + 6)
    assert.deepEqual(
      (await read({ groupId })).map(({ action }) => action),
      ['user_banned'],
    )
  })

  test('pages go on where the one before ended, and old entries go, a few at a time', async () => {
    const groupId = newId()
    const userId = newId()
    const long = t0 - 1_000_000
    await store().audit.trim(long, 10_000)
    const deed = (at: number): Deed => ({ ...nothing, action: 'message_restored', by: userId, groupId, at })
    for (const at of [long + 1, long + 2, long + 2, long + 3, t0]) await store().audit.add(deed(at))
    for (const query of [{ groupId }, { userId }, { groupId, userId }]) {
      const times: number[] = []
      let before: string | null = null
      do {
        const page = await store().audit.list({ ...query, limit: 2, ...(before && { before }) })
        times.push(...page.entries.map(({ at }) => at))
        before = page.next
      } while (before)
      assert.deepEqual(times, [t0, long + 3, long + 2, long + 2, long + 1])
    }
    assert.equal((await store().audit.list({ groupId, limit: 5 })).next, null)
    await assert.rejects(store().audit.list({ limit: 1, before: 'nonsense' }), failsWith('malformed'))

    assert.deepEqual([await store().audit.trim(long + 3, 2), await store().audit.trim(long + 3, 2)], [2, 1])
    assert.deepEqual(
      (await read({ groupId })).map(({ at }) => at),
      [t0, long + 3],
    )
  })
}
