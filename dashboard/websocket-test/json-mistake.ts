/** Where a text is no JSON, and why; counted from 1, as editors do. `at`: the character, counted from 0. */
export interface JsonMistake {
  readonly at: number
  readonly line: number
  readonly column: number
  readonly text: string
}

class Mistake {
  readonly at: number
  readonly text: string
  constructor(at: number, text: string) {
    this.at = at
    this.text = text
  }
}

const literal = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const string = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*/uy
const blank = /[ \t\r\n]*/y

/** null where it is JSON (RFC 8259). Each browser says it in its own words, and not all of them say where. */
export function jsonMistake(source: string): JsonMistake | null {
  let at = 0

  function take(pattern: RegExp): boolean {
    pattern.lastIndex = at
    if (!pattern.test(source)) return false
    at = pattern.lastIndex
    return true
  }

  function takes(character: string): boolean {
    take(blank)
    if (source[at] !== character) return false
    at++
    return true
  }

  function need(character: string, text: string): void {
    if (!takes(character)) throw new Mistake(at, at < source.length ? text : `it ends too early: ${text}`)
  }

  function readString(): void {
    if (source[at] === "'") throw new Mistake(at, 'strings stand in double quotes')
    if (!take(string))
      throw new Mistake(at, at < source.length ? 'a name in double quotes belongs here' : 'it ends too early')
    if (source[at] === '"') at++
    else if (at >= source.length) throw new Mistake(at, 'it ends within a string')
    else
      throw new Mistake(
        at,
        source[at] === '\\'
          ? 'there is no such escape'
          : 'a line break or control character has to be escaped',
      )
  }

  function readAll(end: string, read: () => void): void {
    at++
    if (takes(end)) return
    do {
      take(blank)
      if (source[at] === end) throw new Mistake(at, 'the comma before this is one too many')
      read()
    } while (takes(','))
    need(end, `a comma or ${end} is missing`)
  }

  function readValue(): void {
    take(blank)
    const first = source[at]
    if (first === '{')
      readAll('}', () => {
        readString()
        need(':', 'a colon is missing')
        readValue()
      })
    else if (first === '[') readAll(']', readValue)
    else if (first === '"' || first === "'") readString()
    else if (!take(literal))
      throw new Mistake(at, first === undefined ? 'it ends too early' : 'no value begins like this')
  }

  try {
    readValue()
    take(blank)
    if (at < source.length) throw new Mistake(at, 'this is more than one value')
    return null
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    const before = source.slice(0, error.at).split('\n')
    return { at: error.at, line: before.length, column: (before.at(-1) ?? '').length + 1, text: error.text }
  }
}
