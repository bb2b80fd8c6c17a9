/** What a person in a chat means by a line. */
export type TypedLine =
  | { readonly kind: 'message'; readonly content: string }
  /** `word` has its slash; `rest` is what was typed after it, without blanks around it. */
  | { readonly kind: 'command'; readonly word: string; readonly rest: string }

/** A line that begins with a slash is a command. A message that begins with one is typed with two. */
export function readLine(line: string): TypedLine {
  const typed = line.trim()
  if (typed.startsWith('//')) return { kind: 'message', content: line.replace('/', '') }
  if (!typed.startsWith('/')) return { kind: 'message', content: line }
  const [word, rest] = splitWord(typed)
  return { kind: 'command', word, rest }
}

/** The first word of a text, and the rest without blanks around it. */
export function splitWord(text: string): [word: string, rest: string] {
  const typed = text.trim()
  const [word = ''] = typed.split(/\s/, 1)
  return [word, typed.slice(word.length).trim()]
}
