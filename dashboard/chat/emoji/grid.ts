/**
 * Where a key leads in groups of cells that stand below each other, each group in rows of so many columns: the index over all cells;
 * null where the key leads nowhere.
 */
export function moveInGrid(
  sizes: readonly number[],
  columns: number,
  at: number,
  key: string,
): number | null {
  const rows: { first: number; length: number }[] = []
  let count = 0
  for (const size of sizes) {
    for (let done = 0; done < size; done += columns)
      rows.push({ first: count + done, length: Math.min(columns, size - done) })
    count += size
  }
  const row = rows.findIndex(({ first, length }) => at >= first && at < first + length)
  const current = rows[row]
  if (!current) return null
  const column = at - current.first
  const inRow = (index: number): number | null => {
    const to = rows[index]
    return to ? to.first + Math.min(column, to.length - 1) : null
  }
  const inside = (to: number): number | null => (to >= 0 && to < count ? to : null)
  switch (key) {
    case 'ArrowRight':
      return inside(at + 1)
    case 'ArrowLeft':
      return inside(at - 1)
    case 'ArrowDown':
      return inRow(row + 1)
    case 'ArrowUp':
      return inRow(row - 1)
    case 'Home':
      return current.first
    case 'End':
      return current.first + current.length - 1
    default:
      return null
  }
}
