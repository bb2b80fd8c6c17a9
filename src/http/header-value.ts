/** A header's value with its parameters, as of `form-data; name="a"`. */
export interface HeaderValue {
  /** In lower case, without parameters; empty when there is no header. */
  readonly essence: string
  /** By their names in lower case, unquoted. Of one given twice the first counts. */
  readonly parameters: ReadonlyMap<string, string>
}

/**
 * Reads what is there, however carelessly it is written. In quotes a backslash escapes a quote or a backslash only, so
 * that a path of Windows stays what it is (old browsers send one as a file's name).
 */
export function readHeaderValue(text = ''): HeaderValue {
  const semicolon = text.indexOf(';')
  const parameters = new Map<string, string>()
  if (semicolon < 0) return { essence: text.trim().toLowerCase(), parameters }
  let at = semicolon
  while (at < text.length) {
    const start = at + 1
    const equals = text.indexOf('=', start)
    const next = text.indexOf(';', start)
    if (equals < 0) break
    if (next >= 0 && next < equals) {
      at = next
      continue
    }
    const name = text.slice(start, equals).trim().toLowerCase()
    const { value, end } = readParameter(text, equals + 1)
    if (!parameters.has(name)) parameters.set(name, value)
    at = end
  }
  return { essence: text.slice(0, semicolon).trim().toLowerCase(), parameters }
}

/** The value that begins at `from`, and where the semicolon after it is, or the end of the text. */
function readParameter(text: string, from: number): { value: string; end: number } {
  const endAfter = (at: number) => {
    const semicolon = text.indexOf(';', at)
    return semicolon < 0 ? text.length : semicolon
  }
  let at = from
  while (text[at] === ' ' || text[at] === '\t') at++
  if (text[at] !== '"') {
    const end = endAfter(at)
    return { value: text.slice(at, end).trim(), end }
  }
  let value = ''
  for (at++; at < text.length && text[at] !== '"'; at++) {
    const next = text[at + 1]
    // A browser does not escape a backslash at the end of a name: then this quote is the last one.
    const escapes = text[at] === '\\' && (next === '\\' || (next === '"' && text.includes('"', at + 2)))
    if (escapes) at++
    value += text[at]
  }
  return { value, end: endAfter(at) }
}
