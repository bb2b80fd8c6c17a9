import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mentionsIn } from '../../dashboard/chat/model/mentions.ts'

const people = ['ann', 'Tom', 'tom-b', 'tom.', 'zoë', 'li wei', 'tom~7', 'a/b'].map((username) => ({
  user_id: `id of ${username}`,
  username,
}))

const called = (text: string) => mentionsIn(text, people).ids.map((id) => id.replace('id of ', ''))

const cases: [what: string, text: string, names: string[]][] = [
  ['a name', 'hello @ann', ['ann']],
  ['several, each once, in their order', '@tom-b @ann @ANN', ['tom-b', 'ann']],
  ['any case', '@TOM, come', ['Tom']],
  ['the longest name', '@tom-b', ['tom-b']],
  ['no part of a name', '@tom-c @annabel', []],
  ['a name at the end of a sentence', 'it was @ann.', ['ann']],
  ['a name that ends in a dot', 'it was @tom.', ['tom.']],
  ['a name before an apostrophe', "@ann's tea", ['ann']],
  ['a name in brackets', '(@ann)', ['ann']],
  ['letters of any script', '@zoë!', ['zoë']],
  ['a name of two words', '@li wei and @li', ['li wei']],
  ['signs that other services put into names', '@tom~7 @a/b', ['tom~7', 'a/b']],
  ['no e-mail address', 'ann@ann.example', []],
  ['nothing in code', '`@ann` and ```\n@tom\n``` and @tom-b', ['tom-b']],
  ['nobody who is not there', '@nobody @', []],
]
for (const [what, text, names] of cases)
  test(`a text calls ${what}`, () => assert.deepEqual(called(text), names))

test('@all calls everybody, and nobody by name', () => {
  assert.deepEqual(mentionsIn('@all: tea', people), { ids: [], all: true })
  assert.deepEqual(mentionsIn('@allan', people), { ids: [], all: false })
})

test('so many are called as the service takes', () => {
  const crowd = Array.from({ length: 60 }, (_, i) => ({ user_id: `${i}`, username: `user${i}` }))
  const text = crowd.map(({ username }) => `@${username}`).join(' ')
  assert.equal(mentionsIn(text, crowd).ids.length, 50)
})
