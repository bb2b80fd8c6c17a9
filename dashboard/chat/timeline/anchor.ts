import type { Row } from './rows.ts'
import type { Stack } from './stack.ts'

/** The row that stays where it is, by how far it is below the upper edge, whatever happens to those above it. */
export interface Anchor {
  readonly row: Row
  /** Where it was among the rows. */
  index: number
  readonly offset: number
}

/** A row that begins nearer to the lower edge than this is hardly seen. */
const edgePx = 12

/**
 * The first message that begins in what is seen, or else the one that is seen: one that is cut off may change its height above the
 * edge, and a line of a day goes up when older messages come. null where there are no rows.
 */
export function anchorIn(stack: Stack, top: number, height: number): Anchor | null {
  let index = stack.indexAt(top + 1)
  const isGood = (row: Row): boolean => row.kind === 'message' && stack.placeOf(row) >= top
  for (let row = stack.rows[index]; row && !isGood(row); row = stack.rows[++index]);
  const good = stack.rows[index]
  const isSeen = good && stack.placeOf(good) < top + height - edgePx
  const row = isSeen ? good : stack.rows[stack.indexAt(top + 1)]
  return row ? { row, index: row.index, offset: stack.placeOf(row) - top } : null
}

/** Of an anchor whose message is gone: the next of the rows of before that is still there takes its place. */
export function anchorAfter({ index, offset }: Anchor, before: readonly Row[], stack: Stack): Anchor | null {
  let at = index
  let below = offset
  for (let row = before[at]; row && !stack.has(row); row = before[++at]) below += row.height
  const row = before[at]
  return row ? { row, index: at, offset: below } : null
}
