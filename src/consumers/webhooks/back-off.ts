import type { Letter } from '../../domain/letter.ts'

/** In milliseconds. The first pause, which doubles up to the longest; and for how long something is tried. */
const pauses = { first: 5_000, longest: 3_600_000 }
const triedForMs = 24 * 3_600_000

/**
 * The letter after another attempt has failed. It is dead when it was tried for a day: since it happened, or since the group's
 * letters began to be refused (`since`) if that was later, so that what waited behind something that was given up is not tried for
 * another day each. The last attempt is at the end of that day.
 */
export function refused(letter: Letter, failure: string, now: number): Letter {
  const since = letter.since ?? now
  const left = Math.max(since, letter.at) + triedForMs - now
  const pause = Math.min(pauses.longest, pauses.first * 2 ** Math.min(letter.attempts, 20), left)
  return { ...letter, attempts: letter.attempts + 1, since, failure, dueAt: left > 0 ? now + pause : null }
}
