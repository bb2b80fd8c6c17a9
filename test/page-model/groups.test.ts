import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ChatModel } from '../../dashboard/chat/model/types.ts'
import { type CuttingProxy, startProxy } from '../client/proxy.ts'
import { eventually } from '../support/eventually.ts'
import { startService, type TestService } from '../support/service.ts'
import { groupIn, inMemory, isOnline, opened, openPage } from './page.ts'

let service: TestService
let proxy: CuttingProxy
before(async () => {
  service = await startService()
  proxy = await startProxy(service.url)
})
after(async () => {
  await proxy.close()
  await service[Symbol.asyncDispose]()
})

const countsOf = (model: ChatModel, id: string) => {
  const { unread_count, mention_count } = groupIn(model, id) ?? {}
  return [unread_count, mention_count]
}

const counts = (model: ChatModel, id: string, ...wanted: [number, number]) =>
  eventually(`the counts are ${wanted}`, () => countsOf(model, id).join() === wanted.join())

test('new messages raise the counts and bring their group to the top; reading lowers them, in every tab', async () => {
  const { group: tea, owner } = await service.group('ann', 'ben')
  const { group: coffee } = await service.group('ann', 'ben')
  using ben = openPage(service.url, 'ben')
  using tab = openPage(service.url, 'ben')
  await isOnline(ben, tab)
  await eventually('both are listed', () => ben.groups.value?.length === 2)
  await owner.send(coffee.id, 'one')
  await owner.send(tea.id, 'two')
  await owner.call('POST', `/groups/${tea.id}/messages`, { body: { content: 'three', mentions: ['ben'] } })
  await counts(ben, tea.id, 2, 1)
  assert.deepEqual(
    ben.groups.value?.map(({ id }) => id),
    [tea.id, coffee.id],
  )
  assert.equal(groupIn(ben, tea.id)?.last_message?.content, 'three')
  assert.deepEqual(ben.totals.value, { unread: 3, mentions: 1 })
  const conversation = await opened(ben, tea.id)
  conversation.seen(1)
  await counts(ben, tea.id, 1, 1)
  conversation.seen(2)
  await counts(ben, tea.id, 0, 0)
  await counts(tab, tea.id, 0, 0)
  assert.deepEqual(tab.totals.value, { unread: 1, mentions: 0 })
})

test('a deleted message is unread no more, and does not mention any more', async () => {
  const { group, owner } = await service.group('ann', 'cid')
  using cid = openPage(service.url, 'cid')
  await isOnline(cid)
  const { body } = await owner.call<{ id: string }>('POST', `/groups/${group.id}/messages`, {
    body: { content: 'psst', mentions: ['cid'] },
  })
  await owner.send(group.id, 'hello')
  await counts(cid, group.id, 2, 1)
  await owner.call('DELETE', `/messages/${body.id}`)
  await counts(cid, group.id, 1, 0)
})

test('a group is there when one is added, and gone when one is removed or it is deleted, open or not', async () => {
  const api = await service.api('ann')
  using dan = openPage(service.url, 'dan')
  await isOnline(dan)
  await eventually('the list is loaded', () => dan.groups.value?.length === 0)
  const [first, second] = [
    await api.createGroup('first', ['dan', 'eve']),
    await api.createGroup('second', ['dan']),
  ]
  await eventually('both are listed', () => dan.groups.value?.length === 2)
  await opened(dan, first.id)
  await api.call('DELETE', `/groups/${first.id}/members/dan`)
  await eventually('it is not shown any more', () => dan.current.value === null)
  assert.deepEqual(
    dan.problems.value.map(({ text }) => text),
    ['You are no longer in first.'],
  )
  assert.deepEqual(
    dan.groups.value?.map(({ id }) => id),
    [second.id],
  )
  await opened(dan, second.id)
  await api.call('DELETE', `/groups/${second.id}`)
  await eventually('it is not shown any more', () => dan.current.value === null)
  assert.deepEqual(dan.groups.value, [])
  assert.equal(dan.problems.value.at(-1)?.text, 'second was deleted.')
})

