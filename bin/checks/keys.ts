import { createJwks } from '../../src/auth/jwks.ts'
import type { Config } from '../../src/config.ts'
import { ChatError } from '../../src/domain/errors.ts'
import type { Check } from '../../src/store/check.ts'
import { reasonOf } from '../reason.ts'

/** Whether the auth-api's public keys can be had, and for which algorithms there are some. */
export async function checkKeys({
  jwtJwksUrl: url,
  jwtJwksMaxAge: maxAgeMs,
  jwtAlgorithms,
}: Config): Promise<Check[]> {
  if (url === null) return []
  const what = 'JWT_JWKS_URL'
  const jwks = createJwks({ url, clock: () => performance.now(), maxAgeMs, fetch })
  const served: string[] = []
  try {
    for (const alg of jwtAlgorithms.filter((each) => each !== 'HS256'))
      if ((await jwks.keysFor({ alg })).length > 0) served.push(alg)
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    const text = `no keys can be had from ${url}: ${reasonOf(error.cause)}. Until they can, tokens are answered 503.`
    return [{ level: 'fail', what, text }]
  }
  return served.length > 0
    ? [{ level: 'ok', what, text: `publishes keys for ${served.join(', ')}` }]
    : [{ level: 'fail', what, text: `${url} publishes no key for any of JWT_ALGORITHMS` }]
}
