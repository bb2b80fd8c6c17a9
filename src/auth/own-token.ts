import { createSecretKey } from 'node:crypto'
import { type CryptoKey, decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import { isId } from '../domain/text.ts'
import type { AccountKeys } from './account-keys.ts'
import { accountIssuer } from './account-tokens.ts'

/** What a token of an account says, beside what every token does. */
export interface OwnPayload extends JWTPayload {
  /** The session that the token ends with. */
  readonly sid: string
}

interface Rules {
  readonly clockTolerance: number
  readonly currentDate: Date
}

const hs256 = { name: 'HMAC', hash: 'SHA-256' }

/**
 * Reads the access tokens of accounts. Resolves to null for a token of another issuer, or of somebody who only calls himself so: no key of
 * ours has signed it. Throws the errors of jose.
 */
export function createOwnCheck(
  keys: AccountKeys | null,
): (token: string, rules: Rules) => Promise<OwnPayload | null> {
  const verifying = (keys?.verifying ?? []).map(
    (key): CryptoKey => createSecretKey(key).toCryptoKey(hs256, false, ['verify']),
  )
  return async (token, rules) => {
    if (!verifying.length || issuerOf(token) !== accountIssuer) return null
    for (const key of verifying) {
      try {
        const { payload } = await jwtVerify(token, key, {
          ...rules,
          algorithms: ['HS256'],
          issuer: accountIssuer,
          requiredClaims: ['exp', 'sub', 'sid'],
        })
        return isOwn(payload) ? payload : null
      } catch (error) {
        if (
          !(
            error instanceof errors.JWSSignatureVerificationFailed ||
            error instanceof errors.JOSEAlgNotAllowed
          )
        )
          throw error
      }
    }
    return null
  }
}

const isOwn = (payload: JWTPayload): payload is OwnPayload =>
  typeof payload.sid === 'string' && isId(payload.sid) && isId(payload.sub ?? '')

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}
