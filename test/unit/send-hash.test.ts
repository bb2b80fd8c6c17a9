import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyedId, sendHash } from '../../src/chat/ids.ts'
import { canonicalJson, sendParts } from '../../src/domain/send-hash.ts'

test('what databases hold of a text stays right: its hash, and the id of a message with a key', () => {
  const hashes = {
    hello: 'o6KFaY3H2_4jlHM57hh9Rx9kNhf4i0r3Agm7GgHt2dk',
    'héllo 😀': 'bqUR23Zd8dFQP_utQqaYj3yqcOIzlMYDohzGlTRMqZ0',
    'a\nb': '2CnZhCA0KjQ6prL77tyJXWVooPN5pTv3nX7SenVzZ1M',
  }
  for (const [content, hash] of Object.entries(hashes)) {
    assert.equal(sendHash({ content }), hash)
    assert.equal(sendHash({ content, client_id: 'any key' }), hash)
  }
  assert.equal(keyedId('a'.repeat(24), 'ann', 'key'), '87b2b6ed6090921631fbe0ad')
})

test('what is no field of a send is no part of it', () => {
  const frame = { type: 'message', id: 7, group_id: 'a'.repeat(24), content: 'hello', colour: 'red' }
  assert.deepEqual(sendParts(frame), ['hello'])
})

test('every other field that is given is part of it, whatever the order', () => {
  const fields = ['reply_to', 'mentions', 'metadata']
  const parts = (over: object) => sendParts({ content: 'hello', ...over }, fields)
  assert.deepEqual(parts({ reply_to: undefined }), ['hello'])
  const one = parts({ reply_to: 'm', metadata: { b: [{ d: 1, c: 2 }], a: null } })
  assert.deepEqual(one, ['hello', 'metadata', '{"a":null,"b":[{"c":2,"d":1}]}', 'reply_to', '"m"'])
  assert.deepEqual(parts({ metadata: { a: null, b: [{ c: 2, d: 1 }] }, reply_to: 'm' }), one)
  const others = [
    {},
    { reply_to: 'n' },
    { mentions: ['m'] },
    { mentions: ['m', 'n'] },
    { mentions: ['n', 'm'] },
  ]
  assert.equal(new Set(others.map((over) => JSON.stringify(parts(over)))).size, others.length)
})

test('values that differ are different texts', () => {
  assert.equal(canonicalJson({ b: 1, a: 2 }), canonicalJson({ a: 2, b: 1 }))
  assert.notEqual(canonicalJson([1, 2]), canonicalJson([2, 1]))
  assert.equal(canonicalJson(JSON.parse('{"__proto__": {"y": 1, "x": 2}}')), '{"__proto__":{"x":2,"y":1}}')
})
