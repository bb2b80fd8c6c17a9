import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import type { AnyBody } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { startRest } from '../support/rest.ts'
import { numbers } from '../support/samples.ts'

const { call, group, send, root, close } = await startRest({ RATE_LIMIT_SEARCHES: '0' })
after(close)

interface Found {
  results: {
    message: MessageView
    group: { id: string; name: string | null }
    highlights: [number, number][]
  }[]
  next: string | null
}

const ask = <T = Found>(as: string, q: string, more: Record<string, string> = {}) =>
  call<T>('GET', `/search?${new URLSearchParams({ q, ...more })}`, { as })
const search = async (as: string, q: string, more: Record<string, string> = {}): Promise<Found> => {
  const { status, body, text } = await ask(as, q, more)
  assert.equal(status, 200, text)
  return body
}
const contents = ({ results }: Found) => results.map(({ message }) => message.content)
/** Resolves when these are found, within the time that the contract gives. */
const finds = (as: string, q: string, wanted: readonly string[], more: Record<string, string> = {}) =>
  eventually(
    `${q} finds ${wanted.join()}`,
    async () => JSON.stringify(contents(await search(as, q, more))) === JSON.stringify(wanted),
    5_000,
  )

let count = 0
/** Users whom nobody else has. */
const users = () => [`ann${++count}`, `bob${count}`] as const

test('messages of all groups that one is in are found, newest first, with their groups and where the words stand', async () => {
  const [ann, bob] = users()
  const [one, two] = [await group(ann, bob), await group(ann)]
  const first = await send(one.id, 'Viele Grüße aus Köln', { as: bob })
  await call('PUT', `/messages/${first.id}/reactions/%F0%9F%91%8D`, { as: ann })
  await send(two.id, '👍 grüner Tee', { as: ann })
  await send(one.id, '私は東京に住んでいます', { as: ann })
  await finds(ann, 'gru', ['👍 grüner Tee', 'Viele Grüße aus Köln'])
  const { results, next } = await search(ann, 'gru')
  assert.equal(next, null)
  assert.deepEqual(
    results.map(({ group, highlights }) => [group, highlights]),
    [
      [{ id: two.id, name: two.name }, [[3, 6]]],
      [{ id: one.id, name: one.name }, [[6, 9]]],
    ],
  )
  const { body } = await call('GET', `/messages/${first.id}`, { as: ann })
  assert.deepEqual(results[1]?.message, body, 'as the message is read')
  await finds(ann, '東京', ['私は東京に住んでいます'])
  const { body: chat } = await call<{ id: string }>('POST', '/direct', { as: ann, body: { user_id: bob } })
  await send(chat.id, 'nur für dich', { as: bob })
  await finds(ann, 'fur dich', ['nur für dich'])
  assert.deepEqual((await search(ann, 'fur dich')).results[0]?.group, { id: chat.id, name: null })
  await call('PATCH', `/groups/${one.id}/me`, { as: ann, body: { hidden: true } })
  await finds(ann, 'GRUSSE -tee', ['Viele Grüße aus Köln'])
  assert.deepEqual(contents(await search(bob, 'gru')), ['Viele Grüße aus Köln'])
})

test('what is found is as it is now: edits, deletions, restored messages, and groups that were left', async () => {
  const [ann, bob] = users()
  const { id } = await group(ann, bob)
  const message = await send(id, 'a red house', { as: bob })
  const other = await send(id, 'a blue house', { as: ann })
  await finds(ann, 'house', ['a blue house', 'a red house'])
  await call('PUT', `/messages/${message.id}`, { as: bob, body: { content: 'a green tent' } })
  assert.deepEqual(contents(await search(ann, 'house')), ['a blue house'], 'at once')
  await finds(ann, 'tent', ['a green tent'])
  await call('DELETE', `/messages/${other.id}`, { as: ann })
  assert.deepEqual(contents(await search(ann, 'house')), [], 'at once')
  await call('POST', `/messages/${other.id}/restore`, { as: 'root (admin)' })
  await finds(ann, 'house', ['a blue house'])
  await call('DELETE', `/groups/${id}/members/${bob}`, { as: bob })
  assert.deepEqual(contents(await search(bob, 'house')), [], 'a group left is not searched')
  assert.equal((await ask(bob, 'house', { group_id: id })).status, 403)
})

test('a group is named: an open one is searched by guests, and nobody searches what they may not read', async () => {
  const [ann, bob] = users()
  const { id } = await group(ann)
  await send(id, 'secret house', { as: ann })
  await finds(ann, 'house', ['secret house'], { group_id: id })
  const refused = await ask<AnyBody>(bob, 'house', { group_id: id })
  assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden'])
  await call('PUT', `/groups/${id}`, { as: ann, body: { visibility: 'open' } })
  assert.deepEqual(contents(await search(bob, 'house', { group_id: id })), ['secret house'])
  assert.deepEqual(contents(await search(bob, 'house')), [], 'of groups that one is in')
  await call('PUT', `/groups/${id}/bans/${bob}`, { as: ann, body: {} })
  assert.equal((await ask<AnyBody>(bob, 'house', { group_id: id })).body.code, 'banned')
  assert.equal((await ask(bob, 'house', { group_id: 'f'.repeat(24) })).status, 404)
})

