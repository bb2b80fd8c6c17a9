import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { ChatError } from '../domain/errors.ts'

/** An issuer is asked at most once in this time, whatever tokens come. */
const pauseMs = 30_000
/** Keys older than this are fetched again; until that works, the old ones serve. */
const freshMs = 600_000
const timeoutMs = 2_000
const maxBytes = 256 * 1024

/**
 * The issuer's public keys (RFC 7517), kept: a copy serves while the issuer is away, an unknown `kid` makes one request in
 * 30 s at most, and an answer is read up to 256 KiB for 2 s. The returned function throws unavailable when there are no keys yet.
 */
export function createKeySet(url: string, deps: { fetch: typeof fetch; now: () => number }): JWTVerifyGetKey {
  const { fetch, now } = deps
  let keys: ReturnType<typeof createLocalJWKSet> | undefined
  let fetchedAt = Number.NEGATIVE_INFINITY
  let triedAt = Number.NEGATIVE_INFINITY
  let failure: unknown
  let fetching: Promise<void> | undefined

  async function load(): Promise<void> {
    triedAt = now()
    try {
      keys = createLocalJWKSet(await fetchKeys(url, fetch))
      fetchedAt = now()
      failure = undefined
    } catch (error) {
      failure = error
    }
  }

  /** Asks the issuer, unless it was asked a moment ago. */
  async function refresh(): Promise<void> {
    if (!fetching && now() - triedAt < pauseMs) return
    fetching ??= load().finally(() => {
      fetching = undefined
    })
    await fetching
  }

  return async (header, token) => {
    if (!keys) await refresh()
    else if (now() - fetchedAt > freshMs) void refresh()
    if (!keys) {
      const retryAfterMs = Math.max(1_000, triedAt + pauseMs - now())
      throw new ChatError('unavailable', 'Tokens cannot be checked: their issuer is away.', {
        retryAfterMs,
        cause: failure,
      })
    }
    try {
      return await keys(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      await refresh()
      return keys(header, token)
    }
  }
}

async function fetchKeys(url: string, fetch: typeof globalThis.fetch): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: 'application/jwk-set+json, application/json' },
  })
  if (!response.ok || !response.body) throw new Error(`The issuer's keys: answered ${response.status}`)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    size += chunk.length
    if (size > maxBytes) throw new Error(`The issuer's keys: more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString()) as JSONWebKeySet
}
