import { limits } from './limits.ts'
import { invalid } from './validate.ts'
import { beginningOf, foldedWords, isBeginning, isFoundBy, type Word, wordsOf } from './words.ts'

/** Words, by their beginnings and folded, that stand one after the other. */
export type Sought = readonly string[]

/** What is looked for in the texts of messages. */
export interface SearchQuery {
  readonly all: readonly Sought[]
  /** In what is found there is none of these. */
  readonly none: readonly Sought[]
}

/** Something in quotes, perhaps without the second one, or else up to the next space; each may have a minus before it. */
const parts = /(-*)(?:"([^"]*)(?:"|$)|([^\s"]+))/gu
/** The quotes that keyboards make of the plain one. */
const quotes = /[\u201c-\u201f\u301d\u301e\uff02]/gu

/** Reads what somebody looks for. Nothing is an operator but quotes, and a minus before a word. Throws invalid. */
export function readQuery(q: string): SearchQuery {
  if ([...q].length > limits.searchQuery)
    throw invalid([{ field: 'q', message: `must not have more than ${limits.searchQuery} characters` }])
  const all: Sought[] = []
  const none: Sought[] = []
  for (const [, minus, quoted, plain = ''] of q.replace(quotes, '"').matchAll(parts)) {
    const words = foldedWords(quoted ?? plain)
    if (!words.length) continue
    if (minus) none.push(words)
    else if (quoted !== undefined) all.push(words)
    else all.push(...words.map((word) => [word]))
  }
  if (!all.length)
    throw invalid([
      {
        field: 'q',
        message: none.length
          ? 'must name a word that is to be found, beside those with a minus'
          : 'must name at least one word',
      },
    ])
  return { all, none }
}

/** Whether a text is found. */
export function isFound({ all, none }: SearchQuery, content: string): boolean {
  const words = foldedWords(content)
  return all.every((sought) => isIn(words, sought)) && !none.some((sought) => isIn(words, sought))
}

const isIn = (words: readonly string[], sought: Sought): boolean =>
  words.some((_, at) => standsAt(words, at, sought))

const standsAt = (words: readonly string[], at: number, sought: Sought): boolean =>
  sought.every((beginning, i) => {
    const word = words[at + i]
    return word !== undefined && isFoundBy(word, beginning)
  })

/** Where in a text that is found stands what was looked for, in UTF-16 units, one after the other. */
export function highlightsOf({ all }: SearchQuery, content: string): [start: number, end: number][] {
  const words = wordsOf(content)
  const folded = words.map((word) => word.folded)
  const found: [number, number][] = []
  for (const sought of all)
    for (const at of words.keys())
      if (standsAt(folded, at, sought))
        for (const [i, beginning] of sought.entries())
          found.push(beginningOf(content, words[at + i] as Word, beginning))
  return apart(found)
}

/** The longer of those that begin at the same place. */
function apart(ranges: readonly [number, number][]): [number, number][] {
  const kept: [number, number][] = []
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0] || b[1] - a[1]))
    if (start >= (kept.at(-1)?.[1] ?? 0)) kept.push([start, end])
  return kept
}

/**
 * How an index finds words by their beginnings: it has those of so many letters, and what is looked for is looked up by the longest of
 * these that it has. So what an index finds is only what may be found, and is to be looked at by `isFound`.
 */
const lengths = [2, 3, 4, 5, 6, 8, 12]

/** The entries of a text in an index, each once. */
export function termsOf(content: string): string[] {
  const terms = new Set<string>()
  for (const word of foldedWords(content)) {
    const letters = [...word]
    const [first = ''] = letters
    if (letters.length === 1 || isBeginning(first)) terms.add(first)
    for (const length of lengths) if (length <= letters.length) terms.add(letters.slice(0, length).join(''))
  }
  return [...terms]
}

/** What an index is asked. */
export interface IndexQuery {
  readonly all: readonly string[]
  /** Only where the entry says all: a word that is longer is to be looked for in the text. */
  readonly none: readonly string[]
}

/** More would hardly make it fewer messages. */
const askedTerms = 16

export function indexQueryOf({ all, none }: SearchQuery): IndexQuery {
  const asked = new Set(all.flat().map(entryOf))
  const longest = [...asked].sort((a, b) => b.length - a.length)
  const single = none.flatMap((sought) => (sought.length === 1 ? sought : []))
  return {
    all: longest.slice(0, askedTerms),
    none: [...new Set(single.filter((word) => entryOf(word) === word))].slice(0, askedTerms),
  }
}

function entryOf(word: string): string {
  const letters = [...word]
  const length = lengths.findLast((each) => each <= letters.length)
  return letters.slice(0, length ?? 1).join('')
}
