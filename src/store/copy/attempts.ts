import type { Records } from './records.ts'

/**
 * The record of a key's attempts, in the order of their times; none where there are none. All were counted for the same time; one that
 * did not count any more when the last came is left out, so that there are never more than the budget has.
 */
export function attemptRecord(key: string, times: readonly number[], until: number): Records['attempts'][] {
  const last = times.at(-1)
  if (last === undefined) return []
  const windowMs = until - last
  return [{ key, times: times.filter((at) => at + windowMs > last), until }]
}
