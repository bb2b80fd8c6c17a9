/**
 * One login: a family of refresh tokens, each the successor of the one before. The access tokens that came with them name it (`sid`),
 * and end with it. Times are milliseconds since 1970.
 */
export interface AccountSession {
  readonly id: string
  readonly userId: string
  /** Which refresh token was used last: 0 is that of the login. */
  readonly count: number
  /** SHA-256 of that token. */
  readonly hash: string
  /** SHA-256 of its successor; null until there is one. */
  readonly nextHash: string | null
  readonly createdAt: number
  readonly refreshedAt: number
  /** From then on none of its refresh tokens is taken. */
  readonly expiresAt: number
}

/** `stolen`: a refresh token was used whose successor had been used. */
export type SessionEndReason =
  | 'logged_out'
  | 'password_changed'
  | 'stolen'
  | 'crowded'
  | 'disabled'
  | 'erased'

/** A session that has ended before its time. */
export interface EndedSession {
  readonly id: string
  readonly userId: string
  readonly why: SessionEndReason
  readonly endedAt: number
}

/** A refresh token that was shown, and its successor. */
export interface Rotation {
  readonly count: number
  readonly hash: string
  readonly nextHash: string
}
