import type { Check } from './check.ts'

/** What is to be known of erasures that have begun and are not over. */
export const erasureCheck = (underWay: number): Check => ({
  level: underWay ? 'warn' : 'ok',
  what: 'erasures',
  text: underWay
    ? `${underWay} are not over: a service that runs goes on with them. Look for erasure_failed in its log if they stay.`
    : 'none is under way',
})
