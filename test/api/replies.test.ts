import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import { startRest } from '../support/rest.ts'

const { call, group, service, close } = await startRest()
after(close)

type Answered = MessageView & { my_reactions: string[] }
type Page = { messages: Answered[]; next: string | null; total: number; cursor: string }

const post = (id: string, body: object, as = 'alice') =>
  call<Answered & { errors?: { field: string }[] }>('POST', `/groups/${id}/messages`, {
    as,
    body: { content: 'hello', ...body },
  })
const read = async (path: string, as = 'alice') => (await call<Page>('GET', path, { as })).body
const seqs = ({ messages }: Page) => messages.map(({ seq }) => seq)
const erase = ({ id }: { id: string }) => call('DELETE', `/messages/${id}`, { as: 'alice' })

test('an answer names what it answers, and its thread is listed page by page', async () => {
  const { id } = await group('alice', 'bob')
  const root = (await post(id, {})).body
  const bob = await service.socket('bob', `/ws/${id}`)
  const one = (await post(id, { reply_to: root.id })).body
  assert.deepEqual([one.reply_to, one.thread_id, one.reply_count], [root.id, root.id, 0])
  assert.equal(((await bob.next('new_message')).message as MessageView).reply_to, root.id)
  const { message } = await bob.ask({ type: 'message', content: 'below', reply_to: one.id })
  const below = message as MessageView
  assert.deepEqual([below.reply_to, below.thread_id], [one.id, root.id])
  await post(id, {})
  const three = (await post(id, { reply_to: root.id })).body
  assert.deepEqual(bob.frames.filter(({ type }) => type === 'message_updated').length, 0)
  await bob.close()

  await call('PUT', `/messages/${one.id}/reactions/👍`, { as: 'bob' })
  const direct = await read(`/messages/${root.id}/replies`, 'bob')
  assert.deepEqual([seqs(direct), direct.next], [[2, 5], null])
  assert.deepEqual(
    direct.messages.map(({ my_reactions, reply_count }) => [my_reactions, reply_count]),
    [
      [['👍'], 1],
      [[], 0],
    ],
  )
  for (const start of [root, below]) {
    const first = await read(`/messages/${start.id}/thread?limit=3`)
    assert.deepEqual([seqs(first), first.next], [[1, 2, 3], '3'])
    const rest = await read(`/messages/${start.id}/thread?limit=3&after=${first.next}`)
    assert.deepEqual([seqs(rest), rest.next], [[5], null])
  }
  assert.equal((await read(`/messages/${root.id}/replies?limit=1`)).next, '2')
  assert.equal((await call('GET', `/messages/${root.id}/replies?after=x`, { as: 'alice' })).status, 422)
  assert.equal((await call('GET', `/messages/${'0'.repeat(24)}/thread`, { as: 'alice' })).status, 404)

  await erase(three)
  await erase(root)
  assert.deepEqual(seqs(await read(`/messages/${root.id}/replies`)), [2])
  assert.deepEqual(seqs(await read(`/messages/${below.id}/thread`)), [2, 3])
  assert.equal((await call<Answered>('GET', `/messages/${one.id}`, { as: 'bob' })).body.reply_to, root.id)
})

test('pages are right after each answer, also those that were read before', async () => {
  const { id } = await group('alice')
  const root = (await post(id, {})).body
  const counts = async () => {
    for (const query of ['', '?after=0', '?before=99', '?threads=roots']) {
      const found = (await read(`/groups/${id}/messages${query}`)).messages.find(
        (each) => each.id === root.id,
      )
      assert.equal(found?.reply_count, (await read(`/messages/${root.id}/replies`)).messages.length, query)
    }
    return (await call<Answered>('GET', `/messages/${root.id}`, { as: 'alice' })).body.reply_count
  }
  assert.equal(await counts(), 0)
  const one = (await post(id, { reply_to: root.id })).body
  assert.equal(await counts(), 1)
  await post(id, { reply_to: root.id })
  assert.equal(await counts(), 2)
  await erase(one)
  assert.equal(await counts(), 1)
})

test('what is answered is a message of the group that is there; a repeat does not ask again', async () => {
  const [{ id }, other] = [await group('alice', 'bob'), await group('alice')]
  const [root, away] = [(await post(id, {})).body, (await post(other.id, {})).body]
  const refused = async (reply_to: unknown, as = 'alice') => {
    const { status, body } = await post(id, { reply_to }, as)
    return [status, body.errors?.[0]?.field]
  }
  for (const reply_to of [away.id, '0'.repeat(24), 'x', null, { $gt: '' }])
    assert.deepEqual(await refused(reply_to), [422, 'reply_to'], `${reply_to}`)
  assert.deepEqual(await refused(root.id, 'eve'), [403, undefined])

  const said = { reply_to: root.id, client_id: 'k' }
  const first = await post(id, said)
  assert.equal((await post(id, { client_id: 'k' })).status, 409)
  await erase(root)
  assert.deepEqual(await refused(root.id), [422, 'reply_to'])
  const again = await post(id, said)
  assert.deepEqual([again.status, again.body], [200, first.body])
})

test('a history without answers, by all three kinds of page', async () => {
  const { id } = await group('alice')
  const root = (await post(id, {})).body
  for (const reply_to of [root.id, undefined, root.id, undefined]) await post(id, { reply_to })
  for (const [query, expected] of [
    ['page_size=2', [5, 3]],
    ['page_size=2&page=2', [1]],
    ['before=5&limit=2', [3, 1]],
    ['after=1&limit=2', [5, 3]],
    ['after=1&limit=2&order=asc', [3, 5]],
  ] as const) {
    const page = await read(`/groups/${id}/messages?threads=roots&${query}`)
    assert.deepEqual([seqs(page), page.total], [expected, 5], query)
  }
  assert.equal((await call('GET', `/groups/${id}/messages?threads=all`, { as: 'alice' })).status, 422)
})
