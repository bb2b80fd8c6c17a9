/** Who asks, as the verified token says. */
export interface Caller {
  /** The token's `sub`: any string of 1..128 characters. */
  readonly userId: string
  /** The token's scope holds `chat:admin`: may manage any group, and read and write as a member could. */
  readonly admin: boolean
}
