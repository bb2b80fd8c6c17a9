import { createBoundedMap } from './bounded-map.ts'
import { ChatError } from './errors.ts'

/** Keys that are remembered at once; beyond it the one used longest ago is forgotten. */
const maxKeys = 100_000
const minuteMs = 60_000
/** Sums of fractions of a millisecond may be wrong by so much. */
const roundingMs = 1e-3

/** A token bucket for each key: so many units a minute, refilled evenly, none to start with missing. */
export interface RateLimit {
  /** 0 means no limit. */
  readonly perMinute: number
  /** Takes one unit for `key`. Throws rate_limited with the time until one is back. */
  take(key: string): void
  /** Takes one unit for `key` as well, but returns false instead of throwing. */
  tryTake(key: string): boolean
  /** Gives a unit back, for an action that turned out not to count. */
  refund(key: string): void
  /** How many units are left, after how many milliseconds all are back, and after how many there is one (0: there is). */
  state(key: string): { left: number; fullInMs: number; nextInMs: number }
}

/**
 * `what` there can be too much of; `onRefused` hears of it. `now` counts milliseconds and never goes back.
 */
export function createRateLimit(
  what: string,
  perMinute: number,
  now: () => number,
  onRefused?: () => void,
): RateLimit {
  if (perMinute === 0) return unlimited
  const msPerUnit = minuteMs / perMinute
  /** When the bucket will be full again: one number is the whole state of a bucket. */
  const fullAt = createBoundedMap<number>(maxKeys)

  /** Takes a unit and answers 0, or the milliseconds until there is one. */
  function missing(key: string): number {
    const at = now()
    const full = Math.max(fullAt.peek(key) ?? 0, at) + msPerUnit
    const missingMs = full - at - minuteMs
    if (missingMs > roundingMs) {
      onRefused?.()
      return missingMs
    }
    fullAt.set(key, full)
    return 0
  }

  return {
    perMinute,
    take(key) {
      const missingMs = missing(key)
      if (missingMs > 0)
        throw new ChatError('rate_limited', `Too many ${what}: at most ${perMinute} a minute.`, {
          retryAfterMs: Math.ceil(missingMs),
        })
    },
    tryTake: (key) => missing(key) === 0,
    refund(key) {
      const full = fullAt.peek(key)
      if (full !== undefined) fullAt.set(key, full - msPerUnit)
    },
    state(key) {
      const fullInMs = Math.max(0, (fullAt.peek(key) ?? 0) - now())
      return {
        left: Math.max(0, Math.floor((minuteMs - fullInMs + roundingMs) / msPerUnit)),
        fullInMs,
        nextInMs: Math.max(0, fullInMs + msPerUnit - minuteMs),
      }
    },
  }
}

const unlimited: RateLimit = {
  perMinute: 0,
  take: () => undefined,
  tryTake: () => true,
  refund: () => undefined,
  state: () => ({ left: Number.POSITIVE_INFINITY, fullInMs: 0, nextInMs: 0 }),
}
