import { createSecretKey, hash } from 'node:crypto'
import { type CryptoKey, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Config } from '../config.ts'
import { createBoundedMap } from '../domain/bounded-map.ts'
import type { Caller } from '../domain/caller.ts'
import { ChatError } from '../domain/errors.ts'
import { limits } from '../domain/limits.ts'
import type { Claims as ProfileClaims } from '../domain/profile.ts'
import { idRule, isId, isUserId, labelIn } from '../domain/text.ts'
import { type AccountKeyConfig, accountKeys } from './account-keys.ts'
import { createJwks } from './jwks.ts'
import { createOwnCheck } from './own-token.ts'

/** What a verified token says. */
export interface Claims extends Caller, ProfileClaims {
  /** Milliseconds since 1970: from then on the token is refused. The tolerance for clocks is in it. */
  readonly expiresAt: number
}

/** The reasons why a token is refused, as the metrics count them, with what its owner is told. */
const refusals = {
  too_long: 'The token is too long.',
  malformed: 'The token is not a JSON Web Token.',
  algorithm: 'The token is signed with an algorithm that is not accepted here.',
  critical: 'The token asks for an extension (crit) that is not understood here.',
  unknown_key: 'The token is signed with a key that its issuer does not publish.',
  signature: 'The signature of the token is wrong.',
  expired: 'The token has expired: get a new one.',
  not_yet_valid: 'The token is not valid yet: check the clocks.',
  issuer: 'The token comes from another issuer.',
  audience: 'The token is meant for another audience.',
  no_expiry: 'The token has no expiry time (exp).',
  subject: `The token must name its user (sub) by a string of 1 to ${limits.userId} characters: ${idRule}.`,
  claims: 'A claim of the token is malformed.',
  account: 'The user of the token has an account here: log in with its password.',
  ended: 'The session of the token has ended: log in again.',
} as const
export type Refusal = keyof typeof refusals

export interface Verifier {
  /** Throws unauthenticated for a token that is refused, unavailable when the issuer's keys can't be had. */
  verify(token: string): Promise<Claims>
}

export interface VerifierOptions {
  now?(): number
  /** Counts milliseconds and never goes back. */
  clock?(): number
  fetch?: typeof globalThis.fetch
  onRefused?(reason: Refusal): void
  /** Whether the user has an account here, so that no other issuer speaks for them. Throws unavailable. */
  isAccount?(userId: string): Promise<boolean>
  /** Whether a session of an account has ended before its tokens do. */
  isEnded?(sessionId: string): boolean
}

type TokenConfig = AccountKeyConfig &
  Pick<
    Config,
    | 'jwtSecret'
    | 'jwtPreviousSecret'
    | 'jwtJwksUrl'
    | 'jwtJwksMaxAge'
    | 'jwtAlgorithms'
    | 'jwtIssuer'
    | 'jwtAudience'
  >

const hs256 = { name: 'HMAC', hash: 'SHA-256' }
const maxTokenLength = 8_192
const toleranceMs = 5_000
const rememberedTokens = 10_000
/** The last moment that a Date can hold, for tokens that never expire in practice. */
const endOfTime = 8.64e15

