import { ChatError } from './errors.ts'

/** Keys that are remembered at once; beyond it the one used longest ago is forgotten. */
const maxKeys = 100_000

/** Takes one unit for `key`. Throws rate_limited with the time until one is back. */
export type RateLimit = (key: string) => void

/** One of which a unit can be given back, when it turns out that it should not count. */
export type RefundableLimit = RateLimit & { refund(key: string): void }

/**
 * A token bucket per key: `perMinute` units, refilled evenly, none to start with missing. 0 means no limit.
 * `now` counts milliseconds and never goes back.
 * `onRefused` hears `what` there was too much of.
 */
export function createRateLimit(
  what: string,
  perMinute: number,
  now: () => number,
  onRefused?: (what: string) => void,
): RefundableLimit {
  if (perMinute === 0) return Object.assign(() => {}, { refund: () => {} })
  const msPerUnit = 60_000 / perMinute
  /** When the bucket will be full again: one number is the whole state of a bucket. */
  const fullAt = new Map<string, number>()
  const take = (key: string): void => {
    const at = now()
    const known = fullAt.get(key) ?? 0
    const full = Math.max(known, at) + msPerUnit
    const missing = full - at - 60_000
    if (missing > 0) {
      onRefused?.(what)
      throw new ChatError('rate_limited', `Too many ${what}: at most ${perMinute} a minute.`, {
        retryAfterMs: Math.ceil(missing),
      })
    }
    fullAt.delete(key)
    fullAt.set(key, full)
    if (fullAt.size > maxKeys) for (const oldest of fullAt.keys()) return void fullAt.delete(oldest)
  }
  const refund = (key: string): void => {
    const full = fullAt.get(key)
    if (full !== undefined) fullAt.set(key, full - msPerUnit)
  }
  return Object.assign(take, { refund })
}
