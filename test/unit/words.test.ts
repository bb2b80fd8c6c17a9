import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { beginningOf, fold, foldedWords, isFoundBy, wordsOf } from '../../src/domain/words.ts'

const same = (...texts: string[]) => {
  for (const text of texts) assert.equal(fold(text), fold(texts[0] ?? ''), text)
}

test('upper and lower case, accents and compatibility forms make no difference', () => {
  same('straße', 'STRASSE', 'Straße', 'STRAẞE')
  same('Grüße', 'grusse', 'GRU\u0308SSE')
  same('ΟΔΟΣ', 'οδος', 'οδός')
  same('İstanbul', 'istanbul', 'ISTANBUL')
  same('ﬁn', 'fin', 'ｆｉｎ')
  same('Łódź', 'lodz')
  same('Ёлка', 'елка')
  same('ｶﾞ', 'ガ', 'カ\u3099')
  same('don’t', "don't")
  same('co\u00adop', 'coop')
  same('مُحَمَّد', 'محمد')
})

test('no letter of any script is lost with the accents', () => {
  for (const text of ['हिन्दी', 'กำลัง', 'ไม่มี', '한국어', 'မြန်မာ', 'ᓄᓇᕗᑦ', 'தமிழ்', '日本語', 'ភាសា'])
    assert.equal(fold(text), text.normalize('NFKD').normalize('NFC'), text)
  assert.notEqual(fold('が'), fold('か'))
  assert.notEqual(fold('की'), fold('का'))
  for (const text of ['Grüße', 'ẞ', 'ﷺ', 'ŉ', 'ΐ', 'ﬃ', 'Ǆ']) assert.equal(fold(fold(text)), fold(text), text)
})

test('words are those of Intl.Segmenter, also where nothing parts them', () => {
  assert.deepEqual(foldedWords('The quick-brown "Fox", e.g. 3.14!'), [
    'the',
    'quick',
    'brown',
    'fox',
    'e.g',
    '3.14',
  ])
  assert.ok(foldedWords('私は東京に住んでいます。').includes('東京'))
  assert.ok(foldedWords('ภาษาไทยไม่มีช่องว่าง').includes('ไทย'))
  assert.deepEqual(foldedWords('👍 … !'), [])
  assert.deepEqual(foldedWords('Ｈｅｌｌｏ　ｗｏｒｌｄ x²'), ['hello', 'world', 'x2'])
})

test('words of ASCII are those of the segmenter too', () => {
  const segmenter = new Intl.Segmenter('en', { granularity: 'word' })
  const char = fc.constantFrom(...`abzAZ019__'.:,;- "/@#\n\t`, '\0', '\x7f', '~', '\\')
  const property = fc.property(fc.array(char, { maxLength: 14 }), (chars) => {
    const text = chars.join('')
    const words = [...segmenter.segment(text)].filter(({ isWordLike }) => isWordLike)
    assert.deepEqual(
      wordsOf(text),
      words.map(({ segment, index }) => ({
        folded: segment.toLowerCase(),
        start: index,
        end: index + segment.length,
      })),
    )
  })
  fc.assert(property, { numRuns: 1_000 })
})

test('a word has its place in the text as it was written, in UTF-16 units', () => {
  for (const text of ['👍 Grüße, ﬁne Ｗörld', 'ﷺ ㍻ ok', 'e\u0301te\u0301 dann', '私は東京に'])
    for (const { folded, start, end } of wordsOf(text))
      assert.ok(fold(text.slice(start, end)).includes(folded), `${folded} in ${text}`)
  const [, second] = wordsOf('👍 ﬁne Ｗörld')
  assert.deepEqual([second?.start, second?.end], [7, 12])
})

test('words are found by two letters, and by one where that says as much', () => {
  assert.ok(isFoundBy('house', 'ho') && isFoundBy('house', 'house') && !isFoundBy('house', 'housed'))
  assert.ok(!isFoundBy('house', 'h') && isFoundBy('h', 'h'))
  assert.ok(
    isFoundBy('東京', '東') && isFoundBy('ไทย', 'ไ') && isFoundBy('한국', '한') && isFoundBy('かな', 'か'),
  )
})

test('the beginning that found a word ends with a character that people see', () => {
  const begin = (text: string, sought: string) => {
    const [word] = wordsOf(text)
    assert.ok(word)
    const [start, end] = beginningOf(text, word, fold(sought))
    return text.slice(start, end)
  }
  assert.equal(begin('Grüße', 'grus'), 'Grüß')
  assert.equal(begin('Grüße', 'gru'), 'Grü')
  assert.equal(begin('GRU\u0308SSE', 'gru'), 'GRU\u0308')
  assert.equal(begin('ﬁne', 'f'), 'ﬁ')
  assert.equal(begin('東京都', '東'), '東')
  assert.equal(begin('house', 'house'), 'house')
})
