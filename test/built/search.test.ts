import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiOf } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
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

test('kill -9 at any moment leaves an index that the next service goes on with', async () => {
  using folder = temporaryFolder()
  const sent: string[] = []
  let groupId = ''
  for (const round of numbers(1, 2)) {
    const service = await spawnService(folder.path)
    const ann = apiOf(service.url, 'ann')
    groupId ||= (await ann.createGroup('Friends', [])).id
    for (const n of numbers(1, 60)) {
      await ann.send(groupId, `house ${round} ${n}`)
      sent.push(`house ${round} ${n}`)
    }
    // It is about to be indexed, is just being indexed, or has been.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 700))
    await service.end('SIGKILL')
  }
  const service = await spawnService(folder.path)
  await eventually('all is found', async () => (await findAll(service.url, 'hou')).length === sent.length)
  assert.deepEqual((await findAll(service.url, 'hou')).toSorted(), sent.toSorted())
  assert.equal(await service.end('SIGTERM'), 0)
})

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