/** Verifies JWTs (RFC 7519) by the secrets and the issuer's public keys. A token seen before costs one look-up. */
export function createVerifier(config: TokenConfig, options: VerifierOptions = {}): Verifier {
  const { now = Date.now, clock = () => performance.now(), fetch = globalThis.fetch, onRefused } = options
  const { isAccount = async () => false, isEnded = () => false } = options
  const checkOwn = createOwnCheck(accountKeys(config))
  const { jwtSecret, jwtPreviousSecret, jwtJwksUrl, jwtIssuer, jwtAudience } = config
  const secrets = [jwtSecret, jwtPreviousSecret]
    .filter((secret) => secret !== null)
    // jose can use a CryptoKey as it is; any other kind of key it would import anew for each token.
    .map((secret) => createSecretKey(secret, 'utf8').toCryptoKey(hs256, false, ['verify']))
  const jwks =
    jwtJwksUrl === null
      ? null
      : createJwks({
          url: jwtJwksUrl,
          clock,
          maxAgeMs: config.jwtJwksMaxAge,
          fetch,
          onChanged() {
            remembered.clear()
            generation++
          },
        })
  /** Claims by the token's hash. Tokens are not kept: they are long, and a reader of our memory must not find them. */
  const remembered = createBoundedMap<Claims>(rememberedTokens)
  const algorithms = config.jwtAlgorithms.filter((each) => (each === 'HS256' ? secrets.length > 0 : jwks))
  /** Counts the changes of the issuer's keys. */
  let generation = 0

  async function check(token: string): Promise<Claims> {
    if (token.length > maxTokenLength) throw refuse('too_long')
    const rules = { clockTolerance: toleranceMs / 1_000, currentDate: new Date(now()) }
    const own = await checkOwn(token, rules)
    if (own) return { ...claimsOf(own), admin: false, sessionId: own.sid }
    let failure: unknown
    for (const key of await keysFor(token)) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms,
          ...rules,
          requiredClaims: ['exp', 'sub'],
          ...(jwtIssuer === null ? undefined : { issuer: jwtIssuer }),
          ...(jwtAudience === null ? undefined : { audience: jwtAudience }),
        })
        return await foreign(claimsOf(payload))
      } catch (error) {
        failure = error
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) break
      }
    }
    throw failure ?? refuse('unknown_key')
  }

  async function foreign(claims: Claims): Promise<Claims> {
    if (isId(claims.userId) && (await isAccount(claims.userId))) throw refuse('account')
    return claims
  }

  /** The keys to try. The token's header only chooses among our own: `jku`, `jwk` and `x5u` are never looked at. */
  async function keysFor(token: string): Promise<readonly CryptoKey[]> {
    const header = decodeProtectedHeader(token)
    if (!algorithms.some((each) => each === header.alg)) throw refuse('algorithm')
    if (header.crit !== undefined) throw refuse('critical')
    if (header.alg === 'HS256') return secrets
    return jwks ? jwks.keysFor(header) : []
  }

  return {
    async verify(token) {
      const fresh = jwks?.freshen()
      if (fresh) await fresh
      const key = hash('sha256', token, 'base64url')
      const known = remembered.peek(key)
      const isLasting = known !== undefined && now() < known.expiresAt
      if (known && !isLasting) remembered.delete(key)
      try {
        const asOf = generation
        const claims = known && isLasting ? known : await check(token)
        if (claims.sessionId !== undefined && isEnded(claims.sessionId)) throw refuse('ended')
        if (claims === known) return known
        if (asOf !== generation) return claims // the keys have changed meanwhile, so the next call verifies the token again
        remembered.set(key, claims)
        return claims
      } catch (error) {
        if (error instanceof ChatError && error.code === 'unavailable') throw error
        const reason = reasonOf(error)
        onRefused?.(reason)
        throw new ChatError('unauthenticated', refusals[reason], { cause: error })
      }
    },
  }
}

class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
  readonly reason: Refusal

  constructor(reason: Refusal) {
    super(refusals[reason])
    this.reason = reason
  }
}

const refuse = (reason: Refusal) => new TokenRefused(reason)

function claimsOf({ sub, exp, iat, scope, ...said }: JWTPayload): Claims {
  if (typeof sub !== 'string' || !isUserId(sub)) throw refuse('subject')
  if (exp === undefined || !Number.isFinite(exp)) throw refuse('claims')
  const scopes = typeof scope === 'string' ? scope.split(' ') : Array.isArray(scope) ? scope : []
  // A name that can't be shown is as good as none: it must not lock its user out.
  const name = labelIn(said.name, limits.displayName)
  return {
    userId: sub,
    username: labelIn(said.preferred_username, limits.userId) ?? name ?? sub,
    name,
    email: emailIn(said.email),
    issuedAt: typeof iat === 'number' && Number.isFinite(iat) ? iat * 1_000 : null,
    admin: scopes.includes('chat:admin'),
    expiresAt: Math.min(exp * 1_000 + toleranceMs, endOfTime),
  }
}

/** RFC 5321 allows no longer address. */
const longestEmail = 254

function emailIn(claim: unknown): string | null {
  const text = labelIn(claim, longestEmail + 1)
  return text !== null && text.length <= longestEmail && /^[^\s@]+@[^\s@]+$/.test(text) ? text : null
}

const badClaim: Record<string, Refusal> = {
  iss: 'issuer',
  aud: 'audience',
  nbf: 'not_yet_valid',
  exp: 'no_expiry',
  sub: 'subject',
}

/** Our reason for an error of jose. */
function reasonOf(error: unknown): Refusal {
  if (error instanceof TokenRefused) return error.reason
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.reason === 'invalid' ? 'claims' : (badClaim[error.claim] ?? 'claims')
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm'
  return 'malformed'
}
