import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GroupWithMembers } from '../../src/domain/group.ts'
import type { PreferenceChanges } from '../../src/domain/preference.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, aSend, failsWith, newId, numbers, t0, user } from '../support/samples.ts'

export function preferenceContract(store: () => Store): void {
  const change = (group: Pick<GroupWithMembers, 'id'>, userId: string, changes: PreferenceChanges) =>
    store().preferences.change(group.id, changes, user(userId), t0)
  const lists = async ({ id }: GroupWithMembers, userId: string) => {
    const ids = await store().groups.listIds(userId, 1_000)
    return ids.includes(id)
  }
  const send = (group: GroupWithMembers, userId: string) =>
    store().messages.append(aSend(group, { senderId: userId }), user(userId))
  /** A chat of two users whom no other test knows. */
  const aChat = () => {
    const both = [`ann ${newId()}`, `bob ${newId()}`]
    return aGroup(store(), { members: both, owner: null, kind: 'direct', name: '' })
  }
  const usersOf = ({ authorizedUserIds: [ann = '', bob = ''] }: GroupWithMembers) => ({ ann, bob })

  test('what is changed is kept, what is left out stays, and each member has their own', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    assert.deepEqual((await change(group, 'ann', { pinned: true })).value, {
      notify: 'mentions',
      pinned: true,
      hidden: false,
    })
    assert.deepEqual(await change(group, 'ann', { notify: 'none', hidden: true }), {
      value: { notify: 'none', pinned: true, hidden: true },
      changes: [],
    })
    assert.deepEqual((await change(group, 'bob', { hidden: false })).value, {
      notify: 'mentions',
      pinned: false,
      hidden: false,
    })
    const other = await aGroup(store(), { members: ['ann'] })
    const chosen = await store().preferences.ofUser('ann', [group.id, other.id, newId()])
    assert.deepEqual(chosen, new Map([[group.id, { notify: 'none', pinned: true, hidden: true }]]))
    assert.equal((await store().log.readHead(group.id))?.rev, 0)
  })

  test('of which messages members want to be told is known for a group, as far as they have chosen', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob', 'cem'] })
    await change(group, 'ann', { notify: 'all' })
    await change(group, 'bob', { notify: 'none', pinned: true })
    await change(group, 'cem', { pinned: true })
    const chosen = new Map([
      ['ann', 'all'],
      ['bob', 'none'],
    ])
    assert.deepEqual(await store().preferences.notifyIn(group.id), chosen)
    assert.deepEqual(await store().preferences.notifyIn(newId()), new Map())
  })

  test('a direct chat begins with all notices', async () => {
    const chat = await aChat()
    const { value } = await change(chat, usersOf(chat).ann, { pinned: true })
    assert.equal(value.notify, 'all')
  })

  test('only members have preferences', async () => {
    const group = await aGroup(store(), { members: ['ann'], visibility: 'open' })
    await assert.rejects(change(group, 'eve', { pinned: true }), failsWith('forbidden'))
    await assert.rejects(
      store().preferences.change(group.id, { pinned: true }, admin, t0),
      failsWith('forbidden'),
    )
    await assert.rejects(change({ id: newId() }, 'ann', { pinned: true }), failsWith('not_found'))
    await store().groups.delete(group.id, admin, t0)
    assert.deepEqual(await store().preferences.ofUser('ann', [group.id]), new Map())
  })

  test('a group that is hidden is in no list, whatever is sent, until it is shown again', async () => {
    const group = await aGroup(store(), { members: ['ann', 'bob'] })
    await change(group, 'ann', { hidden: true })
    assert.deepEqual((await send(group, 'bob')).shownTo, [])
    assert.equal(await lists(group, 'ann'), false)
    assert.equal(await lists(group, 'bob'), true)
    await change(group, 'ann', { hidden: false })
    assert.equal(await lists(group, 'ann'), true)
  })

  test('a direct chat that is hidden comes back with its next message, whoever sends it', async () => {
    for (const sender of ['ann', 'bob'] as const) {
      const chat = await aChat()
      const users = usersOf(chat)
      await send(chat, users.bob)
      await change(chat, users.ann, { hidden: true, notify: 'none' })
      assert.equal(await lists(chat, users.ann), false)
      assert.equal(await lists(chat, users.bob), true)
      assert.deepEqual((await send(chat, users[sender])).shownTo, [users.ann])
      assert.equal(await lists(chat, users.ann), true)
      assert.deepEqual((await send(chat, users.bob)).shownTo, [])
      const chosen = await store().preferences.ofUser(users.ann, [chat.id])
      assert.deepEqual(chosen.get(chat.id), { notify: 'none', pinned: false, hidden: false })
    }
  })

  test('a repeated send shows nothing again', async () => {
    const chat = await aChat()
    const { ann, bob } = usersOf(chat)
    const again = aSend(chat, { senderId: bob, clientId: 'k', sendHash: 'h' })
    await store().messages.append(again, user(bob))
    await change(chat, ann, { hidden: true })
    const { repeat, shownTo } = await store().messages.append(again, user(bob))
    assert.deepEqual([repeat, shownTo], [true, []])
    assert.equal(await lists(chat, ann), false)
  })

  test('it is shown to all who hid it', async () => {
    const chat = await aChat()
    const { ann, bob } = usersOf(chat)
    for (const userId of [ann, bob]) await change(chat, userId, { hidden: true })
    assert.deepEqual((await store().preferences.show(chat.id)).toSorted(), [ann, bob])
    assert.deepEqual(await store().preferences.show(chat.id), [])
    assert.equal(await lists(chat, ann), true)
  })

  test('no message that comes while a chat is being hidden is lost', async () => {
    const chat = await aChat()
    const { ann, bob } = usersOf(chat)
    for (const _ of numbers(1, 20)) {
      const [sent] = await Promise.all([send(chat, bob), change(chat, ann, { hidden: true })])
      const isShown = await lists(chat, ann)
      // Either the chat was hidden after the message, or it is there.
      const { value: next, shownTo } = await send(chat, bob)
      assert.equal(next.seq, sent.value.seq + 1)
      if (!isShown) assert.deepEqual(shownTo, [ann])
      assert.equal(await lists(chat, ann), true)
    }
  })

  test('a hidden chat is left out of pages and counts', async () => {
    const chat = await aChat()
    const { ann } = usersOf(chat)
    const group = await aGroup(store(), { members: [ann] })
    await change(chat, ann, { hidden: true })
    const page = await store().groups.list(ann, { offset: 0, limit: 10 })
    assert.deepEqual([page.groups.map(({ id }) => id), page.total], [[group.id], 1])
  })
}
