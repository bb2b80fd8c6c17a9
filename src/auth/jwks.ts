import { type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet, type JWSHeaderParameters } from 'jose'
import { ChatError } from '../domain/errors.ts'

/** The public keys of the token issuer (RFC 7517), fetched when needed and never too often. */
export interface Jwks {
  /**
   * The keys that may have signed a token with this header; empty when the issuer has none such.
   * Throws unavailable when that can't be known because the issuer is away.
   */
  keysFor(header: JWSHeaderParameters): Promise<CryptoKey[]>
  /** Resolves when the keys are fresh or cannot be had; returns undefined when they are fresh already, so that nobody has to wait. */
  freshen(): Promise<void> | undefined
}

export interface JwksOptions {
  url: string
  /** Counts milliseconds and never goes back. */
  clock(): number
  /** A key that the issuer has withdrawn is accepted no longer than this, in milliseconds, while the issuer answers. */
  maxAgeMs: number
  fetch: typeof globalThis.fetch
  /** The issuer publishes other keys than before, so what the old keys verified has to be verified again. */
  onChanged?(): void
}

const pauseMs = 30_000
const timeoutMs = 2_000
const maxBytes = 256 * 1_024
/** A token without `kid` is tried with as many keys at most. */
const maxCandidates = 8

/** Nothing is fetched yet. While the issuer is away, the last copy of its keys is used, however old it is. */
export function createJwks({ url, clock, maxAgeMs, fetch, onChanged }: JwksOptions): Jwks {
  let keySet: ReturnType<typeof createLocalJWKSet> | undefined
  /** The set as it was published last, to notice a change. */
  let published: string | undefined
  let fetching: Promise<void> | undefined
  let triedAt = Number.NEGATIVE_INFINITY
  let fetchedAt = Number.NEGATIVE_INFINITY
  let failure: unknown

  /** Fetches the keys. There is one fetch at a time, which all callers share, and a pause after each, whether it succeeded or not. */
  function refresh(): Promise<void> {
    if (fetching) return fetching
    if (clock() - triedAt < pauseMs) return Promise.resolve()
    triedAt = clock()
    fetching = fetchKeySet(url, fetch)
      .then((keys) => {
        fetchedAt = clock()
        failure = undefined
        const text = JSON.stringify(keys)
        if (text === published) return
        published = text
        keySet = createLocalJWKSet(keys)
        onChanged?.()
      })
      .catch((error: unknown) => {
        failure = error
      })
      .finally(() => {
        fetching = undefined
      })
    return fetching
  }

  function freshen(): Promise<void> | undefined {
    if (!keySet) return undefined
    const age = clock() - fetchedAt
    if (age > maxAgeMs) {
      // After a failure the old copy is used, and nobody waits for an issuer that is away.
      const isAway = failure !== undefined
      const refreshed = refresh()
      return isAway ? undefined : refreshed
    }
    // The keys are refreshed in the background and in good time, so that nobody has to wait for it.
    if (age > maxAgeMs / 2) void refresh()
    return undefined
  }

  return {
    freshen,

    async keysFor(header) {
      await freshen()
      if (keySet) {
        const found = await candidates(keySet, header)
        if (found.length > 0) return found
      }
      await refresh()
      if (failure !== undefined || !keySet)
        throw new ChatError('unavailable', 'The keys of the token issuer cannot be had just now.', {
          retryAfterMs: Math.max(1_000, triedAt + pauseMs - clock()),
          cause: failure,
        })
      return candidates(keySet, header)
    },
  }
}

/** `alg`, `kid`, `use` and `key_ops` must fit, so a key is never used with another kind of algorithm. */
async function candidates(
  keySet: ReturnType<typeof createLocalJWKSet>,
  { alg, kid }: JWSHeaderParameters,
): Promise<CryptoKey[]> {
  const header = {
    ...(alg === undefined ? undefined : { alg }),
    ...(kid === undefined ? undefined : { kid }),
  }
  try {
    return [await keySet(header)]
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return [] // none fits, or its key is malformed
    const found: CryptoKey[] = []
    for await (const key of error) if (found.push(key) >= maxCandidates) break
    return found
  }
}

/** Follows no redirect, reads no more than `maxBytes`, takes no longer than `timeoutMs`. */
async function fetchKeySet(url: string, fetch: JwksOptions['fetch']): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { accept: 'application/jwk-set+json, application/json' },
    signal: AbortSignal.timeout(timeoutMs),
  })
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    if (response.status !== 200) throw new Error(`JWT_JWKS_URL answered ${response.status}`)
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length
      if (bytes > maxBytes) throw new Error(`JWT_JWKS_URL answered more than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
  } finally {
    if (!response.body?.locked) await response.body?.cancel()
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) // its shape is checked by createLocalJWKSet
}
