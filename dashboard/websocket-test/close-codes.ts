import { closeCodes, isFinal } from '../../src/protocol/close-codes.ts'

/** What the service means by its codes. */
const ours: Readonly<Record<keyof typeof closeCodes, string>> = {
  normal: 'you left',
  goingAway: 'the page left',
  policy: 'a binary frame, or another breach of the protocol: mend the client',
  tooBig: 'a frame over WS_MAX_FRAME: come back without it',
  restart: 'the service restarts, or its store is away: come back after retry_after_ms',
  tokenExpired: 'the token expired, or its login has ended: come back with a new one',
  tooSlow: 'too much was unsent, this client reads too slowly: come back with your cursor',
  idle: 'nothing came from this client, not even a pong: come back with your cursor',
  accessRevoked: 'access to the group was lost, or the direct chat hidden: stay away',
  groupDeleted: 'the group was deleted: stay away',
  badFrames: 'too many unreadable frames: mend the client',
  userRefused: 'the account is disabled, or the user erased: stay away',
}

/** Those of RFC 6455, section 7.4.1, and its registry, that the service does not send, or that nobody sends. */
const others: Readonly<Record<number, string>> = {
  1002: 'protocol error',
  1003: 'data of a kind that is not accepted',
  1005: 'closed without a code',
  1006: 'lost without a word: the handshake was refused, or the network failed',
  1007: 'text that is no UTF-8',
  1010: 'an extension is missing',
  1011: 'the other side failed',
  1013: 'try again later',
  1014: 'a bad answer from behind a gateway',
  1015: 'TLS failed',
}

const names = new Map(Object.entries(closeCodes).map(([name, code]) => [code as number, name]))

/** `4501 groupDeleted: the group was deleted: stay away` */
export function closeMeaning(code: number): string {
  const name = names.get(code)
  if (name !== undefined) return `${code} ${name}: ${ours[name as keyof typeof ours]}`
  const general = isFinal(code) ? 'stay away' : code >= 4_000 ? 'come back' : 'a code of this client'
  return `${code}: ${others[code] ?? general}`
}
