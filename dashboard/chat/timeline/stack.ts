import type { Row } from './rows.ts'

/** Rows that stand upon each other under a head: which place each has, and what is to be drawn where. All in pixels. */
export interface Stack {
  readonly rows: readonly Row[]
  readonly head: number
  readonly whole: number
  setRows(rows: readonly Row[]): void
  /** Returns whether it was another. */
  setHead(height: number): boolean
  has(row: Row): boolean
  /** The upper edge of the row. */
  placeOf(row: Row): number
  /** Of these rows together. */
  heightOf(from: number, to: number): number
  /** Which row is at this height of the whole. */
  indexAt(place: number): number
  /** Where so much is seen from this height on: rows `first` to `last` have to be drawn, `from` to `to` may be. */
  around(place: number, height: number): { first: number; last: number; from: number; to: number }
}

/** Rows are drawn so many pixels around what is seen at once, */
const near = 400
/** and so many more on each side later: so a scroll seldom meets what is not drawn. */
const spare = 90
/** But never more than these in all. */
const mostRows = 290

/** Sums are made anew each time: of 10,000 numbers that takes less than keeping a tree of them true. */
export function createStack(): Stack {
  let rows: readonly Row[] = []
  let head = 0

  const heightOf = (from: number, to: number): number => {
    let all = 0
    for (let i = from; i < to; i++) all += rows[i]?.height ?? 0
    return all
  }

  function indexAt(place: number): number {
    let left = place - head
    for (let i = 0; i < rows.length; i++) {
      left -= rows[i]?.height ?? 0
      if (left <= 0) return i
    }
    return Math.max(0, rows.length - 1)
  }

  return {
    get rows() {
      return rows
    },
    get head() {
      return head
    },
    get whole() {
      return head + heightOf(0, rows.length)
    },
    setRows(next) {
      rows = next
    },
    setHead(height) {
      const isOther = height !== head
      head = height
      return isOther
    },
    has: (row) => rows[row.index] === row,
    placeOf: (row) => head + heightOf(0, row.index),
    heightOf,
    indexAt,
    around(place, height) {
      const first = indexAt(place - near)
      const last = Math.min(rows.length, indexAt(place + height + near) + 1)
      const more = Math.max(0, Math.min(spare, (mostRows - (last - first)) >> 1))
      return { first, last, from: Math.max(0, first - more), to: Math.min(rows.length, last + more) }
    },
  }
}
