import type { ErrorCode } from '../protocol/error-codes.ts'

export type { ErrorCode }

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

/** A deleted message that can't be restored. */
export const wiped = () =>
  new ChatError('wiped', 'The text of this message was wiped: it can not be restored.')

export const notFound = (
  what:
    | 'group'
    | 'message'
    | 'member'
    | 'report'
    | 'ban'
    | 'invite'
    | 'user'
    | 'avatar'
    | 'file'
    | 'push subscription',
) => new ChatError('not_found', `No such ${what}.`)
