import type { IncomingMessage } from 'node:http'
import type { Caller } from '../domain/caller.ts'
import { ChatError } from '../domain/errors.ts'

/** Throws unauthenticated, unavailable (the issuer's keys can't be had). */
export type Verify = (token: string) => Promise<Caller & { readonly expiresAt: number }>

/** Who asks, by the token of `Authorization: Bearer` (RFC 6750, 2.1). Throws as Verify. */
export function authenticate(request: IncomingMessage, verify: Verify): ReturnType<Verify> {
  const { authorization = '' } = request.headers
  const space = authorization.indexOf(' ')
  if (authorization.slice(0, space).toLowerCase() !== 'bearer')
    throw new ChatError('unauthenticated', 'Send a token: Authorization: Bearer TOKEN.')
  return verify(authorization.slice(space + 1).trim())
}
