/** How many attempts of one kind may be made in any span of `windowMs` milliseconds. */
export interface Budget {
  readonly key: string
  readonly most: number
  readonly windowMs: number
}

/** The same for whatever key; `most` 0 is no limit. */
export type Frequency = Omit<Budget, 'key'>

/**
 * How many milliseconds it takes until one more attempt is within the budget; 0: it is now. `times` are when the last attempts were made,
 * at least `most` of them if there were so many, oldest first.
 */
export function missingMs(
  { most, windowMs }: Pick<Budget, 'most' | 'windowMs'>,
  times: readonly number[],
  at: number,
): number {
  const oldest = times.at(-most)
  return oldest === undefined ? 0 : Math.max(0, oldest + windowMs - at)
}
