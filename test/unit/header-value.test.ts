import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readHeaderValue } from '../../src/http/header-value.ts'

test('a value is read with its parameters, whatever is in quotes', () => {
  const table: [text: string | undefined, essence: string, parameters: Record<string, string>][] = [
    [undefined, '', {}],
    [' Text/Plain ', 'text/plain', {}],
    ['text/plain;', 'text/plain', {}],
    ['text/plain; Charset=UTF-8', 'text/plain', { charset: 'UTF-8' }],
    ['a/b; x="1; y=2"; z = 3 ;w=', 'a/b', { x: '1; y=2', z: '3', w: '' }],
    ['a/b; x=1; x=2', 'a/b', { x: '1' }],
    ['a/b; flag; x=1', 'a/b', { x: '1' }],
    ['a/b; flag', 'a/b', {}],
    ['a/b; x="\\"q\\" \\\\ C:\\dir"', 'a/b', { x: '"q" \\ C:\\dir' }],
    ['form-data; filename="ends in a\\"', 'form-data', { filename: 'ends in a\\' }],
    ['a/b; x="no end', 'a/b', { x: 'no end' }],
    ['a/b; __proto__=1', 'a/b', { ['__proto__']: '1' }],
  ]
  for (const [text, essence, parameters] of table) {
    const read = readHeaderValue(text)
    assert.equal(read.essence, essence, text)
    assert.deepEqual([...read.parameters], Object.entries(parameters), text)
  }
})
