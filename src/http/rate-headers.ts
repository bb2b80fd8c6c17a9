import type { RateKind, Rates } from '../domain/rates.ts'

/** Whose units a request takes, and of which kinds. */
export interface Limited {
  readonly key: string
  readonly kinds: readonly RateKind[]
}

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers): for each kind its quota and window, and what is left
 * of it, all of which is back after `t` seconds.
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
      const state = rates[kind].state(key)
      const separator = left === '' ? '' : ', '
      left += `${separator}"${kind}";r=${state.left};t=${Math.ceil(state.fullInMs / 1_000)}`
    }
    return left === '' ? undefined : { 'RateLimit-Policy': policy, RateLimit: left }
  }
}
