import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiOf } from '../support/api.ts'
import { spawnService, temporaryFolder } from '../support/process.ts'
import { numbers } from '../support/samples.ts'
import { run } from './command.ts'

interface Found {
  results: { message: { content: string } }[]
  next: string | null
}

/** The contents of all that ann finds. */
async function findAll(url: string, q: string): Promise<string[]> {
  const found: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: string = `/search?q=${q}&limit=100${cursor && `&cursor=${cursor}`}`
    const answer = await apiOf(url, 'ann').call<Found>('GET', page)
    assert.equal(answer.status, 200, answer.text)
    found.push(...answer.body.results.map(({ message }) => message.content))
    cursor = answer.body.next
  }
  return found
}

test('reindex builds the index anew while the service is stopped, and the next service has it', async () => {
  using folder = temporaryFolder()
  const env = { DATA_DIR: folder.path }
  const nothing = await run(['reindex'], env)
  assert.deepEqual([nothing.code, nothing.out], [1, ''])
  assert.match(nothing.err, /There is no database/)
  const first = await spawnService(folder.path)
  const ann = apiOf(first.url, 'ann')
  const { id } = await ann.createGroup('Friends', [])
  for (const n of numbers(1, 3)) await ann.send(id, `house ${n}`)
  const busy = await run(['reindex'], env)
  assert.equal(busy.code, 1)
  assert.match(busy.err, /another chat-api process/)
  await first.end('SIGTERM')
  const off = await run(['reindex'], { ...env, SEARCH: 'off' })
  assert.equal(off.code, 1)
  assert.match(off.err, /SEARCH=off/)
  const done = await run(['reindex'], env)
  assert.deepEqual([done.code, done.out], [0, 'Done: 3 messages in 1 groups\n'], done.err)
  assert.match((await run(['doctor'], env)).out, /^ok.*search index +is there$/m)
  const second = await spawnService(folder.path)
  assert.deepEqual(await findAll(second.url, 'hou'), ['house 3', 'house 2', 'house 1'])
  assert.equal(await second.end('SIGTERM'), 0)
})
