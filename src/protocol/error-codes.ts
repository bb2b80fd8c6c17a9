export { mayPass } from './passing.ts'

/** How HTTP answers a failure. */
interface Failure {
  readonly status: number
}

const table = <Code extends string>(codes: Readonly<Record<Code, Failure>>) => codes

/** Why a request or a frame failed, in words that no transport owns. */
const chatErrors = table({
  /** Not even the right shape: bad JSON, bad id, bad cursor. */
  malformed: { status: 400 },
  /** No token, or one that we do not accept. */
  unauthenticated: { status: 401 },
  /** The caller is known, but not allowed here. */
  forbidden: { status: 403 },
  /** The caller is banned from the group. */
  banned: { status: 403 },
  /** The caller may not write in the group until the mute ends. */
  muted: { status: 403 },
  /** The caller's account is disabled. */
  disabled: { status: 403 },
  /** The other of a direct chat has blocked the caller. */
  blocked: { status: 403 },
  not_found: { status: 404 },
  /** The idempotency key was used for another message. */
  conflict: { status: 409 },
  /** Somebody has this username. */
  name_taken: { status: 409 },
  /** Another account has this e-mail address. */
  email_taken: { status: 409 },
  /** The group would be left without an owner. */
  last_owner: { status: 409 },
  /** The group has as many members as it may have. */
  group_full: { status: 409 },
  /** Somebody who is banned can't be added: take the ban back first. */
  user_banned: { status: 409 },
  /** There is as much of it as there may be. */
  limit_reached: { status: 409 },
  /** The text of what was deleted is gone for good. */
  wiped: { status: 409 },
  /** The invite is used up, past its time, or its maker may invite no more. */
  invite_expired: { status: 410 },
  /** What was read has changed since. */
  precondition_failed: { status: 412 },
  too_large: { status: 413 },
  /** The right shape with an unacceptable value: `errors` names the fields. */
  invalid: { status: 422 },
  /** What is to be changed has to be read first. */
  precondition_required: { status: 428 },
  /** After `retry_after_ms` there is room again. */
  rate_limited: { status: 429 },
  /** The store or the token issuer is away. */
  unavailable: { status: 503 },
  storage_full: { status: 507 },
})

/** What can go wrong in HTTP alone. */
const httpErrors = table({
  method_not_allowed: { status: 405 },
  timeout: { status: 408 },
  unsupported_media_type: { status: 415 },
  range_not_satisfiable: { status: 416 },
  expectation_failed: { status: 417 },
  headers_too_large: { status: 431 },
})

/** One table for all transports: `internal` is what nobody foresaw. */
export const errorCodes = {
  ...chatErrors,
  ...httpErrors,
  ...table({ internal: { status: 500 } }),
}

export type ErrorCode = keyof typeof chatErrors
export type HttpErrorCode = keyof typeof httpErrors
export type AnyErrorCode = keyof typeof errorCodes

/** What is said of a failure that nobody foresaw: nothing of the inside. */
export const internalDetail = 'Something went wrong here. Try again in a moment.'
