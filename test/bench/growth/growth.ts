/** What was measured, in words, and the figure that is held to a bound. */
export interface Growth {
  readonly action: string
  readonly large: string
  readonly small: string
  readonly figure: number
  /** At most. */
  readonly bound: number
}

export type Measurement = () => Promise<Growth | readonly Growth[]>

/**
 * Two rows of one thing that was measured in milliseconds, large beside small: the time itself, and what it is to that of the
 * small one; or the first only, without a bound for the second.
 */
export function held(
  action: string,
  large: number,
  small: number,
  bounds: { ms: number; ratio?: number },
): Growth[] {
  const words = { large: `${large.toFixed(1)} ms`, small: `${small.toFixed(1)} ms` }
  const rows: Growth[] = [{ action: `${action}: ms`, ...words, figure: large, bound: bounds.ms }]
  if (bounds.ratio !== undefined)
    rows.push({ action: `${action}: large to small`, ...words, figure: large / small, bound: bounds.ratio })
  return rows
}
