import { byRateKind, type RateKind, type Rates } from '../domain/rates.ts'

/** Whose units a request takes, and of which kinds. */
export interface Limited {
  readonly key: string
  readonly kinds: readonly RateKind[]
}

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers): for each kind its quota and window, and what is left
 * of it, all of which is back after `t` seconds.
 */
export function createRateHeaders(rates: Rates): (limited: Limited) => Record<string, string> {
  const policies = byRateKind((kind) => `"${kind}";q=${rates[kind].perMinute};w=60`)
  return ({ key, kinds }) => {
    const policy: string[] = []
    const left: string[] = []
    for (const kind of kinds) {
      if (rates[kind].perMinute === 0) continue
      const state = rates[kind].state(key)
      policy.push(policies[kind])
      left.push(`"${kind}";r=${state.left};t=${Math.ceil(state.fullInMs / 1_000)}`)
    }
    if (!policy.length) return {}
    return { 'RateLimit-Policy': policy.join(', '), RateLimit: left.join(', ') }
  }
}
