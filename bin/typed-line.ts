/** What a person in a chat means by a line. */
export type TypedLine =
  | { readonly kind: 'message'; readonly content: string }
  | { readonly kind: 'leave' }
  /** The line looks like a command and is none. It is not sent, because everybody would see the slip. */
  | { readonly kind: 'unknown'; readonly command: string }

/** `/quit` is the one command. A message that begins with a slash is typed with two. */
export function readLine(line: string): TypedLine {
  const [word = ''] = line.trim().split(/\s/)
  if (word === '/quit') return { kind: 'leave' }
  if (word.startsWith('//')) return { kind: 'message', content: line.replace('/', '') }
  if (word.startsWith('/')) return { kind: 'unknown', command: word }
  return { kind: 'message', content: line }
}
