/** For how many milliseconds the JWT is still good; null for what tells no time. It is not checked here: that is the service's work. */
export function lifetimeOf(token: string, now: number): number | null {
  const [, payload = ''] = token.split('.')
  const { exp, iat } = timesIn(textOf(payload))
  if (exp === undefined) return null
  const leftMs = exp * 1_000 - now
  // A clock that is wrong here says nothing of how long the token lives.
  return leftMs > 0 || iat === undefined ? Math.max(0, leftMs) : (exp - iat) * 1_000
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The bytes of base64url (RFC 4648, 5) as characters. Not every runtime has `atob`. */
function textOf(base64: string): string {
  let text = ''
  let bits = 0
  let count = 0
  for (const digit of base64) {
    bits = (bits << 6) | digits.indexOf(digit)
    count += 6
    if (count < 8) continue
    count -= 8
    text += String.fromCharCode((bits >> count) & 255)
    bits &= (1 << count) - 1
  }
  return text
}

function timesIn(json: string): { exp?: number; iat?: number } {
  try {
    const { exp, iat } = JSON.parse(json)
    return { ...(Number.isFinite(exp) && { exp }), ...(Number.isFinite(iat) && { iat }) }
  } catch {
    return {}
  }
}
