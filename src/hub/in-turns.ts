/**
 * Does the work for each item, `perTurn` of them in this turn of the event loop and in each that follows, so that a
 * thousand at once hold up nobody else. The work must not throw.
 */
export function inTurns<T>(items: readonly T[], perTurn: number, work: (item: T) => void): void {
  for (const item of items.slice(0, perTurn)) work(item)
  if (items.length > perTurn) setImmediate(inTurns, items.slice(perTurn), perTurn, work)
}
