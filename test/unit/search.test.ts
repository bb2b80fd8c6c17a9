import assert from 'node:assert/strict'
import { test } from 'node:test'
import { highlightsOf, indexQueryOf, isFound, readQuery, termsOf } from '../../src/domain/search.ts'
import { failsWith } from '../support/samples.ts'

const finds = (q: string, content: string) => isFound(readQuery(q), content)
const marked = (q: string, content: string) =>
  highlightsOf(readQuery(q), content).map(([start, end]) => content.slice(start, end))

test('all words are to be found, by their beginnings, in any order', () => {
  assert.ok(finds('bro qui', 'The quick brown fox'))
  assert.ok(!finds('quick red', 'The quick brown fox'))
  assert.ok(!finds('uick', 'The quick brown fox'))
  assert.ok(finds('東京', '私は東京に住んでいます'))
  assert.ok(finds('grusse', 'Viele Grüße!') && finds('straße', 'STRASSE'))
})

test('words in quotes stand together, also without the second quote', () => {
  for (const q of ['"quick brown"', '"quick brown', '“quick brown”', '"quick bro', 'fox "Quick, BROWN"'])
    assert.ok(finds(q, 'The quick brown fox'), q)
  assert.ok(!finds('"brown quick"', 'The quick brown fox'))
  assert.ok(!finds('"quick fox"', 'The quick brown fox'))
  assert.ok(!finds('"quick brown" red', 'The quick brown fox'))
  assert.ok(finds('"the the"', 'the the the'))
})

test('a minus before a word or before quotes says what is not there, and is text elsewhere', () => {
  assert.ok(
    finds('fox -dog', 'a fox') && !finds('fox -dog', 'a fox, a dog') && !finds('fox -do', 'a fox, a dog'),
  )
  assert.ok(finds('fox -"a dog"', 'fox, dog') && !finds('fox -"a dog"', 'fox and a dog'))
  assert.ok(finds('well-known', 'well known') && finds('fox - dog', 'fox dog') && finds('fox -', 'fox'))
  assert.ok(finds('fox -well-known', 'fox known well') && !finds('fox -well-known', 'fox, well known'))
  assert.ok(finds('fox --dog', 'fox') && !finds('fox --dog', 'fox dog'))
})

test('what a query language would take as an operator is text', () => {
  for (const q of [
    'fox AND (dog',
    'fox OR dog',
    'NOT fox',
    'NEAR(fox dog)',
    '{dog} : fox*',
    '^fox',
    '$fox',
    'fox\\',
    "'fox'",
    'fox*',
  ])
    assert.ok(finds(q, 'and or not near fox dog'), q)
  assert.ok(!finds('fox OR dog', 'fox'))
})

test('who looks for nothing, or for too much, is told so', () => {
  for (const q of [
    '',
    ' ',
    '""',
    '-',
    '!?',
    '👍',
    '-fox',
    '-"a fox" -dog',
    'a'.repeat(501),
    'fox '.repeat(2_500),
  ])
    assert.throws(() => readQuery(q), failsWith('invalid'), q)
  assert.ok(finds('x'.repeat(500), 'x'.repeat(500)))
})

test('highlights cover the beginnings that were found, each place once', () => {
  assert.deepEqual(marked('gru qu', 'Grüße, quick quack 👍 grün'), ['Grü', 'qu', 'qu', 'grü'])
  assert.deepEqual(marked('qu quick', 'quick'), ['quick'])
  assert.deepEqual(marked('"brown fox" -dog', 'brown fox, brown cat'), ['brown', 'fox'])
  assert.deepEqual(highlightsOf(readQuery('東京'), '👍私は東京に'), [[4, 6]])
  assert.deepEqual(highlightsOf(readQuery('h'), 'h house'), [[0, 1]])
})

test('what is found is found by the index, whatever the words are', () => {
  const texts = [
    'The quick brown fox',
    'internationalization',
    'a I x',
    '私は東京に',
    'Grüße',
    'don’t 3.14',
    'ภาษาไทย',
    '한국어를',
  ]
  for (const text of texts) {
    const terms = new Set(termsOf(text))
    const words = text
      .split(/\s/)
      .flatMap((word) => [...word].map((_, i) => [...word].slice(0, i + 1).join('')))
    for (const q of words) {
      const query = (() => {
        try {
          return readQuery(q)
        } catch {
          return null
        }
      })()
      if (!query || !isFound(query, text)) continue
      for (const term of indexQueryOf(query).all) assert.ok(terms.has(term), `${q}: ${term} of ${text}`)
    }
  }
  assert.deepEqual(indexQueryOf(readQuery('fox -inter -interna -"a b"')).none, ['inter'])
  assert.equal(
    indexQueryOf(readQuery('ab cd ef gh ij kl mn op qr st uv wx yz aa bb cc dd ee')).all.length,
    16,
  )
})
