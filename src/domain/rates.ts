import { createRateLimit, type RateLimit } from './rate.ts'

interface OwnRate {
  /** What the refusal calls it. */
  readonly what: string
  /** Units a minute unless the configuration says otherwise. */
  readonly perMinute: number
}

/** A limit that is a share of another kind's, unless it is configured. Whoever lifts the other limit lifts this one with it. */
interface SharedRate {
  readonly what: string
  readonly of: 'requests' | 'messages' | 'searches'
  readonly share: number
}

/**
 * The kinds of actions that are limited. Each has its own limit for each user (without a token: each address), over REST and sockets
 * together. A line here makes a setting, RATE_LIMIT_ and the name, and a limit to take units from.
 */
export const rateKinds = {
  /** All requests of REST, and frames that have no kind of their own. */
  requests: { what: 'requests', perMinute: 6_000 },
  messages: { what: 'messages, edits and deletes', perMinute: 1_200 },
  /** There may be fewer of these, because each costs every client that comes back later. */
  edits: { what: 'edits, deletes and pins', of: 'messages', share: 1 / 2 },
  reactions: { what: 'reactions', of: 'messages', share: 1 / 2 },
  typing: { what: 'typing notices', of: 'requests', share: 1 / 10 },
  connections: { what: 'new connections', of: 'requests', share: 1 / 10 },
  subscriptions: { what: 'subscriptions', of: 'requests', share: 1 },
  groups: { what: 'new groups and changes of groups', of: 'requests', share: 1 / 5 },
  direct: { what: 'direct chats', of: 'requests', share: 1 / 20 },
  joins: { what: 'joins and invites', of: 'requests', share: 1 / 20 },
  uploads: { what: 'uploads', of: 'messages', share: 1 / 10 },
  reads: { what: 'read marks', of: 'requests', share: 1 / 5 },
  reports: { what: 'reports', of: 'requests', share: 1 / 200 },
  searches: { what: 'searches', of: 'requests', share: 1 / 20 },
  profiles: { what: 'changes of profiles', of: 'requests', share: 1 / 50 },
  user_searches: { what: 'searches for people', of: 'searches', share: 1 },
  tokens: { what: 'new tokens on a socket', of: 'requests', share: 1 / 100 },
  exports: { what: 'exports', perMinute: 5 },
  logins: { what: 'attempts to log in', perMinute: 10 },
} as const satisfies Record<string, OwnRate | SharedRate>

export type RateKind = keyof typeof rateKinds
export type Rates = { readonly [Kind in RateKind]: RateLimit }
type PerMinute = { readonly [Kind in RateKind]: number }

const kinds = Object.keys(rateKinds) as RateKind[]

/** A value for each kind. */
export const byRateKind = <T>(value: (kind: RateKind) => T) =>
  Object.fromEntries(kinds.map((kind) => [kind, value(kind)])) as { readonly [Kind in RateKind]: T }

/** Units a minute of a kind that is not configured; `given` are those that others follow from. */
export function defaultRate(kind: RateKind, given: Pick<PerMinute, SharedRate['of']>): number {
  const rate: OwnRate | SharedRate = rateKinds[kind]
  return 'of' in rate ? Math.ceil(given[rate.of] * rate.share) : rate.perMinute
}

/** `now` counts milliseconds and never goes back. */
export const createRates = (
  perMinute: PerMinute,
  now: () => number,
  onRefused?: (kind: RateKind) => void,
): Rates =>
  byRateKind((kind) => createRateLimit(rateKinds[kind].what, perMinute[kind], now, () => onRefused?.(kind)))

/**
 * The key of callers who have no token. No user's id holds a control character. Of an IPv6 address it is the network (/64), of
 * which one client has all.
 */
export const addressKey = (address: string): string =>
  `\n${address.includes(':') ? networkOf(address) : address}`

function networkOf(address: string): string {
  const [head = '', tail] = address.split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0')
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`
}
