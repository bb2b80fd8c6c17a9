const weekMs = 7 * 24 * 3_600_000
/** Weights are powers of two that a double can hold until about 2059. */
const landmark = Date.UTC(2040, 0, 1)

/**
 * What a message adds to its group's heat. Twice as much with every week, which is the same as if all older ones were
 * halved: so groups can be ranked by activity, kept as one number each, and nobody ever has to touch the quiet ones.
 */
export const activityOf = (at: number): number => 2 ** ((at - landmark) / weekMs)
