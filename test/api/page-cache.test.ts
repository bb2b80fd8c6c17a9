import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPageCache } from '../../src/api/core/page-cache.ts'

const aPage = (size: number, senders: readonly string[] = []) => ({
  parts: [Buffer.alloc(size)],
  reacted: [],
  senders,
  namesAt: 0,
  size,
})
const sameNames = { version: 0, changedSince: () => false }

test('the page used longest ago makes room', () => {
  const cache = createPageCache(100, sameNames)
  const page = aPage(40)
  cache.set('a', page)
  cache.set('b', page)
  assert.equal(cache.get('a'), page)
  cache.set('c', page)
  assert.equal(cache.get('b'), undefined)
  assert.equal(cache.get('a'), page)
  assert.equal(cache.get('c'), page)
})

test('a page larger than all the room is not kept, and takes none from later ones', () => {
  const cache = createPageCache(100, sameNames)
  cache.set('large', aPage(200))
  assert.equal(cache.get('large'), undefined)
  cache.set('a', aPage(90))
  assert.ok(cache.get('a'))
})

test('a page is not given any more when one of its senders is called otherwise, and only then', () => {
  const changed = new Map<string, number>()
  const names = {
    version: 0,
    changedSince: (since: number, ids: readonly string[]) => ids.some((id) => (changed.get(id) ?? 0) > since),
  }
  const rename = (userId: string) => changed.set(userId, ++names.version)
  const cache = createPageCache(100, names)
  cache.set('a', aPage(10, ['ann', 'bob']))
  rename('eve')
  assert.ok(cache.get('a'))
  rename('bob')
  assert.equal(cache.get('a'), undefined)
  cache.set('a', { ...aPage(10, ['ann', 'bob']), namesAt: names.version })
  assert.ok(cache.get('a'))
})
