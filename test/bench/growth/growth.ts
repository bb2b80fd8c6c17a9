/** What was measured, in words, and the figure that is held to a bound. */
export interface Growth {
  readonly action: string
  readonly large: string
  readonly small: string
  readonly figure: number
  /** At most. */
  readonly bound: number
}
