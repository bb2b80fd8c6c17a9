const hidden = '[redacted]'

/** Names of fields, headers and parameters whose text is never written. */
const secretName = /token|secret|passw(or)?d|authorization|cookie|api[-_]?key|credential/i

const patterns: readonly [RegExp, string][] = [
  // A header that somebody put into a message.
  [/\b(authorization|cookie)(["']?\s*[:=]\s*).+/gi, `$1$2${hidden}`],
  // A JWT: its first part is a JSON object in base64url.
  [/\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*\.?[A-Za-z0-9_-]*/g, hidden],
  [/\b(bearer[ .])[^\s,;"']{6,}/gi, `$1${hidden}`],
  [/((?:token|secret|passw(?:or)?d|api[-_]?key)["']?\s*[=:]\s*["']?)[^&\s;,"']+/gi, `$1${hidden}`],
  // user:password@ in a URL.
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@]*:)[^\s/]+@/gi, `$1${hidden}@`],
]

/** Matches every text that one of the patterns would change. Most text does not match, so that one look at it is enough. */
const suspicious = /authorization|cookie|eyJ|bearer|token|secret|passw|api[-_]?key|:\/\//i

const maxText = 8_192
const maxItems = 100

/** Text without what looks like a secret, cut at 8,192 characters. */
export function redactText(text: string): string {
  let clean = text.length > maxText ? `${text.slice(0, maxText)}…` : text
  if (!suspicious.test(clean)) return clean
  for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement)
  return clean
}

/** Whether the text may be logged as it is and needs no escapes in JSON. Most text is so, and one look at it is enough. */
export const isPlain = (text: string): boolean =>
  /^[ !#-[\]-~]*$/.test(text) && text.length <= maxText && !suspicious.test(text)

/** A field as it may be logged; `redact` says how. */
export const redactField = (name: string, value: unknown, stacks: boolean, depth = 4): unknown =>
  isSecretName(name) && (typeof value === 'string' || (typeof value === 'object' && value !== null))
    ? hidden
    : redact(value, stacks, depth)

export const isSecretName = (name: string): boolean => secretName.test(name)

/**
 * A value as it may be logged: plain JSON, secrets hidden in whatever field or text, at most `depth` levels deep.
 * Errors come with name, message, code and cause, and their stack if `stacks`.
 */
export function redact(value: unknown, stacks: boolean, depth = 5): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function')
    return redactText(String(value))
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (depth === 0) return '[deeper]'
  if (value instanceof Error) return redactError(value, stacks, depth)
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => redact(item, stacks, depth - 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, redactField(name, item, stacks, depth - 1)]),
  )
}

function redactError(error: Error, stacks: boolean, depth: number): object {
  return {
    name: error.name,
    message: redactText(error.message),
    ...('code' in error && { code: redact(error.code, stacks, 1) }),
    ...(stacks && { stack: redactText(error.stack ?? '') }),
    ...(error.cause !== undefined && { cause: redact(error.cause, stacks, depth - 1) }),
  }
}
