/** Why a request failed, in words that no transport owns. Each transport maps a code in one table. */
export type ErrorCode =
  | 'malformed' // not even the right shape: bad JSON, bad id, bad cursor
  | 'unauthenticated' // no token, or one that we do not accept
  | 'forbidden' // known, but not allowed here
  | 'not_found'
  | 'conflict' // the idempotency key was used for another message
  | 'precondition_failed' // what was read has changed since
  | 'precondition_required' // it is to be read first
  | 'too_large'
  | 'invalid' // right shape, unacceptable value: see `fields`
  | 'rate_limited' // see `retryAfterMs`
  | 'unavailable' // the store or the token issuer is away: try again later
  | 'storage_full'

export interface FieldError {
  /** Path of the field inside the body, query or frame, for example `authorized_user_ids.3`. */
  field: string
  message: string
}

interface ErrorDetails {
  fields?: readonly FieldError[]
  retryAfterMs?: number
  cause?: unknown
}

/** The only error a use case or a store throws on purpose. `message` is safe to show to the caller. */
export class ChatError extends Error {
  override readonly name = 'ChatError'
  readonly code: ErrorCode
  readonly fields: readonly FieldError[]
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.fields = details.fields ?? []
    this.retryAfterMs = details.retryAfterMs
  }
}

export const notFound = (what: 'group' | 'message') => new ChatError('not_found', `No such ${what}.`)
