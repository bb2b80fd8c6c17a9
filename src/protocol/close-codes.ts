/**
 * Why a socket was closed. 4000 to 4499 mean "come back", 4500 to 4999 "stay away"; the rest is RFC 6455 section 7.4.1 and the
 * IANA registry. docs/protocol.md says what each means to a client, and is held to this table.
 */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  policy: 1008,
  tooBig: 1009,
  restart: 1012,
  tokenExpired: 4001,
  tooSlow: 4002,
  idle: 4003,
  accessRevoked: 4500,
  groupDeleted: 4501,
  badFrames: 4502,
  userRefused: 4503,
} as const

/** Whether a client that was closed so is to stay away: the same would happen to it again. */
export const isFinal = (code: number): boolean => code === closeCodes.policy || (code >= 4500 && code < 5000)

const known: ReadonlySet<number> = new Set(Object.values(closeCodes))

/** One of RFC 6455's or of our own. A client may close with any code of 3000 to 4999. */
export const isKnownClose = (code: number): boolean => (code >= 1000 && code < 1016) || known.has(code)
