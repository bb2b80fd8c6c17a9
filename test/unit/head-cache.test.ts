import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHeadCache } from '../../src/store/sqlite/head-cache.ts'

const head = (seq: number, rev = 0, deleted = 0) => ({ seq, rev, deleted })
const never = () => assert.fail('it was read again')

test('a head is read once, and moves on with what is written', () => {
  const heads = createHeadCache(10)
  assert.deepEqual(
    heads.get('a', () => head(3, 1)),
    head(3, 1),
  )
  heads.raise('a', { seq: 4 })
  heads.raise('a', head(4, 2, 1))
  assert.deepEqual(heads.get('a', never), head(4, 2, 1))
})

test('the count of deleted messages goes down with a restore', () => {
  const heads = createHeadCache(10)
  heads.get('a', () => head(4, 2, 1))
  heads.raise('a', head(4, 3, 0))
  heads.raise('a', head(4, 2, 1))
  heads.raise('a', { seq: 5 })
  assert.deepEqual(heads.get('a', never), head(5, 3, 0))
})

test('a head that was read later than it was written never goes back', () => {
  const heads = createHeadCache(10)
  heads.raise('a', { seq: 4 })
  heads.get('a', () => head(5, 2, 1))
  heads.raise('a', head(4, 1))
  assert.deepEqual(heads.get('a', never), head(5, 2, 1))
})

test('a group that is not there, or is gone, is asked for again', () => {
  const heads = createHeadCache(10)
  assert.equal(
    heads.get('a', () => null),
    null,
  )
  heads.get('a', () => head(1))
  heads.forget('a')
  assert.equal(
    heads.get('a', () => null),
    null,
  )
})

test('so many groups are kept, those used last', () => {
  const heads = createHeadCache(2)
  for (const id of ['a', 'b', 'a', 'c']) heads.get(id, () => head(1))
  assert.deepEqual(heads.get('a', never), head(1))
  assert.deepEqual(heads.get('c', never), head(1))
  assert.equal(
    heads.get('b', () => null),
    null,
  )
})
