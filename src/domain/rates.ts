import { createRateLimit, type RateLimit } from './rate.ts'

/**
 * What there can be too much of, each with a limit of its own for each user, however it comes: over REST or a socket.
 * The text is what the refusal calls it.
 */
export const rateKinds = {
  messages: 'messages, edits and deletes',
  edits: 'edits and deletes',
  typing: 'typing notices',
  subscriptions: 'subscriptions',
  groups: 'new groups',
  tokens: 'new tokens on a socket',
} as const

export type RateKind = keyof typeof rateKinds

/** Each takes one unit for a user. Throws rate_limited. */
export type Rates = { readonly [Kind in RateKind]: RateLimit }

/** `perMinute`: 0 means no limit. `now` counts milliseconds and never goes back. */
export function createRates(
  perMinute: { readonly [Kind in RateKind]: number },
  now: () => number,
  onRefused?: (kind: string) => void,
): Rates {
  const limit = (kind: RateKind) =>
    createRateLimit(rateKinds[kind], perMinute[kind], now, () => onRefused?.(kind))
  return {
    messages: limit('messages'),
    edits: limit('edits'),
    typing: limit('typing'),
    subscriptions: limit('subscriptions'),
    groups: limit('groups'),
    tokens: limit('tokens'),
  }
}
