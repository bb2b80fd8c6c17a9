/** Who asks, as the verified token says. */
export interface Caller {
  /** The token's `sub`: any string of 1..128 characters. */
  readonly userId: string
  /** The token's scope holds `chat:admin`: may manage any group, and read and write as a member could. */
  readonly admin: boolean
  /** The session of the account whose token it is; the tokens of other issuers have none. */
  readonly sessionId?: string
}
