import { SignJWT } from 'jose'

export interface TokenRequest {
  sub: string
  /** Seconds from now. */
  ttlS: number
  name?: string | undefined
  /** For example `chat:admin`. */
  scope?: string | undefined
  issuer?: string | null
  audience?: string | null
}

/** A token as the auth-api would issue it (HS256), for development and for operators who hold the secret. */
export function signToken(secret: string, request: TokenRequest): Promise<string> {
  const { sub, ttlS, name, scope, issuer, audience } = request
  const jwt = new SignJWT({ ...(name && { name }), ...(scope && { scope }) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime(new Date(Date.now() + ttlS * 1_000))
  if (issuer) jwt.setIssuer(issuer)
  if (audience) jwt.setAudience(audience)
  return jwt.sign(new TextEncoder().encode(secret))
}
