import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatError } from '../../src/domain/errors.ts'
import { NewGroup } from '../../src/domain/group.ts'
import { NewMessage, requireText } from '../../src/domain/message.ts'
import { validate } from '../../src/domain/validate.ts'
import { failsWith, newId } from '../support/samples.ts'

function fieldsOf(schema: typeof NewGroup | typeof NewMessage, value: unknown): string[] {
  try {
    validate(schema, value)
    return []
  } catch (error) {
    assert.equal((error as ChatError).code, 'invalid')
    return (error as ChatError).fields.map((each) => each.field)
  }
}

test('content is 1 to 10,000 code points, well formed and not blank', () => {
  for (const content of ['x', 'x'.repeat(10_000), '👍'.repeat(10_000), ' x\n', 'e\u0301'])
    assert.deepEqual(fieldsOf(NewMessage, { content }), [], content.slice(0, 10))
  for (const content of [
    ' ',
    '\n\t ',
    '\u3000',
    'x'.repeat(10_001),
    '👍'.repeat(10_001),
    'a\ud800',
    5,
    null,
    [],
    { $gt: '' },
  ])
    assert.deepEqual(fieldsOf(NewMessage, { content }), ['content'], String(content).slice(0, 10))
  assert.deepEqual(fieldsOf(NewMessage, {}), ['content'])
  // Beside files it may be empty.
  assert.throws(() => requireText('', []), failsWith('invalid'))
  requireText('', [newId()])
  requireText('x', [])
})

test('each wrong field is named once', () => {
  assert.deepEqual(
    fieldsOf(NewGroup, { name: 'x'.repeat(101), description: 5, authorized_user_ids: ['ok', '', 7] }),
    ['name', 'description', 'authorized_user_ids.1', 'authorized_user_ids.2'],
  )
})

test('a name is one line', () => {
  for (const name of ['a\nb', 'a\u0000b', 'a\u001b[31m', '   '])
    assert.deepEqual(fieldsOf(NewGroup, { name }), ['name'])
})

test('unknown fields are left alone', () => {
  assert.deepEqual(fieldsOf(NewMessage, { content: 'x', seq: 9, sender_id: 'eve', constructor: 1 }), [])
})

test('a value that is no object is refused as a whole', () => {
  for (const value of [null, 5, 'x', []]) assert.deepEqual(fieldsOf(NewMessage, value), [''])
})