test('senders and times bound what is found, both inclusive', async () => {
  const [ann, bob] = users()
  const { id } = await group(ann, bob)
  const sent: MessageView[] = []
  for (const n of numbers(1, 4)) {
    sent.push(await send(id, `tree ${n}`, { as: n % 2 ? ann : bob }))
    // The next is of another millisecond.
    await eventually('time goes by', () => Date.now() > Date.parse(sent.at(-1)?.created_at ?? ''))
  }
  await finds(ann, 'tree', ['tree 4', 'tree 3', 'tree 2', 'tree 1'])
  assert.deepEqual(contents(await search(ann, 'tree', { sender_id: bob })), ['tree 4', 'tree 2'])
  const between = { after: sent[1]?.created_at ?? '', before: sent[2]?.created_at ?? '' }
  assert.deepEqual(contents(await search(ann, 'tree', between)), ['tree 3', 'tree 2'])
  assert.deepEqual(contents(await search(ann, 'tree', { ...between, sender_id: ann })), ['tree 3'])
  const none = { after: between.before, before: between.after }
  assert.deepEqual(await search(ann, 'tree', none), { results: [], next: null })
})

test('messages with files are found apart', async () => {
  const [ann] = users()
  const { id } = await group(ann)
  const file = await call<{ id: string }>('POST', `/groups/${id}/files?name=a.txt`, {
    as: ann,
    raw: 'text',
    headers: { 'content-type': 'text/plain' },
  })
  assert.equal(file.status, 201, file.text)
  await send(id, 'a plan', { as: ann })
  const body = { content: 'the plan as a file', attachments: [file.body.id] }
  await call('POST', `/groups/${id}/messages`, { as: ann, body })
  await finds(ann, 'plan', ['the plan as a file', 'a plan'])
  assert.deepEqual(contents(await search(ann, 'plan', { has: 'file' })), ['the plan as a file'])
  assert.equal((await ask(ann, 'plan', { has: 'link' })).status, 422)
})

test('pages follow each other by their cursor, to the end', async () => {
  const [ann] = users()
  const groups = [await group(ann), await group(ann), await group(ann)]
  const all: string[] = []
  for (const n of numbers(1, 25)) {
    await send(groups[n % 3]?.id ?? '', `leaf ${n}`, { as: ann })
    all.unshift(`leaf ${n}`)
  }
  await finds(ann, 'leaf', all, { limit: '100' })
  const [first, pages] = [await search(ann, 'leaf'), [] as string[][]]
  assert.equal(first.results.length, 20, 'twenty unless more are asked for')
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Found = await search(ann, 'leaf', { limit: '10', ...(cursor && { cursor }) })
    pages.push(contents(page))
    cursor = page.next
  }
  assert.deepEqual([pages.map(({ length }) => length), pages.flat().length], [[10, 10, 5], 25])
  assert.deepEqual(new Set(pages.flat()), new Set(all))
  assert.equal((await search(ann, 'leaf', { limit: '25' })).next, null, 'none is left')
  assert.equal((await search(ann, '"leaf 7"', { limit: '1' })).results[0]?.message.content, 'leaf 7')
})

test('what is no question is refused with what to do', async () => {
  const [ann] = users()
  await group(ann)
  const status = async (query: string) => (await call('GET', `/search${query}`, { as: ann })).status
  for (const query of [
    '',
    '?q=',
    '?q=%20',
    '?q=-a',
    '?q=%22%22',
    '?q=a&limit=0',
    '?q=a&limit=101',
    '?q=a&limit=x',
  ])
    assert.equal(await status(query), 422, query)
  for (const query of [
    '?q=a&group_id=x',
    '?q=a&before=x',
    '?q=a&after=2026-01-01',
    '?q=a&nothing=1',
    '?q=a&q=b',
  ])
    assert.equal(await status(query), 422, query)
  assert.equal(await status(`?q=${'a'.repeat(10_000)}`), 422)
  assert.equal(await status('?q=a&cursor=nonsense'), 400)
  assert.equal(await status('?q=a&cursor='), 400)
  assert.equal((await root('GET', '/api/chat/search?q=a')).status, 401)
})

test('searches have a limit of their own, and SEARCH=off leaves them out', async () => {
  const few = await startRest({ RATE_LIMIT_SEARCHES: '2' })
  const off = await startRest({ SEARCH: 'off' })
  try {
    const { id } = await few.group('ann')
    assert.ok(id)
    const statuses = []
    for (const _ of [1, 2, 3]) statuses.push((await few.call('GET', '/search?q=a', { as: 'ann' })).status)
    assert.deepEqual(statuses, [200, 200, 429])
    assert.equal((await off.call('GET', '/search?q=a', { as: 'ann' })).status, 404)
  } finally {
    await few.close()
    await off.close()
  }
})
