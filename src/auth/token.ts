import { createSecretKey } from 'node:crypto'
import {
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import type { Config } from '../config.ts'
import type { Caller } from '../domain/caller.ts'
import { ChatError } from '../domain/errors.ts'
import { limits } from '../domain/limits.ts'
import { createKeySet } from './jwks.ts'

/** What a valid token says. */
export interface Claims extends Caller {
  /** Milliseconds since 1970 from which on the token is refused, clock tolerance included. */
  readonly expiresAt: number
}

/** Why a token was refused, for metrics: a closed list. */
export type Refusal =
  | 'malformed'
  | 'algorithm'
  | 'signature'
  | 'expired'
  | 'not_yet_valid'
  | 'claim'
  | 'unknown_key'

export interface Verifier {
  /** Throws unauthenticated with a reason the caller may know, unavailable when the issuer's keys can't be had. */
  verify(token: string): Promise<Claims>
}

interface Deps {
  now: () => number
  fetch?: typeof fetch
  onRefusal?(reason: Refusal): void
}

const clockToleranceS = 5
const maxTokenLength = 8 * 1024
/** Verified tokens that are remembered: a signature is checked once, its expiry each time. */
const maxRemembered = 10_000

type Settings = Pick<
  Config,
  'jwtSecret' | 'jwtPreviousSecret' | 'jwtJwksUrl' | 'jwtAlgorithms' | 'jwtIssuer' | 'jwtAudience'
>

/** Checks the tokens (RFC 7519) that the auth-api issues, with its secrets and its published keys. */
export function createVerifier(config: Settings, deps: Deps): Verifier {
  const { now, onRefusal } = deps
  const secrets = [config.jwtSecret, config.jwtPreviousSecret]
    .filter((secret) => secret !== null)
    .map((secret) => createSecretKey(secret, 'utf8'))
  const keySet = config.jwtJwksUrl
    ? createKeySet(config.jwtJwksUrl, { fetch: deps.fetch ?? fetch, now })
    : undefined
  const remembered = new Map<string, Claims>()

  async function check(token: string): Promise<Claims> {
    if (token.length > maxTokenLength) throw new errors.JWTInvalid('too long')
    const { alg } = decodeProtectedHeader(token)
    const options: JWTVerifyOptions = {
      // Never both kinds for one key: a public key must not serve as an HMAC secret (RFC 8725, 3.1).
      algorithms: config.jwtAlgorithms.filter((each) => each.startsWith('HS') === (alg === 'HS256')),
      requiredClaims: ['exp', 'sub'],
      clockTolerance: clockToleranceS,
      currentDate: new Date(now()),
      ...(config.jwtIssuer && { issuer: config.jwtIssuer }),
      ...(config.jwtAudience && { audience: config.jwtAudience }),
    }
    if (alg !== 'HS256' && keySet) return claimsOf(await verifyWith(keySet, token, options))
    for (const [i, secret] of secrets.entries())
      try {
        return claimsOf((await jwtVerify(token, secret, options)).payload)
      } catch (error) {
        // The next secret may have signed it; every other fault is final.
        if (!(error instanceof errors.JWSSignatureVerificationFailed) || i === secrets.length - 1) throw error
      }
    throw new errors.JOSEAlgNotAllowed('no key for this algorithm')
  }

  return {
    async verify(token) {
      const known = remembered.get(token)
      if (known && now() < known.expiresAt) return known
      try {
        const claims = await check(token)
        remembered.set(token, claims)
        if (remembered.size > maxRemembered)
          for (const oldest of remembered.keys()) {
            remembered.delete(oldest)
            break
          }
        return claims
      } catch (error) {
        if (error instanceof ChatError) throw error
        const [reason, detail] = refusalOf(error)
        onRefusal?.(reason)
        throw new ChatError('unauthenticated', detail, { cause: error })
      }
    },
  }
}

const verifyWith = async (
  keys: JWTVerifyGetKey,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> => (await jwtVerify(token, keys, options)).payload

function claimsOf(payload: JWTPayload): Claims {
  const { sub, exp } = payload
  if (
    typeof sub !== 'string' ||
    sub === '' ||
    [...sub].length > limits.userId ||
    !sub.isWellFormed() ||
    /\p{Cc}/u.test(sub)
  )
    throw new errors.JWTClaimValidationFailed(`a string of 1 to ${limits.userId} characters`, payload, 'sub')
  const { scope } = payload
  const scopes = typeof scope === 'string' ? scope.split(' ') : Array.isArray(scope) ? scope : []
  return {
    userId: sub,
    admin: scopes.includes('chat:admin'),
    expiresAt: ((exp ?? 0) + clockToleranceS) * 1_000,
  }
}

function refusalOf(error: unknown): [Refusal, string] {
  if (error instanceof errors.JWTExpired) return ['expired', 'The token has expired: get a new one.']
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.claim === 'nbf'
      ? ['not_yet_valid', 'The token is not valid yet: check the clocks.']
      : ['claim', `The token's claim "${error.claim}" is missing or not the expected one.`]
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return ['algorithm', 'The token is signed in a way that is not accepted here.']
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return ['signature', "The token's signature is not one of our auth-api."]
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return ['unknown_key', 'The token is signed with a key that the auth-api does not publish.']
  return ['malformed', 'This is not a JWT.']
}
