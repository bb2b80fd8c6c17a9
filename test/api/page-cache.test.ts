import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPageCache } from '../../src/api/core/page-cache.ts'

const aPage = (size: number) => ({ parts: [Buffer.alloc(size)], reacted: [], size })

test('the page used longest ago makes room', () => {
  const cache = createPageCache(100)
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
  const cache = createPageCache(100)
  cache.set('large', aPage(200))
  assert.equal(cache.get('large'), undefined)
  cache.set('a', aPage(90))
  assert.ok(cache.get('a'))
})
