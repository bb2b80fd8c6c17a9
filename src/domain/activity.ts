const weekMs = 7 * 24 * 3_600_000
/** Weights are powers of two that a double can hold until about 2059. */
const landmark = Date.UTC(2040, 0, 1)

/**
 * What a message adds to its group's activity. A message adds twice as much as one of the week before, which ranks groups as if all
 * older messages were halved each week. So activity is one number a group, and the numbers of quiet groups never have to be updated.
 */
export const activityOf = (at: number): number => 2 ** ((at - landmark) / weekMs)
