import { createHash, createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { SignJWT } from 'jose'
import { isId } from '../domain/text.ts'
import type { AccountKeys } from './account-keys.ts'

/** The issuer (`iss`) of the tokens of accounts, whatever JWT_ISSUER is. */
export const accountIssuer = 'chat-api'

/** Who logs in, for the claims of an access token. */
export interface TokenUser {
  readonly id: string
  readonly username: string
  readonly displayName: string
}

/** One refresh token of a session, which is a chain of them: each but the first is made from the one before. */
export interface RefreshToken {
  /** What the client has: a secret. */
  readonly text: string
  readonly sessionId: string
  /** 0 is that of the login. */
  readonly count: number
  /** SHA-256 of the text, which is all that is stored. */
  readonly hash: string
}

export interface AccountTokens {
  /** Seconds. */
  readonly expiresIn: number
  /** An access token (JWT, HS256). */
  sign(user: TokenUser, sessionId: string): Promise<string>
  first(sessionId: string): RefreshToken
  /**
   * Whoever asks again is answered the same, so that one whose answer was lost, and two who ask at once, go on with one token. It is
   * made with a key of ours: who has stolen a token can't know the next without asking.
   */
  successor(token: RefreshToken): RefreshToken
  /** null for what can't be a refresh token. */
  parse(text: string): RefreshToken | null
  /** Whether the token is one of before that of this count and hash, in the same chain. */
  isBefore(token: RefreshToken, count: number, hash: string): boolean
}

const secretBytes = 32
/** A chain that is this long has been refreshed each minute for more than a year. */
const mostLinks = 1_000_000
/** To look so far back takes some milliseconds. */
const mostBack = 10_000

/** Times are milliseconds. */
export function createAccountTokens(keys: AccountKeys, lifetimeMs: number, now: () => number): AccountTokens {
  // jose can use a CryptoKey as it is; any other kind of key it would import anew for each token.
  const key = createSecretKey(keys.signing).toCryptoKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])

  const next = (secret: Buffer): Buffer => createHmac('sha256', keys.refreshing).update(secret).digest()

  function token(sessionId: string, count: number, secret: Buffer): RefreshToken {
    const text = `${sessionId}.${count}.${secret.toString('base64url')}`
    return { text, sessionId, count, hash: createHash('sha256').update(text).digest('base64url') }
  }

  return {
    expiresIn: lifetimeMs / 1_000,

    sign: ({ id, username, displayName }, sessionId) =>
      new SignJWT({ preferred_username: username, name: displayName, sid: sessionId })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuer(accountIssuer)
        .setSubject(id)
        // Two tokens of one second are two.
        .setJti(randomBytes(9).toString('base64url'))
        .setIssuedAt(new Date(now()))
        .setExpirationTime(new Date(now() + lifetimeMs))
        .sign(key),

    first: (sessionId) => token(sessionId, 0, randomBytes(secretBytes)),
    successor: ({ sessionId, count, text }) => token(sessionId, count + 1, next(secretOf(text))),

    parse(text) {
      const [sessionId = '', count = '', secret = '', ...rest] = text.split('.')
      const isToken =
        rest.length === 0 && isId(sessionId) && /^(0|[1-9]\d{0,5})$/.test(count) && /^[\w-]{43}$/.test(secret)
      return isToken && Number(count) < mostLinks ? token(sessionId, Number(count), secretOf(text)) : null
    },

    isBefore({ sessionId, count, text }, laterCount, laterHash) {
      if (count >= laterCount || laterCount - count > mostBack) return false
      let secret = secretOf(text)
      for (let each = count; each < laterCount; each++) secret = next(secret)
      return token(sessionId, laterCount, secret).hash === laterHash
    },
  }
}

const secretOf = (text: string): Buffer => Buffer.from(text.split('.')[2] ?? '', 'base64url')