test('who leaves by themselves is told of no problem', async () => {
  const { group } = await service.group('ann', 'dora')
  using dora = openPage(service.url, 'dora')
  await isOnline(dora)
  await opened(dora, group.id)
  await dora.chat.groups.leave(group.id)
  dora.open(null)
  await eventually('it is gone', () => dora.groups.value?.length === 0)
  assert.deepEqual(dora.problems.value, [])
})

test('an open group is shown to a guest, who joins it and leaves it', async () => {
  const api = await service.api('ann')
  const { body: open } = await api.call<{ id: string }>('POST', '/groups', {
    body: { name: 'square', visibility: 'open' },
  })
  await api.send(open.id, 'welcome')
  using gus = openPage(service.url, 'gus')
  await isOnline(gus)
  const conversation = await opened(gus, open.id)
  await api.send(open.id, 'again')
  await eventually('the guest hears it', () => conversation.timeline.value.messages.length === 2)
  await gus.chat.groups.join(open.id)
  await eventually('gus is a member', () => groupIn(gus, open.id)?.role === 'member')
  assert.equal(gus.current.value, conversation)
})

test('the list is right after a cut in which much was missed', async () => {
  const { group: kept, owner } = await service.group('ann', 'fay')
  const { group: lost } = await service.group('ann', 'fay')
  using fay = openPage(proxy.url, 'fay')
  await isOnline(fay)
  await eventually('both are listed', () => fay.groups.value?.length === 2)
  proxy.refusing = true
  proxy.cut()
  await eventually('it is away', () => fay.connection.value.state !== 'online')
  await owner.send(kept.id, 'missed')
  await owner.call('DELETE', `/groups/${lost.id}/members/fay`)
  const added = await owner.createGroup('added', ['fay'])
  // Another device read it, and made it quiet.
  const device = await service.api('fay')
  await device.call('PATCH', `/groups/${kept.id}/me`, { body: { pinned: true } })
  proxy.refusing = false
  await eventually('the list is right', () => {
    const ids = fay.groups.value?.map(({ id }) => id)
    return ids?.join() === [kept.id, added.id].join() && countsOf(fay, kept.id)[0] === 1
  })
  assert.equal(groupIn(fay, kept.id)?.pinned, true)
  await device.call('PUT', `/groups/${kept.id}/read`, { body: { seq: 1 } })
  await counts(fay, kept.id, 0, 0)
})

test('lists of many pages are whole', async () => {
  const api = await service.api('ann')
  const made = await Promise.all(Array.from({ length: 130 }, (_, i) => api.createGroup(`g${i}`, ['hal'])))
  using hal = openPage(service.url, 'hal')
  await eventually('all are listed', () => hal.groups.value?.length === made.length)
})

test('what was listed is shown at the next start, before there is a connection, and is right once there is one', async () => {
  const { group, owner } = await service.group('ann', 'ida')
  const keeping = inMemory()
  const before = openPage(proxy.url, 'ida', { keeping })
  await isOnline(before)
  await eventually('both are kept', () => ['groups', 'me'].every((key) => keeping.getItem(key) !== null))
  const kept = keeping.getItem('groups') as string
  const profile = keeping.getItem('me') as string
  before.close()
  assert.equal(keeping.getItem('groups'), null)
  keeping.setItem('groups', kept)
  keeping.setItem('me', profile)
  await owner.send(group.id, 'meanwhile')
  proxy.refusing = true
  using ida = openPage(proxy.url, 'ida', { keeping })
  assert.deepEqual(
    ida.groups.value?.map(({ id }) => id),
    [group.id],
  )
  ida.open(group.id)
  assert.equal(ida.current.value?.id, group.id)
  proxy.refusing = false
  await counts(ida, group.id, 1, 0)
  await eventually('the messages come', () => ida.current.value?.timeline.value.messages.length === 1)
  assert.equal(ida.current.value?.timeline.value.unreadFrom, 1)
})
