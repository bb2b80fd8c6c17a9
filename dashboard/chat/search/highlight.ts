/** A part of a text, and whether it is what was searched for. */
export interface Piece {
  readonly text: string
  readonly isFound: boolean
}

const before = 40
const length = 220

/** The text around what was found first, in pieces. Places are in UTF-16 units, ascending. */
export function excerpt(content: string, highlights: readonly (readonly [number, number])[]): Piece[] {
  const [first] = highlights
  let from = Math.max(0, (first?.[0] ?? 0) - before)
  // A word is not cut in two, nor a character.
  if (from > 0) {
    const space = content.slice(from, first?.[0]).search(/\s/)
    if (space >= 0) from += space + 1
    else if (isSecondHalf(content, from)) from++
  }
  let to = Math.min(content.length, from + length)
  if (isSecondHalf(content, to)) to--
  const pieces: Piece[] = []
  const add = (start: number, end: number, isFound: boolean): void => {
    if (end > start) pieces.push({ text: content.slice(start, end), isFound })
  }
  let at = from
  for (const [start, end] of highlights) {
    if (start >= to) break
    add(at, start, false)
    add(Math.max(at, start), Math.min(end, to), true)
    at = Math.max(at, Math.min(end, to))
  }
  add(at, to, false)
  if (from > 0) pieces.unshift({ text: '… ', isFound: false })
  if (to < content.length) pieces.push({ text: ' …', isFound: false })
  return pieces
}

const isSecondHalf = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xdc00
