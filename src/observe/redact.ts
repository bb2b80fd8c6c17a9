const hidden = '[redacted]'

/** Names of fields, headers and parameters whose value is never written. */
const secretName = /token|secret|password|passwd|authorization|cookie|api[-_]?key|credential/i

const patterns: readonly [RegExp, string][] = [
  // A JWT: three base64url parts, the first of which is a JSON object.
  [/\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*\.?[A-Za-z0-9_-]*/g, hidden],
  [/\b(bearer[ .])[^\s,;"']+/gi, `$1${hidden}`],
  [
    /([?&;\s]?\b(?:access_|refresh_|id_)?(?:token|secret|password|passwd|api_?key)=)[^&\s;"']+/gi,
    `$1${hidden}`,
  ],
  // user:password@ in a URL.
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s/@]+@/gi, `$1${hidden}@`],
]

/** Text without what looks like a secret. */
export function redactText(text: string): string {
  let clean = text
  for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement)
  return clean
}

/** A value as it may be logged: plain JSON, secrets hidden in whatever field or text, at most `depth` levels deep. */
export function redact(value: unknown, depth = 5): unknown {
  if (typeof value === 'string') return redactText(value)
  if (value instanceof Error) return redactError(value, depth)
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function')
    return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return value.toISOString()
  if (depth === 0) return '[deeper]'
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redact(item, depth - 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      secretName.test(name) && typeof item !== 'number' && typeof item !== 'boolean' && item !== null
        ? hidden
        : redact(item, depth - 1),
    ]),
  )
}

function redactError(error: Error, depth: number): object {
  return {
    name: error.name,
    message: redactText(error.message),
    ...('code' in error && { code: redact(error.code, 1) }),
    stack: redactText(error.stack ?? ''),
    ...(error.cause !== undefined && depth > 0 && { cause: redact(error.cause, depth - 1) }),
  }
}
