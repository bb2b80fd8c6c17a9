import type { RateKind, Rates } from '../domain/rates.ts'

/** Whose units a request takes, and of which kinds. */
export interface Limited {
  readonly key: string
  readonly kinds: readonly RateKind[]
}

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11): for each kind its quota and window, and what is left
 * of it for the next `t` seconds. Then all is back; where nothing is left one unit is, so that `t` says no more than Retry-After.
 */
export function createRateHeaders(rates: Rates): (limited: Limited) => Record<string, string> | undefined {
  /** What is always the same of each route, by its list of kinds. */
  const fixed = new WeakMap<readonly RateKind[], { counted: readonly RateKind[]; policy: string }>()

  function fixedOf(kinds: readonly RateKind[]) {
    const known = fixed.get(kinds)
    if (known) return known
    const counted = kinds.filter((kind) => rates[kind].perMinute > 0)
    const policy = counted.map((kind) => `"${kind}";q=${rates[kind].perMinute};w=60`).join(', ')
    const made = { counted, policy }
    fixed.set(kinds, made)
    return made
  }

  return ({ key, kinds }) => {
    const { counted, policy } = fixedOf(kinds)
    let left = ''
    for (const kind of counted) {
      const { left: units, fullInMs, nextInMs } = rates[kind].state(key)
      const seconds = Math.ceil((units > 0 ? fullInMs : nextInMs) / 1_000)
      left += `${left === '' ? '' : ', '}"${kind}";r=${units};t=${seconds}`
    }
    return left === '' ? undefined : { 'RateLimit-Policy': policy, RateLimit: left }
  }
}
