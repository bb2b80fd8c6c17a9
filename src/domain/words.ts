/**
 * The words of a text, as searching compares them: upper and lower case, accents and compatibility forms make no difference, and any
 * script has its words, also those that put no spaces between them.
 */

/** A word of a text: what it is compared by, and where it stands in the text, in UTF-16 units. */
export interface Word {
  readonly folded: string
  readonly start: number
  readonly end: number
}

// A fixed locale: the words must be the same on every machine.
const segmenter = new Intl.Segmenter('en', { granularity: 'word' })
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * Marks that are accents or points, which may be left out in writing. Other marks are letters of their own, such as the vowels of
 * Thai and Devanagari, and the marks that make "ga" of "ka" in Japanese.
 */
const accents = new RegExp(
  `[${[
    '\\u0300-\\u036f',
    '\\u0483-\\u0487',
    '\\u0591-\\u05bd',
    '\\u05bf',
    '\\u05c1',
    '\\u05c2',
    '\\u05c4',
    '\\u05c5',
    '\\u05c7',
    '\\u0610-\\u061a',
    '\\u064b-\\u065f',
    '\\u0670',
    '\\u06d6-\\u06dc',
    '\\u1ab0-\\u1aff',
    '\\u1dc0-\\u1dff',
    '\\u20d0-\\u20ff',
    '\\ufe20-\\ufe2f',
  ].join('')}]`,
  'gu',
)
/** What nobody sees, such as soft hyphens and joiners. */
const unseen = /\p{Default_Ignorable_Code_Point}/gu
/** Letters that Unicode takes for single ones, and readers for a letter with a stroke, or two letters in one. */
const letters: Readonly<Record<string, string>> = {
  ς: 'σ',
  ı: 'i',
  ø: 'o',
  đ: 'd',
  ħ: 'h',
  ł: 'l',
  ŧ: 't',
  æ: 'ae',
  œ: 'oe',
  '\u2019': "'",
  // Only makes an Arabic word longer.
  '\u0640': '',
}
const special = new RegExp(`[${Object.keys(letters).join('')}]`, 'gu')
const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text)

/** What the text is compared by. Idempotent. */
export function fold(text: string): string {
  if (isAscii(text)) return text.toLowerCase()
  return (
    text
      .normalize('NFKD')
      .replace(accents, '')
      .replace(unseen, '')
      .toLowerCase()
      // In upper case ß is SS, and so are other letters that have no single capital.
      .toUpperCase()
      .toLowerCase()
      .normalize('NFKD')
      .replace(accents, '')
      .replace(special, (letter) => letters[letter] ?? letter)
      .normalize('NFC')
  )
}

/** A letter says as much as a word here, or as a syllable. */
const fullLetter =
  /^[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}\p{scx=Yi}\p{scx=Tai_Le}\p{scx=New_Tai_Lue}\p{scx=Tai_Tham}\p{scx=Tai_Viet}\p{scx=Javanese}\p{scx=Balinese}]/u

/** Whether words are found by so short a beginning as this, which is folded: two letters, or one in scripts without spaces. */
export const isBeginning = (folded: string): boolean => hasTwo.test(folded) || fullLetter.test(folded)
const hasTwo = /^.{2}/su

/** Whether a word is found by what is searched for: both are folded. */
export const isFoundBy = (word: string, sought: string): boolean =>
  isBeginning(sought) ? word.startsWith(sought) : word === sought

/** What the segmenter takes for words in a text of ASCII, in half the time: letters and digits, and signs between two of a kind. */
const asciiWord =
  /(?!_(?![a-z0-9_]))[a-z0-9_]+(?:(?:(?<=[a-z])['.:](?=[a-z])|(?<=[0-9])['.,;](?=[0-9]))[a-z0-9_]+)*/g

/** The words of the text in their order. */
export function wordsOf(text: string): Word[] {
  if (isAscii(text))
    return Array.from(text.toLowerCase().matchAll(asciiWord), ({ 0: folded, index }) => ({
      folded,
      start: index,
      end: index + folded.length,
    }))
  const { normal, placeOf } = normalized(text)
  const words: Word[] = []
  for (const { segment, index, isWordLike } of segmenter.segment(normal)) {
    if (!isWordLike) continue
    const folded = fold(segment)
    if (folded) words.push({ folded, ...placeOf(index, index + segment.length) })
  }
  return words
}

/** The same without their places. */
export const foldedWords = (text: string): string[] => wordsOf(text).map(({ folded }) => folded)

/** Where the beginning of a word of this text stands that `sought` found. */
export function beginningOf(text: string, { start, end, folded }: Word, sought: string): [number, number] {
  if (folded === sought) return [start, end]
  for (const { segment, index } of graphemes.segment(text.slice(start, end))) {
    const upTo = index + segment.length
    if (fold(text.slice(start, start + upTo)).startsWith(sought)) return [start, start + upTo]
  }
  return [start, end]
}

/** The text in compatibility form, by which words are told apart, and where its parts stand in the text. */
function normalized(text: string) {
  const asItIs = { normal: text, placeOf: (start: number, end: number) => ({ start, end }) }
  if (isAscii(text) || text.normalize('NFKC') === text) return asItIs
  // A character that people see is never composed with the next.
  const starts: number[] = []
  let normal = ''
  for (const { segment, index } of graphemes.segment(text)) {
    normal += segment.normalize('NFKC')
    while (starts.length < normal.length) starts.push(index)
  }
  const placeOf = (start: number, end: number) => {
    const last = starts[end - 1]
    let next = end
    while (starts[next] === last && next < starts.length) next++
    return { start: starts[start] ?? 0, end: starts[next] ?? text.length }
  }
  return { normal, placeOf }
}
