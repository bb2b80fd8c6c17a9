import { isUtf8 } from 'node:buffer'
import { ChatError } from '../domain/errors.ts'

const maxFields = 100

/**
 * The fields of `application/x-www-form-urlencoded` (URL standard, 5.1), but what is not UTF-8 is refused, not replaced.
 * Of a field given twice the last counts. Throws malformed, too_large.
 */
export function readForm(bytes: Buffer): Record<string, string> {
  if (!isUtf8(bytes)) throw notUtf8()
  const pairs = bytes
    .toString()
    .split('&')
    .filter((pair) => pair !== '')
  if (pairs.length > maxFields)
    throw new ChatError('too_large', `A form may have at most ${maxFields} fields.`)
  const fields = new Map<string, string>()
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    const name = equals < 0 ? pair : pair.slice(0, equals)
    fields.set(decode(name), decode(pair.slice(name.length + 1)))
  }
  return Object.fromEntries(fields)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw notUtf8()
  }
}

const notUtf8 = () => new ChatError('malformed', 'The form is not percent-encoded UTF-8.')
