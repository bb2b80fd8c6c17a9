import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NewGroup } from '../../src/domain/group.ts'
import { NewMessage } from '../../src/domain/message.ts'
import { isUserId } from '../../src/domain/text.ts'
import { validate } from '../../src/domain/validate.ts'

const deceptive = ['a\u202eb', 'a\u2066b', 'a\u200fb', 'a\u2028b', 'a\u0007b', 'a\u{e0041}b']
const invisible = [' ', '\u200b', '\u200d\u2060', '\u3164', '\ufeff', '\u00ad']
const fine = ['tea', 'Zoë', 'mañana', '東京', 'می‌خواهم', '👩‍👩‍👧', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'a.b', '...']

test('a name reads as what it is', () => {
  for (const name of fine) validate(NewGroup, { name })
  for (const name of [...deceptive, ...invisible])
    assert.throws(() => validate(NewGroup, { name }), { code: 'invalid' }, JSON.stringify(name))
})

test('a description may have lines, and may be empty, but deceives nobody', () => {
  for (const description of ['', 'two\nlines\twide', ...fine]) validate(NewGroup, { name: 'x', description })
  for (const description of deceptive)
    assert.throws(() => validate(NewGroup, { name: 'x', description }), { code: 'invalid' })
})

test('a message is free text, but something can be seen of it', () => {
  for (const content of [...fine, 'a\u202eb', 'a\u0007b']) validate(NewMessage, { content })
  for (const content of invisible) assert.throws(() => validate(NewMessage, { content }), { code: 'invalid' })
})

test('a user id is one spelling of one name, and survives in a URL', () => {
  for (const id of [...fine, 'a/b ü?#%', 'x'.repeat(128)]) assert.ok(isUserId(id), id)
  const refused = [...deceptive, ...invisible, '', '.', '..', 'Zoe\u0308', 'x'.repeat(129), '\ud800']
  for (const id of refused) {
    assert.ok(!isUserId(id), JSON.stringify(id))
    assert.throws(() => validate(NewGroup, { name: 'x', authorized_user_ids: [id] }), { code: 'invalid' })
  }
})

test('a name is as long as it is stored, in normalization form C', () => {
  validate(NewGroup, { name: 'e\u0301'.repeat(50) })
  // One character as sent, two as stored.
  assert.throws(() => validate(NewGroup, { name: '\u0958'.repeat(100) }), { code: 'invalid' })
  assert.throws(() => validate(NewGroup, { name: 'x', description: '\u0958'.repeat(300) }), {
    code: 'invalid',
  })
})
