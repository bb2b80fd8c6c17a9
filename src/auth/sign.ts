import { createSecretKey } from 'node:crypto'
import { SignJWT } from 'jose'

export interface TokenRequest {
  sub: string
  /** Seconds from now. */
  ttlS: number
  name?: string | undefined
  /** `preferred_username`. */
  username?: string | undefined
  email?: string | undefined
  /** For example `chat:admin`. */
  scope?: string | undefined
  issuer?: string | null
  audience?: string | null
}

/** A token as the auth-api would issue it (HS256), for development and for operators who hold the secret. */
export function signToken(secret: string, request: TokenRequest): Promise<string> {
  const { sub, ttlS, name, username, email, scope, issuer, audience } = request
  const token = new SignJWT({
    ...(name && { name }),
    ...(username && { preferred_username: username }),
    ...(email && { email }),
    ...(scope && { scope }),
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime(new Date(Date.now() + ttlS * 1_000))
  if (issuer) token.setIssuer(issuer)
  if (audience) token.setAudience(audience)
  return token.sign(createSecretKey(secret, 'utf8'))
}
