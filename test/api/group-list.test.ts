import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { AnsweredGroup } from '../../src/api/core/group-answer.ts'
import { startRest } from '../support/rest.ts'

const { call, createGroup, group, send, close } = await startRest()
after(close)

const list = async (as: string, query = '') => {
  const { status, body } = await call<{ groups: AnsweredGroup[]; total: number }>('GET', `/groups${query}`, {
    as,
  })
  assert.equal(status, 200)
  return body
}
const names = async (as: string, query: string) => (await list(as, query)).groups.map(({ name }) => name)

test('groups are listed newest first, by name, or by their last message', async () => {
  const made = new Map<string, string>()
  for (const name of ['beta', 'Alpha', 'gamma', 'Delta'])
    made.set(name, (await createGroup(name, [], { as: 'sort' })).id)
  assert.deepEqual(await names('sort', ''), ['Delta', 'gamma', 'Alpha', 'beta'])
  assert.deepEqual(await names('sort', '?sort=created'), ['Delta', 'gamma', 'Alpha', 'beta'])
  assert.deepEqual(await names('sort', '?sort=name'), ['Alpha', 'beta', 'Delta', 'gamma'])
  for (const name of ['Alpha', 'gamma', 'Alpha', 'beta'])
    await send(made.get(name) ?? '', 'hello', { as: 'sort' })
  assert.deepEqual(await names('sort', '?sort=activity'), ['beta', 'Alpha', 'gamma', 'Delta'])
  assert.deepEqual(await names('sort', '?sort=activity&page=2&page_size=3'), ['Delta'])
  assert.equal((await call('GET', '/groups?sort=members', { as: 'sort' })).status, 422)
})

test('groups are found by how their name begins, or one of its words', async () => {
  for (const name of ['Red apples', 'Pineapples', 'apple pie', 'Über-Äpfel', '(Apple)'])
    await createGroup(name, [], { as: 'find' })
  const found = async (q: string) => (await names('find', `?sort=name&q=${encodeURIComponent(q)}`)).toSorted()
  assert.deepEqual(await found('APPLE'), ['(Apple)', 'Red apples', 'apple pie'])
  assert.deepEqual(await found('red a'), ['Red apples'])
  assert.deepEqual(await found('äpf'), ['Über-Äpfel'])
  assert.deepEqual(await found('%'), [])
  assert.deepEqual(await found('ppl'), [])
  const page = await list('find', '?q=apple&page_size=2')
  assert.deepEqual([page.groups.length, page.total], [2, 3])
  assert.equal((await list('find', '?q=')).total, 5)
})

test('a group tells its caller what they are in it, and its last message that is not deleted', async () => {
  const { id } = await group('owner', 'member')
  const shown = async (as: string) => {
    const one = (await call<AnsweredGroup>('GET', `/groups/${id}`, { as })).body
    const listed = (await list(as)).groups.find((each) => each.id === id)
    const own = { notify: 'mentions', pinned: false, hidden: false }
    if (listed) assert.deepEqual(listed, { ...one, ...own })
    return one
  }
  const fresh = await shown('owner')
  const none = { seq: 0, last_message_at: null, read_seq: 0, unread_count: 0, mention_count: 0 }
  assert.partialDeepStrictEqual(fresh, { role: 'owner', ...none, last_message: null })
  const first = await send(id, 'first', { as: 'owner' })
  const second = await send(id, 'second', { as: 'owner' })
  await call('PUT', `/messages/${first.id}/reactions/👍`, { as: 'member' })
  const two = { seq: 2, last_message_at: second.created_at, mention_count: 0 }
  const forMember = await shown('member')
  assert.partialDeepStrictEqual(forMember, { role: 'member', ...two, read_seq: 0, unread_count: 2 })
  assert.equal(forMember.last_message?.id, second.id)
  const operator = await shown('root (admin)')
  assert.partialDeepStrictEqual(operator, { role: null, ...two, read_seq: 2, unread_count: 0 })
  await call('DELETE', `/messages/${second.id}`, { as: 'owner' })
  const { last_message, ...rest } = await shown('member')
  assert.partialDeepStrictEqual(rest, { ...two, unread_count: 1 })
  assert.deepEqual([last_message?.id, last_message?.my_reactions], [first.id, ['👍']])
  await call('DELETE', `/messages/${first.id}`, { as: 'owner' })
  assert.equal((await shown('member')).last_message, null)
})

test('what is said in a group does not change its ETag', async () => {
  const { id } = await group('owner', 'member')
  const tag = async (as: string) => (await call('GET', `/groups/${id}`, { as })).headers.get('etag')
  const before = await tag('owner')
  await send(id, 'hello', { as: 'owner' })
  assert.equal(await tag('owner'), before)
  assert.equal(await tag('member'), before)
})
