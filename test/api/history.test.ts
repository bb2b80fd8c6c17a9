import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import type { ProblemView } from '../support/api.ts'
import { startRest } from '../support/rest.ts'

const { call, group, send, close } = await startRest()
after(close)

interface HistoryPage extends Partial<ProblemView> {
  messages: MessageView[]
  total: number
  page: number | null
  page_size: number
  has_more: boolean
  cursor: string
}

const count = 7
const { id: groupId } = await group('alice', 'bob')
const sent: MessageView[] = []
for (let i = 0; i < count; i++) sent.push(await send(groupId, `message ${i}`, { as: 'alice' }))

const list = (query: string, id = groupId) =>
  call<HistoryPage>('GET', `/groups/${id}/messages${query}`, { as: 'bob' })
const seqs = (page: HistoryPage) => page.messages.map(({ seq }) => seq)

/** As it is answered to one who has not reacted to it. */
const answered = (message: MessageView) => ({ ...message, my_reactions: [] })

test('page 1 holds the newest, newest first', async () => {
  const { body } = await list('?page=1&page_size=3')
  assert.deepEqual(body, {
    messages: sent.slice(-3).reverse().map(answered),
    total: count,
    page: 1,
    page_size: 3,
    has_more: true,
    cursor: body.cursor,
  })
  assert.deepEqual((await list('')).body.messages, sent.toReversed().map(answered))
  assert.equal((await list('')).body.page_size, 50)
})

test('pages tile the history, whichever way they are asked for', async () => {
  const table: [string, number[], boolean, number | null][] = [
    ['?page=2&page_size=3', [4, 3, 2], true, 2],
    ['?page=3&page_size=3', [1], false, 3],
    ['?page=4&page_size=3', [], false, 4],
    ['?page=2&page_size=3&order=asc', [2, 3, 4], true, 2],
    ['?page=2&limit=3', [4, 3, 2], true, 2],
    ['?limit=3&page_size=3', [7, 6, 5], true, 1],
    ['?before=5&limit=3', [4, 3, 2], true, null],
    ['?before=5&page_size=4', [4, 3, 2, 1], false, null],
    ['?before=5&limit=3&order=asc', [2, 3, 4], true, null],
    ['?before=1', [], false, null],
    ['?before=0', [], false, null],
    ['?before=9007199254740991&limit=1', [7], true, null],
    ['?after=0&limit=3', [3, 2, 1], true, null],
    ['?after=2&limit=3', [5, 4, 3], true, null],
    ['?after=2&limit=3&order=asc', [3, 4, 5], true, null],
    ['?after=4', [7, 6, 5], false, null],
    ['?after=7', [], false, null],
    ['?order=desc', [7, 6, 5, 4, 3, 2, 1], false, 1],
  ]
  for (const [query, expected, more, page] of table)
    for (const round of ['read', 'cached']) {
      const { status, body } = await list(query)
      const got = [status, seqs(body), body.has_more, body.page, body.total]
      assert.deepEqual(got, [200, expected, more, page, count], `${query} ${round}`)
    }
})

test('what cannot be a page is refused, and named', async () => {
  const table: [string, string][] = [
    ...['page', 'page_size', 'limit'].flatMap((name) =>
      [
        '0',
        '-1',
        '1e9',
        '0x10',
        '',
        '9007199254740993',
        '1.5',
        '01',
        '+1',
        '%201',
        'NaN',
        '१',
        '99999999999999999999',
      ].map((value): [string, string] => [`${name}=${value}`, name]),
    ),
    ['page_size=101', 'page_size'],
    ['limit=101', 'limit'],
    ['page=10001', 'page'],
    ['page=101&page_size=100', 'page'],
    ['before=-1', 'before'],
    ['before=9007199254740992', 'before'],
    ['after=x', 'after'],
    ['before=1&after=1', 'before'],
    ['page=1&before=5', 'page'],
    ['page=1&after=5', 'page'],
    ['limit=1&page_size=2', 'limit'],
    ['page=1&page=2', 'page'],
    ['order=up', 'order'],
    ['order=DESC', 'order'],
    ['page[$gt]=1&page=', 'page[$gt]'],
    ['something=else', 'something'],
  ]
  for (const [query, field] of table) {
    const { status, body } = await list(`?${query}`)
    assert.equal(status, 422, query)
    assert.equal(body.errors?.[0]?.field, field, query)
  }
})

test('pages too deep are sent to `before`', async () => {
  assert.equal((await list('?page=100&page_size=100')).status, 200)
  const { status, body } = await list('?page=101&page_size=100')
  assert.equal(status, 422)
  assert.match(body.detail ?? '', /before=SEQ/)
})

test('an edit, a deletion and a new message show on the next page read', async () => {
  const { id } = await group('alice', 'bob')
  const [first, second] = [
    await send(id, 'first', { as: 'alice' }),
    await send(id, 'second', { as: 'alice' }),
  ]
  const read = async () => (await list('', id)).body
  const before = await read()
  assert.deepEqual(before, await read())

  const edited = await call<MessageView>('PUT', `/messages/${first.id}`, {
    as: 'alice',
    body: { content: 'edited' },
  })
  const afterEdit = await read()
  assert.deepEqual(afterEdit.messages, [answered(second), edited.body])

  await call('DELETE', `/messages/${first.id}`, { as: 'alice' })
  const afterDelete = await read()
  assert.deepEqual([afterDelete.messages, afterDelete.total], [[answered(second)], 1])

  const third = await send(id, 'third', { as: 'alice' })
  const afterSend = await read()
  assert.deepEqual([afterSend.messages, afterSend.total], [[answered(third), answered(second)], 2])
  assert.equal(new Set([before, afterEdit, afterDelete, afterSend].map(({ cursor }) => cursor)).size, 4)
})

test('access is checked again for a page that was answered before', async () => {
  const { id } = await group('alice', 'bob')
  await send(id, 'secret', { as: 'alice' })
  assert.equal((await list('', id)).status, 200)
  await call('PUT', `/groups/${id}`, { as: 'alice', body: { authorized_user_ids: ['alice'] } })
  assert.equal((await list('', id)).status, 403)
  assert.equal((await call('GET', `/groups/${id}/messages`, { as: 'alice' })).status, 200)
})
